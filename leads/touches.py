"""Where leads meet our marketing: what an address says of it, each meeting noted once, the first and the last of them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from leads.models import Campaign, Channel, Lead, LeadTouch
from ltc.customers.origin import Ends
from ltc.refusals import Forbidden
from ltc.users.actors import Actor

UTM = ("source", "medium", "campaign", "term", "content", "id")
CLICK_IDS = ("gclid", "wbraid", "gbraid", "msclkid", "fbclid", "li_fat_id", "ttclid", "bd_vid", "qhclickid", "sogou_vid")
LONGEST = 2000


def told_by(url: str) -> dict[str, Any]:
    """What a landing page's address says: {utm, click_id}, the click id with its kind in front (`gclid:abc`). Pure."""
    said = dict(parse_qsl(urlsplit(url).query)) if url else {}
    utm = {name: said[f"utm_{name}"][:200] for name in UTM if said.get(f"utm_{name}")}
    click = next((f"{name}:{said[name]}" for name in CLICK_IDS if said.get(name)), "")
    return {"utm": utm, "click_id": click[:300]}


def completed(touch: Mapping[str, Any]) -> dict[str, Any]:
    """A touch with what its address says, where nobody said it otherwise."""
    told = told_by(str(touch.get("url") or ""))
    return {**touch, "utm": touch.get("utm") or told["utm"], "click_id": touch.get("click_id") or told["click_id"]}


@transaction.atomic
def record_touch(
    lead: Lead, *, actor: Actor, channel: Channel | None = None, campaign: Campaign | None = None, **touch: Any
) -> tuple[LeadTouch, bool]:
    """Note that a lead met our marketing again, and whether that is news: one of the same `dedupe_key` counts once. Raises Forbidden.

    Without a channel it is the lead's own.
    """
    if not actor.has_perm("leads.change", lead) and not actor.has_perm("leads.add"):
        raise Forbidden(_("You may not add to this lead. Ask its owner or your manager."))
    known = LeadTouch.objects.filter(dedupe_key=touch.get("dedupe_key") or None).first()
    if known is not None:
        return known, False
    values = {"kind": LeadTouch.Kind.VISIT, "occurred_at": timezone.now(), **completed(touch)}
    met = LeadTouch.objects.create(lead=lead, channel=channel or lead.channel, campaign=campaign, **values)
    keep_ends(lead, family(lead))
    return met, True


def family(lead: Lead) -> Q:
    """The rows of a lead's trail and of those that were merged into it."""
    return Q(lead=lead.pk) | Q(lead__merged_into=lead.pk)


def keep_ends(lead: Lead, of: Q) -> None:
    """Write down on a lead which of these touches was the first and which the last; derived, so it makes no new version."""
    touches = LeadTouch.objects.filter(of).select_related("channel", "campaign")
    first, last = touches.order_by("occurred_at", "id").first(), touches.order_by("-occurred_at", "-id").first()
    lead.touch_ends = ends_of(first, last) if first is not None and last is not None else {}
    Lead.objects.filter(pk=lead.pk).update(touch_ends=lead.touch_ends)


def ends_of(first: LeadTouch, last: LeadTouch) -> Ends:
    """Two touches as the records on the way to cash keep them."""
    return {"first": _kept(first), "last": _kept(last)}


def _kept(touch: LeadTouch) -> dict[str, Any]:
    known = described(touch)
    kept = {name: known[name] for name in ("channel", "campaign", "kind", "occurred_at", "utm")}
    return {**kept, "channel_name": touch.channel.name}


def first_and_last(leads: Iterable[Any]) -> dict[Any, dict[str, dict[str, Any]]]:
    """The first and the last touch of each lead (ids), what was merged into it included: {lead: {first, last}}. One query."""
    ids = list(leads)
    rows = LeadTouch.objects.annotate(survivor=Coalesce("lead__merged_into", "lead")).filter(survivor__in=ids)
    found: dict[Any, dict[str, dict[str, Any]]] = {}
    for row in rows.select_related("channel", "campaign").order_by("occurred_at", "id") if ids else ():
        ends = found.setdefault(row.survivor, {"first": described(row)})
        ends["last"] = described(row)
    return found


def described(touch: LeadTouch) -> dict[str, Any]:
    """A touch as the trace and programs show it."""
    return {
        "channel": touch.channel.code,
        "campaign": touch.campaign.name if touch.campaign is not None else None,
        "kind": touch.kind,
        "occurred_at": _instant(touch.occurred_at),
        "url": touch.url,
        "referrer": touch.referrer,
        "utm": touch.utm,
        "click_id": touch.click_id,
    }


def _instant(at: datetime) -> str:
    return at.astimezone(timezone.get_default_timezone()).isoformat().replace("+00:00", "Z")
