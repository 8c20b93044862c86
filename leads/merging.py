"""Two leads that are the same one, and two that turned out not to be."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext as _

from leads.masking import CONTACT_FIELDS
from leads.models import Lead, LeadMerge
from leads.models.choices import LeadState
from leads.touches import family, keep_ends
from leads.transition_inputs import TAKEN_OVER
from leads.waiting import rescore_soon
from ltc.activities.models import Activity
from ltc.refusals import Forbidden, Refusal
from ltc.users.actors import Actor
from ltc.workflow.engine import carries_out

UNKNOWN = ("", "unknown", None)
FIRST_TOUCH = ("captured_at", "channel_id", "campaign_id")
as_json = DjangoJSONEncoder().default


@carries_out(Lead, "merge")
def merge_lead(lead: Lead, *, actor: Actor, at: datetime, survivor: Lead, take: Iterable[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """Let a lead go on in another one, which keeps the earlier day of capture and learns what it did not know.

    `take` names fields ({"field": ...}) whose value the survivor takes from the merged lead although it has one. Activities move along;
    the append-only trail stays where it is and is read together with the survivor's.
    """
    survivor = Lead.objects.select_for_update(of=("self",)).get(pk=survivor.pk)
    if survivor.pk == lead.pk:
        raise Refusal(_("A lead cannot be merged into itself. Choose another one."), code="invalid_input", field="survivor")
    if survivor.state == LeadState.MERGED:
        raise Refusal(
            _("The lead that stays was itself merged. Choose the one that it was merged into."), code="invalid_input", field="survivor"
        )
    if not actor.has_perm("leads.merge", survivor):
        raise Forbidden(_("You may not merge into this lead. Ask your manager."))
    before = _values(survivor)
    wanted = {row["field"] for row in take or ()}
    for name in TAKEN_OVER:
        if getattr(survivor, name) in UNKNOWN or (name in wanted and getattr(lead, name) not in UNKNOWN):
            setattr(survivor, name, getattr(lead, name))
    if not any(getattr(survivor, name) for name in CONTACT_FIELDS):
        raise Refusal(_("Nobody could be reached any more. Keep a telephone number, an e-mail address or a WeCom name."), field="take")
    if lead.captured_at < survivor.captured_at:
        survivor.captured_at, survivor.channel, survivor.campaign = lead.captured_at, lead.channel, lead.campaign
    survivor.last_activity_at = max(filter(None, [survivor.last_activity_at, lead.last_activity_at]), default=None)
    survivor.save()
    keep_ends(survivor, family(survivor) | family(lead))
    after = _values(survivor)
    LeadMerge.objects.create(
        lead=lead,
        survivor=survivor,
        state_before=lead.state,
        merged_at=at,
        changed={name: [before[name], after[name]] for name in before if before[name] != after[name]},
        activities=[
            str(pk) for pk in _move(Activity.objects.filter(subject=lead.pk), subject=survivor.pk, subject_name=str(survivor)[:200])
        ],
        followers=[str(pk) for pk in _move(Lead.objects.filter(merged_into=lead), merged_into=survivor)],
    )
    if survivor.is_open:
        rescore_soon(survivor)
    return {"survivor": survivor}


@carries_out(Lead, "unmerge")
def unmerge_lead(lead: Lead, *, actor: Actor, at: datetime) -> dict[str, Any]:
    """Make two leads of one again. What was changed since stays with the one that stayed; if it has moved on, nothing is taken apart."""
    merge = LeadMerge.objects.select_for_update(of=("self",)).filter(lead=lead, undone_at__isnull=True).first()
    if merge is None:
        raise Refusal(_("This merge was made before merges could be taken back."), code="not_undoable")
    survivor = Lead.objects.select_for_update(of=("self",)).get(pk=merge.survivor_id)
    if not actor.has_perm("leads.merge", survivor):
        raise Forbidden(_("You may not take this merge back. Ask your manager."))
    moved_on = survivor.state_changed_at is not None and survivor.state_changed_at > merge.merged_at
    if not survivor.is_open or moved_on or lead.merged_into_id != survivor.pk:
        sentence = _("%(lead)s has moved on since: the merge cannot be taken back any more.")
        raise Refusal(sentence % {"lead": survivor}, code="built_on")
    now = _values(survivor)
    for name, (was, became) in merge.changed.items():
        if now[name] == became:
            setattr(survivor, name, _value(name, was))
    survivor.save()
    _move(Activity.objects.filter(pk__in=merge.moved(), subject=survivor.pk), subject=lead.pk, subject_name=str(lead)[:200])
    _move(Lead.objects.filter(pk__in=merge.followers, merged_into=survivor), merged_into=lead)
    keep_ends(survivor, family(survivor) & ~models.Q(lead=lead.pk))
    merge.undone_at = at
    merge.save()
    for each in (lead, survivor):
        rescore_soon(each)
    return {"state_before": merge.state_before}


def differences(lead: Lead, survivor: Lead) -> list[dict[str, Any]]:
    """The fields in which two leads differ: {name, label, theirs, ours}; for who chooses what is kept."""
    return [
        {
            "name": name,
            "label": Lead._meta.get_field(name).verbose_name,  # type: ignore[union-attr]
            "theirs": _shown(lead, name),
            "ours": _shown(survivor, name),
        }
        for name in TAKEN_OVER
        if getattr(lead, name) not in UNKNOWN and getattr(lead, name) != getattr(survivor, name)
    ]


def _shown(lead: Lead, name: str) -> str:
    value = getattr(lead, name)
    label = getattr(lead, f"get_{name}_display", None)
    return "" if value in UNKNOWN else str(label() if label else value)


def _values(lead: Lead) -> dict[str, Any]:
    """The fields that merging touches, as JSON keeps them."""
    found = {name: getattr(lead, name) for name in (*TAKEN_OVER, *FIRST_TOUCH, "last_activity_at")}
    return {name: value if value is None or isinstance(value, (str, int)) else _plain(value) for name, value in found.items()}


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(as_json(value))


def _value(name: str, stored: Any) -> Any:
    field: Any = Lead._meta.get_field(name.removesuffix("_id"))
    if stored is None or isinstance(field, models.ForeignKey):
        return stored
    return field.to_python(stored)


def _move(rows: Any, **changes: Any) -> list[str]:
    ids = list(rows.values_list("pk", flat=True))
    rows.model.objects.filter(pk__in=ids).update(**changes)
    return [str(pk) for pk in ids]
