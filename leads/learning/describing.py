"""What is known of a lead at an instant, as the row of values that the learned score looks at. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

from leads.learning.features import FEATURES, REQUEST_TYPES, STAFF_TYPES, Feature, Kind, Row
from leads.scoring import PERSONAL_MAIL, Behaviour, ScoringRules, engagement, industry_class

OWN = "attributes."


@dataclass(frozen=True)
class Known:
    """The fields of a lead that the learned score may look at."""

    industry_match: str = ""
    industry: str = ""
    seniority: str = ""
    budget: str = ""
    timeline: str = ""
    channel: str = ""
    region: str = ""
    size_employees: int | None = None
    email: str = ""
    phone: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)


def features_with(attributes: Iterable[tuple[str, str]]) -> tuple[Feature, ...]:
    """The features of a tenant: the fixed ones, then its own attributes by code. An attribute is a code and a kind."""
    own = [
        Feature(OWN + code, Kind.NUMBER, may_be_missing=True) if kind == "number" else Feature(OWN + code, Kind.RARE_CHOICE)
        for code, kind in sorted(attributes)
    ]
    return (*FEATURES, *own)


def describe(
    known: Known,
    events: Sequence[Behaviour],
    features: Sequence[Feature],
    *,
    as_of: datetime,
    zone: tzinfo,
    rules: ScoringRules,
    is_customer: bool,
) -> Row:
    """The values of a lead at an instant, in the order of the features. What our own staff caused does not count as engagement."""
    by_code = {
        "industry_match": industry_class(known.industry_match, known.industry, rules) or None,
        "seniority": known.seniority or None,
        "budget": known.budget or None,
        "timeline": known.timeline or None,
        "channel": known.channel or None,
        "region": known.region.strip().lower() or None,
        "size_employees": known.size_employees or None,
        "engagement": float(engagement(events, rules, as_of=as_of, zone=zone, without=STAFF_TYPES)[0]),
        "requests": sum(event.quantity for event in events if event.type in REQUEST_TYPES and event.occurred_at <= as_of),
        "personal_mail": known.email.rpartition("@")[2].lower() in PERSONAL_MAIL,
        "has_phone": bool(known.phone),
        "is_existing_customer": is_customer,
    }
    return tuple(
        _own(known.attributes.get(feature.code.removeprefix(OWN)), feature.kind) if feature.code.startswith(OWN) else by_code[feature.code]
        for feature in features
    )


def _own(value: Any, kind: str) -> Any:
    if value is None or value == "":
        return None
    if kind == Kind.RARE_CHOICE:
        return str(value).strip()
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
