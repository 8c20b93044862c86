"""Teams, people and channels: the few records that a file begins with. One that is there already is taken as it is."""

import re
import uuid
from typing import Any, Final

from django.utils.text import slugify
from django.utils.translation import gettext as _

from leads.models import Channel
from ltc.tenancy.identifiers import uuid7
from ltc.users.models import Membership, Team, User
from ltc.users.services import join
from receivables.history.values import Wrong
from receivables.history.world import World

TAKEN_IN: Final = ("team", "user", "channel")
CODE = re.compile(r"[-\w]{1,40}")


def take_in(world: World, object: str, ref: str, values: dict[str, Any], data: dict[str, Any]) -> uuid.UUID:
    """The record of a line; `data` has its references as ids. Raises Wrong."""
    if object == "team":
        return _team(values["name"], data.get("parent"))
    if object == "user":
        return _user(world, values, data.get("team"))
    return _channel(ref, values)


def _team(name: str, parent: str | None) -> uuid.UUID:
    known = Team.objects.filter(name=name).first()
    if known is not None:
        if parent is not None and known.parent_id is not None and known.parent_id != uuid.UUID(parent):
            raise Wrong(
                _("There is a team of this name below another team."), _("Give the team another name, or correct its parent."), "parent"
            )
        return known.pk
    above = Team.objects.get(pk=parent) if parent else None
    return Team.objects.create(name=name, parent=above).pk


def _user(world: World, values: dict[str, Any], team: str | None) -> uuid.UUID:
    user = User.objects.filter(email=values["email"]).first()
    if user is None:
        user = User(email=values["email"], name=values["name"], language=world.tenant.locale)
        user.set_unusable_password()
        user.save()
    member = Membership.objects.filter(user=user).first()
    if member is None:
        place = Team.objects.get(pk=team) if team else None
        member = join(user=user, role=values["role"], team=place, name=values["name"])
    return member.pk


def _channel(ref: str, values: dict[str, Any]) -> uuid.UUID:
    """The channel whose code is the ref: the one that every tenant starts with becomes the file's."""
    code = ref if CODE.fullmatch(ref) else slugify(ref, allow_unicode=True)[:40] or uuid7().hex
    known = Channel.objects.filter(code=code).first()
    if known is not None and ref == code:
        if (known.name, known.kind) != (values["name"], values["kind"]) and not known.leads.exists():
            known.name, known.kind = values["name"], values["kind"]
            known.save()
        return known.pk
    if known is not None:
        code = f"{code[:27]}-{uuid7().hex[-12:]}"
    return Channel.objects.create(code=code, name=values["name"], kind=values["kind"]).pk
