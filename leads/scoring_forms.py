from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from leads.reasons import LABELS, VALUES
from leads.scorecards import HIGHEST_CAP, LISTS, LONGEST_HALF_LIFE, MOST_POINTS, TABLES
from leads.scoring import ScoringRules

TITLES: dict[str, Any] = {
    "industry_match": _("Industry"),
    "size_employees": _("Employees"),
    "region": _("Region"),
    "seniority": _("Seniority"),
    "budget": _("Budget"),
    "timeline": _("Wants to buy"),
    "deductions": _("Deductions"),
}
LIST_TITLES: dict[str, Any] = {
    "core_regions": _("Core regions"),
    "adjacent_regions": _("Adjacent regions"),
    "target_industries": _("Target industries"),
    "adjacent_industries": _("Related industries"),
    "competitor_domains": _("Mail domains of competitors"),
    "blocked_domains": _("Blocked mail domains"),
    "blocked_contacts": _("Blocked addresses and numbers"),
}
PARTS = (("points", _("Points")), ("half_life", _("Half-life in days")), ("daily_cap", _("Most a day")))


def _whole(**options: Any) -> forms.IntegerField:
    return forms.IntegerField(**options, widget=forms.NumberInput(attrs={"class": "field"}))


class ScorecardForm(forms.Form):
    """All of a scorecard. Field names are `table.value`, `event.type.part` and the names of lists and weights."""

    name = forms.CharField(label=_("Name of this version"), max_length=120, required=False)
    fit_weight = forms.IntegerField(label=_("Weight of fit in percent"), min_value=0, max_value=100)

    def __init__(self, data: Any = None, *, rules: ScoringRules) -> None:
        super().__init__(data)
        self.shown = rules
        self.fields["fit_weight"].initial = int(rules.fit_weight * 100)
        for table in TABLES:
            for value, points in getattr(rules, table).items():
                label = VALUES.get(table, {}).get(value) or LABELS.get(value, value)
                self.fields[f"{table}.{value}"] = _whole(label=label, initial=points, min_value=-MOST_POINTS, max_value=MOST_POINTS)
        for type_, rule in rules.events.items():
            numbers: dict[str, Any] = {"points": rule.points, "half_life": rule.half_life, "daily_cap": rule.daily_cap}
            limits = {"points": (-MOST_POINTS, MOST_POINTS), "half_life": (1, LONGEST_HALF_LIFE), "daily_cap": (0, HIGHEST_CAP)}
            for part, title in PARTS:
                low, high = limits[part]
                label = f"{LABELS[type_]}: {title}"
                made = _whole(label=label, initial=int(numbers[part]), min_value=low, max_value=high)
                made.widget.attrs["aria-label"] = label
                self.fields[f"event.{type_}.{part}"] = made
        for name in LISTS:
            self.fields[name] = forms.CharField(
                label=LIST_TITLES[name],
                initial="\n".join(sorted(getattr(rules, name))),
                required=False,
                max_length=20_000,
                widget=forms.Textarea(attrs={"rows": 3}),
                help_text=_("One a line."),
            )

    def rules(self) -> dict[str, Any]:
        """The scorecard as a whole, as `save_scorecard` takes it."""
        given: Mapping[str, Any] = self.cleaned_data
        fit = Decimal(given["fit_weight"]) / 100
        found: dict[str, Any] = {"fit_weight": str(fit), "engagement_weight": str(1 - fit)}
        for table in TABLES:
            found[table] = {value: given[f"{table}.{value}"] for value in getattr(self.shown, table)}
        found["events"] = {type_: [given[f"event.{type_}.{part}"] for part, _title in PARTS] for type_ in self.shown.events}
        return {**found, **{name: given[name].splitlines() for name in LISTS}}

    def groups(self) -> list[dict[str, Any]]:
        """The points by what they are given for: {title, fields}."""
        return [{"title": TITLES[table], "fields": [self[f"{table}.{value}"] for value in getattr(self.shown, table)]} for table in TABLES]

    def event_rows(self) -> list[dict[str, Any]]:
        """A row of three fields for each type of event: {label, fields}."""
        return [{"label": LABELS[type_], "fields": [self[f"event.{type_}.{part}"] for part, _t in PARTS]} for type_ in self.shown.events]

    def lists(self) -> list[Any]:
        return [self[name] for name in LISTS]
