"""A tenant's scorecard as it is stored: the differences from the default, read strictly. Pure."""

from collections.abc import Mapping
from dataclasses import fields, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from leads.scoring import EventRule, ScoringRules

TABLES = ("industry_match", "size_employees", "region", "seniority", "budget", "timeline", "deductions")
WEIGHTS = ("fit_weight", "engagement_weight")
KNOWN = tuple(known.name for known in fields(ScoringRules))
LISTS = tuple(name for name in KNOWN if name not in (*TABLES, *WEIGHTS, "events"))
MOST_POINTS, LONGEST_HALF_LIFE, HIGHEST_CAP = 1000, 3650, 1000


def rules_from(differences: Mapping[str, Any]) -> ScoringRules:
    """A tenant's rules: the default, with what its configuration says otherwise. Raises ValueError for what makes no sense."""
    rules = ScoringRules()
    if unknown := differences.keys() - set(KNOWN):
        raise ValueError(f"{', '.join(sorted(unknown))} is no part of a scorecard: use {', '.join(sorted(KNOWN))}.")
    changes: dict[str, Any] = {}
    for name, value in differences.items():
        if name == "events":
            changes[name] = {
                **rules.events,
                **{_known(name, type_, rules.events): _event_rule(type_, it) for type_, it in _pairs(name, value)},
            }
        elif name in WEIGHTS:
            changes[name] = _weight(name, value)
        elif name in TABLES:
            table = getattr(rules, name)
            changes[name] = {**table, **{_known(name, key, table): _points(f"{name}.{key}", points) for key, points in _pairs(name, value)}}
        else:
            if isinstance(value, str) or not isinstance(value, (list, tuple, set, frozenset)):
                raise ValueError(f"{name} of a scorecard is a list of names.")
            changes[name] = frozenset(str(item).strip().lower() for item in value if str(item).strip())
    return replace(rules, **changes)


def differences_of(rules: ScoringRules) -> dict[str, Any]:
    """What a set of rules says otherwise than the default, as JSON; `rules_from` reads it back."""
    default = ScoringRules()
    found: dict[str, Any] = {}
    for name in KNOWN:
        mine, usual = getattr(rules, name), getattr(default, name)
        if mine == usual:
            continue
        if name == "events":
            found[name] = {type_: _as_list(rule) for type_, rule in mine.items() if rule != usual.get(type_)}
        elif name in TABLES:
            found[name] = {key: points for key, points in mine.items() if points != usual.get(key)}
        elif name in WEIGHTS:
            found[name] = str(mine)
        else:
            found[name] = sorted(mine)
    return found


def whole(rules: ScoringRules) -> dict[str, Any]:
    """A set of rules in full, as JSON."""
    said: dict[str, Any] = {name: dict(getattr(rules, name)) for name in TABLES}
    said |= {name: str(getattr(rules, name)) for name in WEIGHTS}
    said |= {name: sorted(getattr(rules, name)) for name in LISTS}
    return {**said, "events": {type_: _as_list(rule) for type_, rule in rules.events.items()}}


def _as_list(rule: EventRule) -> list[float | int]:
    points = rule.points
    return [int(points) if points == points.to_integral_value() else float(points), rule.half_life, rule.daily_cap]


def _pairs(name: str, value: Any) -> Any:
    if not isinstance(value, Mapping):
        raise ValueError(f"{name} of a scorecard is an object of names and points.")
    return value.items()


def _known(name: str, key: str, table: Mapping[str, Any]) -> str:
    if key not in table:
        raise ValueError(f"{key} is no part of {name} in a scorecard: use {', '.join(table)}.")
    return key


def _points(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > MOST_POINTS:
        raise ValueError(f"{name} of a scorecard is a whole number of points.")
    return value


def _weight(name: str, value: Any) -> Decimal:
    try:
        weight = Decimal(str(value))
    except InvalidOperation as error:
        raise ValueError(f"{name} of a scorecard is a number from 0 to 1.") from error
    if not weight.is_finite() or not 0 <= weight <= 1:
        raise ValueError(f"{name} of a scorecard is a number from 0 to 1.")
    return weight


def _event_rule(type_: str, value: Any) -> EventRule:
    if isinstance(value, Mapping):
        value = [value.get(name) for name in ("points", "half_life", "daily_cap")]
    if (
        not isinstance(value, (list, tuple))
        or len(value) != 3
        or any(isinstance(each, bool) or not isinstance(each, (int, float, Decimal)) for each in value)
    ):
        raise ValueError(f"events.{type_} of a scorecard is points, half-life in days and daily cap.")
    points, half_life, cap = value
    if abs(points) > MOST_POINTS or not 0 < half_life <= LONGEST_HALF_LIFE or cap != int(cap) or not 0 <= cap <= HIGHEST_CAP:
        raise ValueError(f"events.{type_} of a scorecard is points, half-life in days and daily cap.")
    return EventRule(Decimal(str(points)), int(half_life) if half_life == int(half_life) else float(half_life), int(cap))
