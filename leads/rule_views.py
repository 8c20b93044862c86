"""The pages of the rules by which new leads find their owner."""

from typing import Any

from django import forms
from django.contrib.postgres.forms import SimpleArrayField
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from leads.assignment import create_rule, distribute_waiting, update_rule
from leads.filters import RuleFilters
from leads.models import DistributionRule
from ltc.web import cells
from ltc.web.answers import onward
from ltc.web.cells import Cell, Column
from ltc.web.details import RecordView
from ltc.web.editing import CreateView, EditView
from ltc.web.lists import RecordListView
from ltc.web.records import RecordPage
from ltc.web.workspace import WorkspaceView

LISTS = ("regions", "industries", "products", "channels")


def conditions(rule: DistributionRule) -> str:
    """What a rule asks of a lead, in a few words."""
    found = [", ".join(getattr(rule, name)) for name in LISTS if getattr(rule, name)]
    if rule.score_min is not None or rule.score_max is not None:
        high = 100 if rule.score_max is None else rule.score_max
        found.append(_("score %(low)s to %(high)s") % {"low": rule.score_min or 0, "high": high})
    return " · ".join(found) or _("every lead")


RULES = RecordPage(
    model=DistributionRule,
    plural="distribution",
    icon="split",
    label=gettext_lazy("Distribution rule"),
    label_plural=gettext_lazy("Distribution rules"),
    hue="teal",
    search=("name__icontains",),
    subtitle=conditions,
)


def target(rule: Any) -> Cell:
    return cells.person(rule.member) if rule.member is not None else cells.text(rule.target)


class RuleForm(forms.ModelForm):
    """A rule: what it asks, and where the lead goes."""

    class Meta:
        model = DistributionRule
        fields = (
            *("name", "position", *LISTS, "score_min", "score_max", "member", "team", "pool"),
            *("working_hours_only", "active"),
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in LISTS:
            self.fields[name].help_text = _("Words, with commas between them; empty: any.")
        self.fields["channels"].help_text = _("Codes of sources, with commas between them; empty: any.")
        for name in LISTS:
            field = self.fields[name]
            assert isinstance(field, SimpleArrayField)
            field.delimiter = ","
        people = self.fields["member"]
        assert isinstance(people, forms.ModelChoiceField) and people.queryset is not None
        people.queryset = people.queryset.filter(state="active", role__in=["rep", "mgr"])

    def _post_clean(self) -> None:
        """The service checks the record as a whole."""


class RuleList(RecordListView):
    select = ("member", "team", "pool")
    filterset_class = RuleFilters
    filter_names = ("active",)
    default_sort = "position"
    columns = (
        Column("name", gettext_lazy("Name")),
        Column("position", gettext_lazy("Position"), "number", sort="position"),
        Column("target", gettext_lazy("Goes to"), cell=target),
        Column("active", gettext_lazy("Active"), "flag"),
    )
    empty_text = gettext_lazy("Without rules new leads wait in the pool.")

    def extra_actions(self) -> list[dict[str, Any]]:
        if not self.actor.has_perm("pools.change"):
            return []
        return [{"label": _("Distribute what waits"), "icon": "play", "url": reverse("distribution:run")}]


class RuleRecord(RecordView):
    select = ("member", "team", "pool")
    props = (
        Column("position", gettext_lazy("Position"), "number", icon="hash"),
        Column("regions", gettext_lazy("Regions"), icon="map-pin", cell=lambda rule: cells.text(", ".join(rule.regions))),
        Column("industries", gettext_lazy("Industries"), icon="factory", cell=lambda rule: cells.text(", ".join(rule.industries))),
        Column("products", gettext_lazy("Products"), icon="package", cell=lambda rule: cells.text(", ".join(rule.products))),
        Column("channels", gettext_lazy("Sources"), icon="megaphone", cell=lambda rule: cells.text(", ".join(rule.channels))),
        Column("score_min", gettext_lazy("Score from"), "number", icon="hash"),
        Column("score_max", gettext_lazy("Score up to"), "number", icon="hash"),
        Column("working_hours_only", gettext_lazy("Only in working hours"), "flag", icon="timer"),
        Column("target", gettext_lazy("Goes to"), icon="user-check", cell=target),
        Column("active", gettext_lazy("Active"), "flag", icon="circle-check-big"),
    )


class RuleCreate(CreateView):
    form_class = RuleForm

    def save(self, form: RuleForm, record: Any) -> DistributionRule:
        return create_rule(actor=self.actor, **form.cleaned_data)


class RuleEdit(EditView):
    form_class = RuleForm

    def save(self, form: RuleForm, record: Any) -> DistributionRule:
        return update_rule(record, actor=self.actor, **form.cleaned_data)


class RunView(WorkspaceView):
    """Run the rules over the leads that wait; asks first, because it may move many."""

    permission = "pools.change"

    def get(self, request: HttpRequest) -> HttpResponse:
        action = {
            "title": _("Distribute what waits"),
            "label": _("Distribute"),
            "text": _("The rules are run over the leads that wait in the pool, the hottest first, at most 500 at once."),
            "url": reverse("distribution:run"),
            "back_url": reverse("distribution:list"),
        }
        return self.show_dialog({"action": action, "form": None})

    def post(self, request: HttpRequest) -> HttpResponse:
        placed = distribute_waiting(actor=self.actor)
        said = ngettext("%(n)d lead has found its place.", "%(n)d leads have found their place.", placed) % {"n": placed}
        return onward(request, reverse("distribution:list"), said)
