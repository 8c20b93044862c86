"""The reasons of a score in words, for people."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from leads.models import Lead, LeadEvent
from leads.models.choices import Budget, IndustryMatch, Seniority, Timeline

LABELS: dict[str, Any] = {
    "industry_match": _("Industry"),
    "size_employees": _("Employees"),
    "region": _("Region"),
    "seniority": _("Seniority"),
    "budget": _("Budget"),
    "timeline": _("Wants to buy"),
    "personal_mail": _("Personal mail address"),
    "student": _("Student"),
    "unreachable": _("No telephone and no e-mail"),
    "competitor": _("Competitor"),
    "blocked": _("Blocked: one of ours, or a test"),
    "limit": _("Limited to 0 to 100"),
    "rounding": _("Rounding"),
    "baseline": _("An average lead"),
    "channel": _("Source"),
    "engagement": _("Engagement"),
    "requests": _("Own requests"),
    "has_phone": _("Telephone is known"),
    "is_existing_customer": _("Is a customer already"),
    **dict(LeadEvent.Type.choices),
}
VALUES: dict[str, dict[str, Any]] = {
    "industry_match": dict(IndustryMatch.choices),
    "seniority": dict(Seniority.choices),
    "budget": dict(Budget.choices),
    "timeline": dict(Timeline.choices),
    "region": {"core": _("core"), "adjacent": _("adjacent"), "other": _("other")},
}
ANSWERS = {"yes": pgettext_lazy("answer", "yes"), "": pgettext_lazy("answer", "no")}
ANSWERED = ("personal_mail", "has_phone", "is_existing_customer")
REMAINDERS = ("rounding", "limit")
FEWEST_SHOWN = Decimal("0.05")


def label_of(code: str) -> Any:
    """What a line is about, in words."""
    return LABELS.get(code, code)


def feature_in_words(code: str, own: Mapping[str, str]) -> Any:
    """What a feature of the learned score is, in words; `own` are the labels of the tenant's attributes."""
    return own.get(code) or label_of(code)


def reasons(lead: Lead, own: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
    """What made the score by rules, the weightiest first: {label, value, points}. They sum to it."""
    lines = [line for line in lead.score_lines if Decimal(line["points"]) and line["part"] != "baseline"]
    lines.sort(key=lambda line: (line["code"] in REMAINDERS, -abs(Decimal(line["points"]))))
    return [in_words(line, own or {}) for line in lines]


def in_words(line: Mapping[str, Any], own: Mapping[str, str]) -> dict[str, Any]:
    """A line of a score for people."""
    code, value = line["code"], line["value"]
    if line["part"] == "model":
        said = ANSWERS.get(value, value) if code in ANSWERED else VALUES.get(code, {}).get(value, value) or _("unknown")
    else:
        said = VALUES.get(code, {}).get(value, value)
    points = Decimal(line["points"])
    return {"label": feature_in_words(code, own), "value": said, "points": points.quantize(Decimal("0.1"))}


def for_and_against(lead: Lead, own: Mapping[str, str], most: int = 3) -> list[dict[str, Any]]:
    """The three weightiest reasons for and against of a learned score, those for it first."""
    lines = [line for line in lead.score_lines if line["part"] == "model" and abs(Decimal(line["points"])) >= FEWEST_SHOWN]
    lines.sort(key=lambda line: -abs(Decimal(line["points"])))
    good = [line for line in lines if Decimal(line["points"]) > 0][:most]
    bad = [line for line in lines if Decimal(line["points"]) < 0][:most]
    return [in_words(line, own) for line in (*good, *bad)]


def missing(lead: Lead) -> list[dict[str, Any]]:
    """What is not known of the lead and could still raise the score: {label, points}."""
    lines = [line for line in lead.score_lines if line.get("possible") and Decimal(line["possible"])]
    lines.sort(key=lambda line: -Decimal(line["possible"]))
    return [
        {"label": LABELS.get(line["code"], line["code"]), "points": Decimal(line["possible"]).quantize(Decimal("0.1"))} for line in lines
    ]
