"""Keeping the channels on which leads come, and the campaigns on them."""

from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from leads.models import Campaign, Channel
from ltc.refusals import Forbidden, Refusal
from ltc.users.actors import Actor


@transaction.atomic
def create_channel(*, actor: Actor, name: str, code: str = "", **fields: Any) -> Channel:
    """A new way on which leads reach us. Without a code it gets one from its name. Raises Forbidden, Refusal, ValidationError."""
    if not actor.has_perm("channels.add"):
        raise Forbidden(_("You may not add sources. Ask your administrator."))
    return _saved(Channel(name=name, code=code or slugify(name, allow_unicode=True)[:40], **fields))


@transaction.atomic
def update_channel(channel: Channel, *, actor: Actor, **changes: Any) -> Channel:
    """Change a channel; its leads stay its leads. Raises Forbidden, Refusal, ValidationError."""
    if not actor.has_perm("channels.change", channel):
        raise Forbidden(_("You may not change sources. Ask your administrator."))
    return _saved(_changed(Channel.objects.select_for_update().get(pk=channel.pk), changes))


@transaction.atomic
def create_campaign(*, actor: Actor, **fields: Any) -> Campaign:
    """A new campaign on a channel. Raises Forbidden, ValidationError."""
    if not actor.has_perm("channels.add"):
        raise Forbidden(_("You may not add campaigns. Ask your administrator."))
    return _saved(Campaign(**fields))


@transaction.atomic
def update_campaign(campaign: Campaign, *, actor: Actor, **changes: Any) -> Campaign:
    """Change a campaign. Raises Forbidden, ValidationError."""
    if not actor.has_perm("channels.change", campaign):
        raise Forbidden(_("You may not change campaigns. Ask your administrator."))
    return _saved(_changed(Campaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk), changes))


def _changed(record: Any, changes: dict[str, Any]) -> Any:
    for name, value in changes.items():
        setattr(record, name, value)
    return record


def _saved(record: Any) -> Any:
    if isinstance(record, Channel) and not record.code:
        raise Refusal(_("Give a code of letters, digits and hyphens."), code="invalid_input", field="code")
    record.full_clean()
    record.save()
    return record
