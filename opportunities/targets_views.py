"""The pages of quotas and of sales costs."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from ltc.web import cells
from ltc.web.cells import Cell, Column
from ltc.web.details import RecordView
from ltc.web.editing import CreateView, EditView
from ltc.web.lists import RecordListView
from ltc.web.records import RecordPage
from opportunities.models import Quota, SalesCost
from opportunities.targets import record_sales_cost, set_quota, update_quota, update_sales_cost

QUOTAS = RecordPage(
    model=Quota,
    plural="quotas",
    icon="target",
    label=gettext_lazy("Quota"),
    label_plural=gettext_lazy("Quotas"),
    hue="violet",
    group="insight",
    order=80,
    search=("user__name__icontains", "team__name__icontains", "period__istartswith"),
    joins=("user", "team"),
    subtitle=lambda quota: quota.period,
)
COSTS = RecordPage(
    model=SalesCost,
    plural="sales-costs",
    icon="wallet",
    label=gettext_lazy("Sales cost"),
    label_plural=gettext_lazy("Sales costs"),
    hue="amber",
    group="insight",
    order=85,
    search=("note__icontains",),
)


def whose(quota: Any) -> Cell:
    return cells.text(str(quota.user or quota.team))


class QuotaForm(forms.ModelForm):
    """What a person or a team is to win."""

    class Meta:
        model = Quota
        fields = ("user", "team", "period", "amount")

    def _post_clean(self) -> None:
        """The service checks the record as a whole."""


class QuotaList(RecordListView):
    select = ("user", "team", "tenant")
    default_sort = "-starts_on"
    columns = (
        Column("whose", gettext_lazy("Whose"), cell=whose),
        Column("period", gettext_lazy("Period"), sort="starts_on"),
        Column("amount", gettext_lazy("Amount"), "money", currency="tenant.base_currency"),
        Column("starts_on", gettext_lazy("First day"), "date", hide_small=True),
        Column("ends_on", gettext_lazy("Last day"), "date", hide_small=True),
    )
    empty_text = gettext_lazy("What each person or team is to win in a month, quarter or year.")


class QuotaRecord(RecordView):
    select = ("user", "team", "tenant")
    props = (
        Column("user", gettext_lazy("Person"), icon="user-round"),
        Column("team", gettext_lazy("Team"), icon="users"),
        Column("period", gettext_lazy("Period"), icon="calendar"),
        Column("amount", gettext_lazy("Amount"), "money", currency="tenant.base_currency", icon="target"),
        Column("starts_on", gettext_lazy("First day"), "date", icon="calendar"),
        Column("ends_on", gettext_lazy("Last day"), "date", icon="calendar"),
    )


class QuotaCreate(CreateView):
    form_class = QuotaForm

    def save(self, form: QuotaForm, record: Any) -> Quota:
        return set_quota(actor=self.actor, **form.cleaned_data)


class QuotaEdit(EditView):
    form_class = QuotaForm

    def save(self, form: QuotaForm, record: Any) -> Quota:
        return update_quota(record, actor=self.actor, version=self.wanted_version(), **form.cleaned_data)


class CostForm(forms.ModelForm):
    """What the sales force cost."""

    class Meta:
        model = SalesCost
        fields = ("cost_date", "amount", "currency", "note")

    def _post_clean(self) -> None:
        """The service checks the record as a whole."""


class CostList(RecordListView):
    default_sort = "-cost_date"
    columns = (
        Column("cost_date", gettext_lazy("Date"), "date", sort="cost_date"),
        Column("amount", gettext_lazy("Amount"), "money"),
        Column("note", gettext_lazy("Note")),
    )
    empty_text = gettext_lazy("Salaries, travel and the rest: what it cost to sell. The cost of winning a customer is counted with it.")


class CostRecord(RecordView):
    props = (
        Column("cost_date", gettext_lazy("Date"), "date", icon="calendar"),
        Column("amount", gettext_lazy("Amount"), "money", icon="wallet"),
        Column("note", gettext_lazy("Note"), icon="sticky-note"),
    )


class CostCreate(CreateView):
    form_class = CostForm

    def initial(self, record: Any) -> dict[str, Any]:
        return {"currency": self.request.tenant.base_currency}  # type: ignore[attr-defined]

    def save(self, form: CostForm, record: Any) -> SalesCost:
        return record_sales_cost(actor=self.actor, **form.cleaned_data)


class CostEdit(EditView):
    form_class = CostForm

    def save(self, form: CostForm, record: Any) -> SalesCost:
        return update_sales_cost(record, actor=self.actor, version=self.wanted_version(), **form.cleaned_data)
