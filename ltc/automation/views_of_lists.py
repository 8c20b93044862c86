"""Views of lists that people save under a name."""

import uuid

from django.utils.translation import gettext as _

from ltc.automation.models import SavedView
from ltc.refusals import Forbidden
from ltc.users.actors import Actor
from ltc.users.models import Membership


def save_view(*, actor: Actor, place: str, name: str, query: str, shared: bool = False) -> SavedView:
    """Keep how a list is seen; only managers, marketing and administrators keep one for everyone. Raises Forbidden."""
    if not isinstance(actor, Membership):
        raise Forbidden(_("Only people save views."))
    if shared and not actor.has_perm("views.share"):
        raise Forbidden(_("You may save views for yourself only."), field="shared")
    return SavedView.objects.create(name=name.strip(), place=place, query=query, owner=actor, shared=shared)


def forget_view(pk: uuid.UUID, *, actor: Actor, place: str) -> bool:
    """Delete one's own view; whether there was one."""
    found = own_view(pk, actor=actor, place=place)
    if found is None:
        return False
    found.delete()
    return True


def own_view(pk: uuid.UUID, *, actor: Actor, place: str) -> SavedView | None:
    """A view that the actor saved for a list; None if it is somebody else's."""
    return SavedView.objects.filter(pk=pk, place=place, owner=actor.pk).first()
