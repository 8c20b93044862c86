"""The rule score of a lead: how well it fits and how engaged it is, with every point accounted for. Pure.

Source: the scorecard with time decay that docs/domain.md retells; weights and points are data, so a tenant may change them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

CENT, FINE = Decimal("0.01"), Decimal("1e-12")
SECONDS_PER_DAY = 86_400
# A type of event counts for so much at most, whichever way.
TYPE_CAP = 50.0
GRADES = ((Decimal(75), "A"), (Decimal(50), "B"), (Decimal(25), "C"))
ACTIVITY_DIGITS = ((Decimal(60), "1"), (Decimal(30), "2"), (Decimal(10), "3"))
MQL_SCORE, MQL_FIT, MQL_FIT_OF_REQUEST = 60, Decimal(40), Decimal(25)
MQL_REQUESTS = frozenset({"quote_request", "demo_request"})
MQL_REQUEST_WITHIN = timedelta(days=14)


@dataclass(frozen=True)
class EventRule:
    """What one event of a type is worth when it happens, its half-life in days, and how many of one day count."""

    points: Decimal
    half_life: float
    daily_cap: int


def event_rule(points: int, half_life: float, daily_cap: int) -> EventRule:
    return EventRule(Decimal(points), half_life, daily_cap)


EVENT_RULES: Mapping[str, EventRule] = {
    "quote_request": event_rule(40, 30, 1),
    "demo_request": event_rule(35, 30, 1),
    "meeting_held": event_rule(30, 30, 1),
    "event_attended": event_rule(20, 30, 1),
    "form_submit": event_rule(15, 14, 1),
    "call_connected": event_rule(12, 14, 2),
    "content_download": event_rule(10, 14, 2),
    "wecom_reply": event_rule(8, 14, 3),
    "page_view_pricing": event_rule(6, 7, 2),
    "email_click": event_rule(4, 7, 3),
    "email_open": event_rule(1, 7, 3),
    "page_view": event_rule(1, 7, 5),
    "no_show": event_rule(-10, 30, 1),
    "unsubscribe": event_rule(-25, 90, 1),
    "email_bounced": event_rule(-15, 90, 1),
}
SIZE_BANDS = ((1000, "1000+", 18), (200, "200-999", 20), (50, "50-199", 15), (10, "10-49", 8), (1, "1-9", 2))


@dataclass(frozen=True)
class ScoringRules:
    """Points, weights and lists of one tenant. The default is the product's scorecard, which sums to 100."""

    industry_match: Mapping[str, int] = field(default_factory=lambda: {"target": 25, "adjacent": 12, "other": 0})
    size_employees: Mapping[str, int] = field(default_factory=lambda: {name: points for _low, name, points in SIZE_BANDS})
    region: Mapping[str, int] = field(default_factory=lambda: {"core": 10, "adjacent": 6, "other": 2})
    seniority: Mapping[str, int] = field(default_factory=lambda: {"decision_maker": 20, "manager": 14, "engineer": 8, "other": 2})
    budget: Mapping[str, int] = field(default_factory=lambda: {"approved": 15, "planned": 8, "none": 0})
    timeline: Mapping[str, int] = field(default_factory=lambda: {"le3m": 10, "m4_6": 6, "m7_12": 3, "gt12m": 0})
    deductions: Mapping[str, int] = field(
        default_factory=lambda: {"personal_mail": -5, "student": -30, "unreachable": -10, "competitor": -100}
    )
    events: Mapping[str, EventRule] = field(default_factory=lambda: EVENT_RULES)
    fit_weight: Decimal = Decimal("0.6")
    engagement_weight: Decimal = Decimal("0.4")
    core_regions: frozenset[str] = frozenset()
    adjacent_regions: frozenset[str] = frozenset()
    target_industries: frozenset[str] = frozenset()
    adjacent_industries: frozenset[str] = frozenset()
    competitor_domains: frozenset[str] = frozenset()
    blocked_domains: frozenset[str] = frozenset()
    blocked_contacts: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.fit_weight + self.engagement_weight != 1:
            raise ValueError("The weights of fit and engagement must add up to one.")
        if min(self.fit_weight, self.engagement_weight) < 0:
            raise ValueError("The weights of fit and engagement must not be negative.")


FACTORS = ("industry_match", "size_employees", "region", "seniority", "budget", "timeline")
PERSONAL_MAIL = frozenset(
    "gmail.com googlemail.com outlook.com hotmail.com live.com yahoo.com icloud.com aol.com gmx.de web.de protonmail.com "
    "qq.com foxmail.com 163.com 126.com yeah.net sina.com sina.cn sohu.com 139.com 189.cn aliyun.com".split()
)
STUDENT_ENDINGS = (".edu", ".edu.cn", ".ac.uk")


@dataclass(frozen=True)
class LeadFacts:
    """What the scorecard looks at. An empty value is missing. `region` and `size_employees` are classes already."""

    industry_match: str = ""
    size_employees: str = ""
    region: str = ""
    seniority: str = ""
    budget: str = ""
    timeline: str = ""
    marks: frozenset[str] = frozenset()
    is_blocked: bool = False


@dataclass(frozen=True)
class Behaviour:
    """One event of a lead; `quantity` of them at once count as so many. `order` decides among events of one moment."""

    type: str
    occurred_at: datetime
    quantity: int = 1
    order: int = 0


@dataclass(frozen=True)
class ScoreLine:
    """One reason of a score. The points of all lines sum to the score.

    `possible` are the points that a missing fact could still bring.
    """

    part: str
    code: str
    value: str
    points: Decimal
    possible: Decimal | None = None

    def as_json(self) -> dict[str, Any]:
        line = {"part": self.part, "code": self.code, "value": self.value, "points": f"{self.points:f}"}
        return line if self.possible is None else {**line, "possible": f"{self.possible:f}"}


@dataclass(frozen=True)
class Score:
    """The outcome: fit and engagement 0 to 100 with two decimals, the score a whole number 0 to 100, `exact` before rounding."""

    fit: Decimal
    engagement: Decimal
    score: int
    grade: str
    matrix_cell: str
    lines: tuple[ScoreLine, ...]
    exact: Decimal = Decimal(0)
    is_blocked: bool = False


def size_band(employees: int | None) -> str:
    """The class of a company by its number of employees; empty if unknown."""
    return next((name for low, name, _points in SIZE_BANDS if employees and employees >= low), "")


def region_class(region: str, rules: ScoringRules) -> str:
    """Whether a region is core, adjacent or other to the tenant; empty if unknown."""
    return class_of(region, {"core": rules.core_regions, "adjacent": rules.adjacent_regions})


def industry_class(industry_match: str, industry: str, rules: ScoringRules) -> str:
    """How well an industry matches: as somebody said, else by the tenant's lists of industries, if it keeps any."""
    if industry_match not in ("", "unknown") or not (rules.target_industries or rules.adjacent_industries):
        return industry_match
    return class_of(industry, {"target": rules.target_industries, "adjacent": rules.adjacent_industries})


def class_of(name: str, lists: Mapping[str, frozenset[str]]) -> str:
    """The list on which a name stands, `other` if on none; empty if there is no name."""
    folded = name.strip().lower()
    return next((found for found, names in lists.items() if folded in names), "other") if folded else ""


def marks_of(*, email: str, phone: str, rules: ScoringRules) -> frozenset[str]:
    """What is deducted for, by the contact data."""
    domain = email.rpartition("@")[2].lower()
    marks = {
        "personal_mail": domain in PERSONAL_MAIL,
        "student": bool(domain) and domain.endswith(STUDENT_ENDINGS),
        "unreachable": not email and not phone,
        "competitor": bool(domain) and domain in rules.competitor_domains,
    }
    return frozenset(mark for mark, holds in marks.items() if holds)


def fit(facts: LeadFacts, rules: ScoringRules) -> tuple[Decimal, list[ScoreLine]]:
    """The fit of a lead, 0.00 to 100.00, and its unweighted lines, which sum to it."""
    lines, total = [], Decimal(0)
    for factor in FACTORS:
        table, value = getattr(rules, factor), getattr(facts, factor)
        if value in ("", "unknown"):
            lines.append(ScoreLine("fit", factor, "", Decimal(0), possible=Decimal(max(table.values(), default=0))))
            continue
        points = Decimal(table.get(value, 0))
        total += points
        lines.append(ScoreLine("fit", factor, value, points))
    for mark in sorted(facts.marks):
        points = Decimal(rules.deductions.get(mark, 0))
        total += points
        lines.append(ScoreLine("fit", mark, "", points))
    return limited(total, "fit", lines)


def engagement(
    events: Iterable[Behaviour], rules: ScoringRules, *, as_of: datetime, zone: tzinfo, without: frozenset[str] = frozenset()
) -> tuple[Decimal, list[ScoreLine]]:
    """The engagement of a lead at an instant, 0.00 to 100.00, and its unweighted lines, one per type of event.

    Each event loses half its points per half-life. Of one type and local day only the first few count; the future does not, nor do
    the types in `without`. Binary floating point inside: halves, quarters and so on are exact in it, everything else to 1e-12.
    """
    sums: dict[str, float] = defaultdict(float)
    counted: dict[tuple[str, date], int] = defaultdict(int)
    for event in sorted(events, key=lambda event: (event.occurred_at, event.order)):
        rule = rules.events.get(event.type)
        if rule is None or event.occurred_at > as_of or event.type in without:
            continue
        day = event.type, event.occurred_at.astimezone(zone).date()
        times = min(event.quantity, rule.daily_cap - counted[day])
        if times <= 0:
            continue
        counted[day] += times
        sums[event.type] += times * float(rule.points) * decay(as_of - event.occurred_at, rule.half_life)
    lines, total = [], 0.0
    for type_, points in sums.items():
        points = max(-TYPE_CAP, min(TYPE_CAP, points))
        total += points
        lines.append(ScoreLine("engagement", type_, "", Decimal(points)))
    return limited(Decimal(total), "engagement", lines)


def decay(age: timedelta, half_life: float) -> float:
    """What is left of one after an age: a half per half-life in days."""
    return float(0.5 ** (age.total_seconds() / (half_life * SECONDS_PER_DAY)))


def limited(total: Decimal, part: str, lines: list[ScoreLine]) -> tuple[Decimal, list[ScoreLine]]:
    """A total within 0 and 100 to the hundredth, with a line for what the limits took or gave."""
    kept = max(Decimal(0), min(Decimal(100), total))
    if kept != total:
        lines = [*lines, ScoreLine(part, "limit", "", kept - total)]
    return kept.quantize(CENT, ROUND_HALF_UP), lines


def rule_score(facts: LeadFacts, events: Iterable[Behaviour], *, as_of: datetime, zone: tzinfo, rules: ScoringRules | None = None) -> Score:
    """The rule score of a lead at an instant, with its grade, its cell in the fit-by-engagement matrix and its reasons.

    The lines of a part sum to its weighted value, all lines to the score, both to 1e-9. A blocked lead (on the blacklist, an employee
    of ours, a test) scores nothing.
    """
    rules = rules or ScoringRules()
    if facts.is_blocked:
        return Score(Decimal("0.00"), Decimal("0.00"), 0, "D", "D4", (ScoreLine("fit", "blocked", "", Decimal(0)),), is_blocked=True)
    fit_score, fit_lines = fit(facts, rules)
    engagement_score, engagement_lines = engagement(events, rules, as_of=as_of, zone=zone)
    exact = rules.fit_weight * fit_score + rules.engagement_weight * engagement_score
    score = int(exact.quantize(Decimal(1), ROUND_HALF_UP))
    lines = [*weighted(fit_lines, fit_score, rules.fit_weight), *weighted(engagement_lines, engagement_score, rules.engagement_weight)]
    if exact != score:
        lines.append(ScoreLine("score", "rounding", "", score - exact))
    cell = grade_of(fit_score) + next((digit for low, digit in ACTIVITY_DIGITS if engagement_score >= low), "4")
    return Score(fit_score, engagement_score, score, grade_of(Decimal(score)), cell, tuple(lines), exact=exact)


def weighted(lines: Sequence[ScoreLine], total: Decimal, weight: Decimal) -> list[ScoreLine]:
    """The lines with their weight, and one for the rounding of their total, so that they sum to it exactly."""
    found = [
        replace(line, points=plain(line.points * weight), possible=None if line.possible is None else plain(line.possible * weight))
        for line in lines
    ]
    rest = plain(total * weight - sum((line.points for line in found), Decimal(0)))
    return [*found, ScoreLine(lines[0].part, "rounding", "", rest)] if rest else found


def plain(points: Decimal) -> Decimal:
    """Points to 1e-12, without zeros at the end."""
    fine = points.quantize(FINE, ROUND_HALF_UP).normalize()
    return fine.quantize(Decimal(1)) if fine == fine.to_integral_value() else fine


def grade_of(score: Decimal) -> str:
    """The letter of a score, or of a fit: A from 75, B from 50, C from 25, else D."""
    return next((grade for low, grade in GRADES if score >= low), "D")


def is_marketing_qualified(
    score: Score, events: Iterable[Behaviour], *, as_of: datetime, model_score: int | None = None, may_hand_over: bool = True
) -> bool:
    """Whether a lead is worth handing to sales: a good score and fit, or a fresh request for a quote or demonstration and some fit.

    `model_score` is the learned score where a model is active. Who has withdrawn consent (`may_hand_over` is off) is not handed over.
    """
    if not may_hand_over or score.is_blocked:
        return False
    if max(score.score, model_score or 0) >= MQL_SCORE and score.fit >= MQL_FIT:
        return True
    requested = any(event.type in MQL_REQUESTS and as_of - MQL_REQUEST_WITHIN <= event.occurred_at <= as_of for event in events)
    return requested and score.fit >= MQL_FIT_OF_REQUEST
