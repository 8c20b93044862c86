"""The pages of quotas and sales costs."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from ltc.web import cells
from ltc.web.cells import Column
from ltc.web.details import RecordView
from ltc.web.editing import CreateView, EditView
from ltc.web.lists import NamedView, RecordListView
from ltc.web.records import RecordPage
from opportunities.filters import QuotaFilters, SalesCostFilters
from opportunities.models import Quota, SalesCost
from opportunities.targets import change_quota, record_sales_cost, set_quota

QUOTAS = RecordPage(
    model=Quota,
    plural="quotas",
    icon="goal",
    label=gettext_lazy("Quota"),
    label_plural=gettext_lazy("Quotas"),
    hue="violet",
    group="insight",
    order=70,
    title=lambda quota: f"{quota.user or quota.team} · {quota.period}",
)
COSTS = RecordPage(
    model=SalesCost,
    plural="sales-costs",
    icon="receipt",
    label=gettext_lazy("Sales cost"),
    label_plural=gettext_lazy("Sales costs"),
    hue="amber",
    group="insight",
    order=71,
)


class QuotaForm(forms.ModelForm):
    """A quota: of a person or of a team."""

    class Meta:
        model = Quota
        fields = ("user", "team", "period", "amount")

    def _post_clean(self) -> None:
        """The service checks the record as a whole."""


class SalesCostForm(forms.ModelForm):
    """A cost of the sales force."""

    class Meta:
        model = SalesCost
        fields = ("cost_date", "amount", "currency", "note")

    def _post_clean(self) -> None:
        """The service checks the record as a whole."""


def whose(quota: Any) -> cells.Cell:
    return cells.text(str(quota.user or quota.team))


class QuotaList(RecordListView):
    filterset_class = QuotaFilters
    filter_names = ("user", "team")
    select = ("user", "team")
    default_sort = "-starts_on"
    columns = (
        Column("period", gettext_lazy("Period"), sort="starts_on"),
        Column("whose", gettext_lazy("Person or team"), cell=whose),
        Column("starts_on", gettext_lazy("First day"), "date"),
        Column("ends_on", gettext_lazy("Last day"), "date"),
        Column("amount", gettext_lazy("Amount"), "number", sort="amount"),
    )
    views = (NamedView("all", gettext_lazy("All"), lambda queryset, actor: queryset),)
    empty_text = gettext_lazy("Set what each person or team is to win, and the dashboards show how much of it is won.")


class QuotaRecord(RecordView):
    select = ("user", "team")
    props = (
        Column("whose", gettext_lazy("Person or team"), icon="user-round", cell=whose),
        Column("period", gettext_lazy("Period"), icon="calendar"),
        Column("amount", gettext_lazy("Amount"), "number", icon="banknote"),
    )


class QuotaCreate(CreateView):
    form_class = QuotaForm

    def save(self, form: QuotaForm, record: Any) -> Quota:
        return set_quota(actor=self.actor, **form.cleaned_data)


class QuotaEdit(EditView):
    form_class = QuotaForm

    def save(self, form: QuotaForm, record: Any) -> Quota:
        return change_quota(record, actor=self.actor, version=self.wanted_version(), **form.cleaned_data)


class SalesCostList(RecordListView):
    filterset_class = SalesCostFilters
    default_sort = "-cost_date"
    columns = (
        Column("cost_date", gettext_lazy("Date"), "date", sort="cost_date"),
        Column("amount", gettext_lazy("Amount"), "money", currency="currency"),
        Column("base_amount", gettext_lazy("In base currency"), "number"),
        Column("note", gettext_lazy("Note")),
    )
    views = (NamedView("all", gettext_lazy("All"), lambda queryset, actor: queryset),)
    empty_text = gettext_lazy("What the sales force costs, so that the cost of a new customer can be told.")


class SalesCostRecord(RecordView):
    props = (
        Column("cost_date", gettext_lazy("Date"), "date", icon="calendar"),
        Column("amount", gettext_lazy("Amount"), "money", currency="currency", icon="banknote"),
        Column("note", gettext_lazy("Note"), icon="text"),
    )


class SalesCostCreate(CreateView):
    form_class = SalesCostForm

    def initial(self, record: Any) -> dict[str, Any]:
        return {"currency": self.request.tenant.base_currency}  # type: ignore[attr-defined]

    def save(self, form: SalesCostForm, record: Any) -> SalesCost:
        return record_sales_cost(actor=self.actor, **form.cleaned_data)
