"""The pages of service cases and of surveys."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy

from delivery.after_sales import open_case, send_survey, update_case
from delivery.filters import CaseFilters, SurveyFilters
from delivery.models import Case, Survey
from ltc.customers.models import Customer
from ltc.web import cells
from ltc.web.additions import adds_related
from ltc.web.cells import Cell, Column
from ltc.web.details import RecordView
from ltc.web.editing import CreateView, EditView
from ltc.web.lists import NamedView, RecordListView
from ltc.web.records import RecordPage, url_for

State = Case.State
CASE_HUES = {
    State.NEW: "blue", State.ASSIGNED: "blue", State.IN_PROGRESS: "violet", State.WAITING: "amber", State.RESOLVED: "green",
    State.CLOSED: "slate", State.CANCELLED: "rose",
}  # fmt: skip
CASES = RecordPage(
    model=Case,
    plural="cases",
    icon="life-buoy",
    label=gettext_lazy("Service case"),
    label_plural=gettext_lazy("Service cases"),
    hue="teal",
    group="fulfil",
    order=50,
    search=("number__istartswith", "title__icontains", "customer__name__icontains"),
    joins=("customer",),
    subtitle=lambda case: f"{case.number} · {case.customer.name}",
    tag=lambda case: {"label": case.get_state_display(), "hue": CASE_HUES[case.state]},
)
SURVEYS = RecordPage(
    model=Survey,
    plural="surveys",
    icon="smile",
    label=gettext_lazy("Survey"),
    label_plural=gettext_lazy("Surveys"),
    hue="amber",
    group="fulfil",
    order=55,
    search=("customer__name__icontains",),
    joins=("customer",),
    title=lambda survey: survey.customer.name,
    subtitle=lambda survey: str(survey.get_kind_display()),
)


def is_open(cases: Any) -> Any:
    return cases.filter(state__in=[State.NEW, State.ASSIGNED, State.IN_PROGRESS, State.WAITING])


def solution_due(case: Any) -> Cell:
    late = case.is_open and case.sla_resolve_due is not None and case.sla_resolve_due < timezone.now()
    return cells.moment(case.sla_resolve_due, late=late)


def customer_cell(record: Any) -> Cell:
    return cells.link(record.customer.name, url_for(record.customer))


def kind_cell(record: Any) -> Cell:
    return cells.text(str(record.get_kind_display()))


class CaseList(RecordListView):
    select = ("customer", "owner")
    filterset_class = CaseFilters
    filter_names = ("state", "priority")
    default_sort = "-opened_at"
    columns = (
        Column("title", gettext_lazy("Title")),
        Column("number", gettext_lazy("Number"), hide_small=True),
        Column("customer", gettext_lazy("Customer"), cell=customer_cell),
        Column("state", gettext_lazy("State"), "tag", hues=CASE_HUES),
        Column("priority", gettext_lazy("Priority")),
        Column("due", gettext_lazy("Solution due"), cell=solution_due),
        Column("opened_at", gettext_lazy("Opened"), "date", sort="opened_at"),
        Column("owner", gettext_lazy("Owner"), "person"),
    )
    views = (
        NamedView("open", gettext_lazy("Open"), lambda cases, actor: is_open(cases), counted=True),
        NamedView("mine", gettext_lazy("Mine"), lambda cases, actor: is_open(cases).filter(owner=actor.pk)),
        NamedView("all", gettext_lazy("All"), lambda cases, actor: cases),
    )
    empty_text = gettext_lazy("What customers ask of us after the sale, and how soon it is answered.")


class CaseRecord(RecordView):
    select = ("customer", "contact", "order", "product", "owner")
    state_hues = CASE_HUES
    path_states = (State.NEW, State.ASSIGNED, State.IN_PROGRESS, State.RESOLVED, State.CLOSED)
    path_lost = (State.CANCELLED,)
    props = (
        Column("customer", gettext_lazy("Customer"), icon="building-2", cell=customer_cell),
        Column("contact", gettext_lazy("Contact"), icon="user-round"),
        Column("type", gettext_lazy("Kind"), icon="shapes", cell=lambda case: cells.text(str(case.get_type_display()))),
        Column("priority", gettext_lazy("Priority"), icon="flame"),
        Column("description", gettext_lazy("Description"), icon="message-square"),
        Column("serial", gettext_lazy("Serial number"), icon="barcode"),
        Column("owner", gettext_lazy("Owner"), "person", icon="user-round"),
        Column("sla_response_due", gettext_lazy("Answer due"), "moment", icon="clock"),
        Column("first_response_at", gettext_lazy("First answer"), "moment", icon="message-circle"),
        Column("due", gettext_lazy("Solution due"), cell=solution_due, icon="clock"),
        Column("resolved_at", gettext_lazy("Resolved"), "moment", icon="circle-check-big"),
        Column("resolution", gettext_lazy("Solution"), icon="wrench"),
        Column("root_cause", gettext_lazy("Cause"), icon="search"),
    )


class CaseForm(forms.ModelForm):
    """What a customer asks of us."""

    class Meta:
        model = Case
        fields = ("title", "customer", "contact", "order", "product", "serial", "type", "priority", "description", "owner")

    def _post_clean(self) -> None:
        """The service checks the record as a whole."""


class CaseChangeForm(forms.ModelForm):
    """What may be corrected later."""

    class Meta:
        model = Case
        fields = ("title", "contact", "order", "product", "serial", "type", "description")

    def _post_clean(self) -> None:
        """The service checks the record as a whole."""


class CaseCreate(CreateView):
    form_class = CaseForm

    def save(self, form: CaseForm, record: Any) -> Case:
        return open_case(actor=self.actor, **form.cleaned_data)


class CaseEdit(EditView):
    form_class = CaseChangeForm

    def save(self, form: CaseChangeForm, record: Any) -> Case:
        return update_case(record, actor=self.actor, **form.cleaned_data)


class SurveyList(RecordListView):
    select = ("customer",)
    filterset_class = SurveyFilters
    filter_names = ("kind",)
    default_sort = "-sent_at"
    columns = (
        Column("customer", gettext_lazy("Customer"), sort="id"),
        Column("kind", gettext_lazy("Kind"), cell=kind_cell),
        Column("score", gettext_lazy("Score"), "number"),
        Column("comment", gettext_lazy("Comment"), hide_small=True),
        Column("sent_at", gettext_lazy("Sent"), "date", sort="sent_at"),
        Column("responded_at", gettext_lazy("Answered"), "date"),
    )
    views = (
        NamedView("all", gettext_lazy("All"), lambda surveys, actor: surveys),
        NamedView("answered", gettext_lazy("Answered"), lambda surveys, actor: surveys.filter(responded_at__isnull=False)),
    )
    empty_text = gettext_lazy("A customer is asked when a service case is resolved.")


class SurveyRecord(RecordView):
    select = ("customer", "case", "order")
    props = (
        Column("customer", gettext_lazy("Customer"), icon="building-2", cell=customer_cell),
        Column("kind", gettext_lazy("Kind"), icon="shapes", cell=kind_cell),
        Column("case", gettext_lazy("Service case"), icon="life-buoy"),
        Column("sent_at", gettext_lazy("Sent"), "date", icon="mail"),
        Column("score", gettext_lazy("Score"), "number", icon="smile"),
        Column("comment", gettext_lazy("Comment"), icon="message-square"),
        Column("responded_at", gettext_lazy("Answered"), "date", icon="message-circle"),
    )


class SurveyForm(forms.ModelForm):
    """Whom we ask what."""

    class Meta:
        model = Survey
        fields = ("kind", "customer")

    def _post_clean(self) -> None:
        """The service checks the record as a whole."""


class SurveyCreate(CreateView):
    form_class = SurveyForm

    def save(self, form: SurveyForm, record: Any) -> Survey:
        return send_survey(actor=self.actor, **form.cleaned_data)


@adds_related(Customer)
def cases_of_customer(customer: Any, actor: Any) -> Iterator[dict[str, Any]]:
    """What the customer has asked of us, on its page."""
    found = Case.objects.visible_to(actor).filter(customer=customer).order_by("-opened_at")[:5]
    rows = [
        {
            "icon": CASES.icon,
            "label": case.title,
            "tag": {"label": case.get_state_display(), "hue": CASE_HUES[State(case.state)]},
            "url": url_for(case),
        }
        for case in found
    ]
    if rows:
        yield {"title": CASES.label_plural, "rows": rows}
