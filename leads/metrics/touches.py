"""The touches of leads with our marketing, in order of time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models.functions import Coalesce

from leads.attribution import Model, split
from leads.models import LeadTouch
from ltc.analytics.past import CHUNK

UNATTRIBUTED = "unattributed"


@dataclass(frozen=True, slots=True)
class Touch:
    """One contact: when, through which channel, in which campaign, from which source."""

    at: datetime | None
    channel: str
    campaign: str = ""
    source: str = ""

    def name(self, by: str) -> str:
        """What merit is booked on: the channel, the campaign (or that there was none), the source."""
        return str(getattr(self, by) or UNATTRIBUTED)


class Trail:
    """The touches of the given leads, those of leads that were merged into them included."""

    def __init__(self, leads: Any) -> None:
        self._of: dict[Any, list[Touch]] = {}
        rows = LeadTouch.objects.annotate(survivor=Coalesce("lead__merged_into", "lead")).filter(survivor__in=leads)
        columns = ("survivor", "occurred_at", "channel__code", "campaign__name", "utm", "channel__kind")
        for lead, at, channel, campaign, utm, kind in rows.order_by("occurred_at", "pk").values_list(*columns).iterator(chunk_size=CHUNK):
            source = str((utm or {}).get("source") or (utm or {}).get("utm_source") or kind)
            self._of.setdefault(lead, []).append(Touch(at, channel, campaign or "", source))

    def before(self, lead: Any, moment: datetime | None, *, channel: str = "") -> list[Touch]:
        """The touches of a lead up to an instant; its channel, if none is known; nothing, if that is not known either."""
        touches = self._of.get(lead, [])
        if moment is not None:
            touches = [touch for touch in touches if touch.at is None or touch.at <= moment] or touches[:1]
        if touches:
            return touches
        return [Touch(moment, channel)] if channel else []


def merit(amount: Decimal, touches: Iterable[Touch], by: str, places: int = 2) -> dict[str, dict[Model, Decimal]]:
    """An amount by what its touches name, under each model; the shares of each model sum to the amount."""
    known = list(touches)
    if not known:
        return {UNATTRIBUTED: dict.fromkeys(Model, amount)}
    found: dict[str, dict[Model, Decimal]] = {}
    for model in Model:
        for touch, share in zip(known, split(amount, model, len(known), places), strict=True):
            line = found.setdefault(touch.name(by), dict.fromkeys(Model, Decimal(0)))
            line[model] += share
    return found
