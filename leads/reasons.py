"""The reasons of a score in words, for people."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

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
    **dict(LeadEvent.Type.choices),
}
VALUES: dict[str, dict[str, Any]] = {
    "industry_match": dict(IndustryMatch.choices),
    "seniority": dict(Seniority.choices),
    "budget": dict(Budget.choices),
    "timeline": dict(Timeline.choices),
    "region": {"core": _("core"), "adjacent": _("adjacent"), "other": _("other")},
}


def label_of(code: str) -> Any:
    """What a line is about, in words."""
    return LABELS.get(code, code)


def reasons(lead: Lead) -> list[dict[str, Any]]:
    """What made the score, the weightiest first: {label, value, points}. They sum to it."""
    lines = [line for line in lead.score_lines if Decimal(line["points"])]
    lines.sort(key=lambda line: (line["code"] == "rounding", -abs(Decimal(line["points"]))))
    return [
        {
            "label": LABELS.get(line["code"], line["code"]),
            "value": VALUES.get(line["code"], {}).get(line["value"], line["value"]),
            "points": Decimal(line["points"]).quantize(Decimal("0.1")),
        }
        for line in lines
    ]


def missing(lead: Lead) -> list[dict[str, Any]]:
    """What is not known of the lead and could still raise the score: {label, points}."""
    lines = [line for line in lead.score_lines if line.get("possible") and Decimal(line["possible"])]
    lines.sort(key=lambda line: -Decimal(line["possible"]))
    return [
        {"label": LABELS.get(line["code"], line["code"]), "points": Decimal(line["possible"]).quantize(Decimal("0.1"))} for line in lines
    ]
