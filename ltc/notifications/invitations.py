"""Inviting people into a workspace."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from ltc.notifications.services import send_mail
from ltc.tenancy.context import current_tenant_id
from ltc.tenancy.models import Tenant
from ltc.users.actors import Actor
from ltc.users.models import Team
from ltc.users.services import invitation_token


def invite(*, actor: Actor, email: str, role: str, team: Team | None = None, link_for: Callable[[str], str]) -> None:
    """Send somebody the link by which they join; `link_for` makes the address of a token. Raises Forbidden, Refusal."""
    token = invitation_token(email=email, role=role, team=team, invited_by=actor)
    company = Tenant.objects.get(pk=current_tenant_id()).name
    text = _("%(name)s invites you to work with %(company)s on LTC.\n\nJoin here within 7 days:\n%(link)s")
    send_mail(
        to=email, subject=_("Join %s on LTC") % company, body=text % {"name": actor.label, "company": company, "link": link_for(token)}
    )
