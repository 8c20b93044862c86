"""The dashboards: which figures and panels each shows, and to whom. Data; a code that no stage offers is left out."""

from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from ltc.users.roles import Role


@dataclass(frozen=True)
class Board:
    """A dashboard. `headlines` are codes of metrics; `parts` are the figures below them, in order (see `ltc.analytics.parts`)."""

    code: str
    label: Any
    headlines: tuple[str, ...]
    parts: tuple[str, ...]


OVERVIEW = Board(
    "overview", _("Lead to cash"),
    ("lead.count", "opp.win_rate", "cycle.lead_to_cash.median", "fc.coverage", "ar.dso.countback", "cash.collected"),
    ("funnel", "flow", "forecast", "ar.aging", "opp.lost_reasons", "attainment"),
)  # fmt: skip
SALES = Board(
    "sales", _("Sales"),
    ("fc.attainment", "fc.coverage", "opp.win_rate", "cycle.lead_to_won", "opp.average_won", "sales.velocity"),
    ("forecast", "attainment", "opp.won_by_owner", "opp.lost_reasons", "conversion", "stage_time", "channels"),
)  # fmt: skip
MINE = Board(
    "mine", _("My numbers"),
    ("lead.count", "lead.first_response.in_time", "lead.conversion.cohort", "opp.win_rate", "fc.attainment", "pipeline.open"),
    ("funnel", "forecast", "opp.lost_reasons", "stage_time", "ar.aging"),
)  # fmt: skip
MARKETING = Board(
    "marketing", _("Marketing"),
    ("lead.count", "lead.mql_rate", "lead.conversion.cohort", "lead.disqualified_rate", "lead.traceability", "cac.marketing"),
    ("funnel", "flow", "channels"),
)  # fmt: skip
DELIVERY = Board(
    "delivery", _("Delivery"),
    ("otd.order", "otd.line", "otif.line", "delivery.late_days", "csat", "nps"),
    ("punctuality", "late_and_unpaid"),
)  # fmt: skip
FINANCE = Board(
    "finance", _("Finance"),
    ("ar.closing", "ar.overdue_rate", "ar.dso.countback", "coll.on_time", "ar.cei", "cash.collected"),
    ("ar.aging", "cash_by_channel", "collection", "late_and_unpaid"),
)  # fmt: skip
EXECUTIVE = Board(
    "executive", _("Executive"),
    ("lead.conversion.cohort", "opp.win_rate", "otd.order", "csat", "coll.on_time", "cash.collected"),
    ("funnel", "forecast", "cash_by_channel", "customers", "ar.aging", "attainment"),
)  # fmt: skip

BOARDS: Final = {board.code: board for board in (OVERVIEW, SALES, MINE, MARKETING, DELIVERY, FINANCE, EXECUTIVE)}
BOARDS_OF: Final[dict[str, tuple[Board, ...]]] = {
    Role.REP: (MINE, OVERVIEW),
    Role.MANAGER: (OVERVIEW, SALES, MINE),
    Role.PRESALES: (MINE, OVERVIEW),
    Role.DELIVERY: (DELIVERY,),
    Role.FINANCE: (FINANCE, OVERVIEW),
    Role.MARKETING: (MARKETING, OVERVIEW),
    Role.ADMIN: (OVERVIEW, SALES, MARKETING, DELIVERY),
    Role.EXECUTIVE: (EXECUTIVE, OVERVIEW, SALES, MARKETING, DELIVERY, FINANCE),
}
WITHOUT_AMOUNTS: Final = frozenset({Role.ADMIN, Role.MARKETING})
"""Roles that are told numbers and rates but no sums of money of customers."""


def boards_of(role: str) -> tuple[Board, ...]:
    """The dashboards of a role, the one that it opens with first."""
    return BOARDS_OF.get(role, ())
