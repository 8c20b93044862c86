"""One look at the numbers, as the address of a page says it: period, comparison, team."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import Http404
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from ltc.analytics.counted import Question
from ltc.analytics.narrowed import TeamOnly, teams_of
from ltc.analytics.periods import MONTHS, Length, Period, period_of
from ltc.refusals import Forbidden
from ltc.users.models import Team

FURTHEST = 400
COMPARISONS = ("before", "year")


@dataclass
class Look:
    """`offset` counts periods back from the running one; `compare` names what it is held against; `team` narrows the records."""

    actor: Any
    today: date
    now: Any
    zone: ZoneInfo
    length: Length = Length.QUARTER
    offset: int = 0
    compare: str = "before"
    team: Team | None = None

    @cached_property
    def period(self) -> Period:
        return period_of(self.today, self.length, self.zone, self.offset)

    @cached_property
    def other(self) -> Period:
        """The period that this one is compared with."""
        return self.back(1 if self.compare == "before" else 12 // MONTHS[self.length])

    def back(self, number: int) -> Period:
        """The period so many before this one."""
        return period_of(self.today, self.length, self.zone, self.offset - number)

    @cached_property
    def asker(self) -> Any:
        return TeamOnly(self.actor, self.team) if self.team else self.actor

    def question(self, by: str = "") -> Question:
        return Question(self.period, self.now, self.asker, by)

    def url(self, path: str = "", **other: Any) -> str:
        """The address of a page that looks the same way, but for what is named otherwise."""
        told = {
            "period": self.length.value, "offset": self.offset or None, "compare": self.compare if self.compare != "before" else None,
            "team": self.team.pk if self.team else None, **other,
        }  # fmt: skip
        return path + "?" + urlencode({name: value for name, value in told.items() if value not in (None, "")})


def look_of(request: Any) -> Look:
    """How a request looks at the numbers; what its address says wrongly is passed over. Raises Http404, Forbidden."""
    if request.actor is None:
        raise Http404
    if not request.actor.has_perm("metrics.view"):
        raise Forbidden(_("Your role does not include the dashboards."))
    zone, now = ZoneInfo(request.tenant.time_zone), timezone.now()
    asked = request.GET
    look = Look(request.actor, now.astimezone(zone).date(), now, zone)
    if asked.get("period") in list(Length):
        look.length = Length(asked["period"])
    offset = asked.get("offset", "0")
    if offset.lstrip("-").isdecimal() and len(offset) < 6 and -FURTHEST <= int(offset) <= 0:
        look.offset = int(offset)
    if asked.get("compare") in COMPARISONS:
        look.compare = asked["compare"]
    if wanted := asked.get("team"):
        look.team = next((team for team in teams_of(request.actor) if team.pk == _uuid(wanted)), None)
    return look


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def name_of(period: Period, length: Length) -> str:
    """What people call a period."""
    first = period.first
    if length is Length.YEAR:
        return str(first.year)
    if length is Length.QUARTER:
        return _("Q%(quarter)d %(year)d") % {"quarter": (first.month + 2) // 3, "year": first.year}
    return date_format(first, "YEAR_MONTH_FORMAT")
