"""The pages of the ledger: the journal and its export, months, the check of the books, and a customer's statement."""

import uuid
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ltc.customers.models import Customer
from ltc.web import cells
from ltc.web.cells import Cell, Column
from ltc.web.details import RecordView
from ltc.web.editing import CreateView
from ltc.web.lists import RecordListView
from ltc.web.records import RecordPage, url_for
from ltc.web.workspace import WorkspaceView
from receivables.export import NAME, journal_csv
from receivables.ledger_filters import JournalFilters, PeriodFilters
from receivables.ledger_forms import EarmarkForm, PeriodForm, ReleaseForm
from receivables.models import JournalEntry, Payment, Period, ReceivableItem
from receivables.selectors import last_check
from receivables.services.earmarks import earmark
from receivables.services.periods import open_period
from receivables.services.retention import release_retention
from receivables.statements import BadSpan, span_of, statement_of
from receivables.views.dialogs import DialogView

JOURNAL = RecordPage(
    model=JournalEntry,
    plural="journal",
    icon="book-open",
    label=gettext_lazy("Journal entry"),
    label_plural=gettext_lazy("Journal"),
    hue="slate",
    group="collect",
    order=62,
    search=("number__istartswith", "invoice__number__istartswith", "payment__number__istartswith", "credit_note__number__istartswith"),
    joins=(),
    subtitle=lambda entry: entry.get_event_display(),
)
PERIOD_HUES = {Period.State.OPEN: "blue", Period.State.CLOSED: "green"}
PERIODS = RecordPage(
    model=Period,
    plural="periods",
    icon="calendar-check",
    label=gettext_lazy("Accounting period"),
    label_plural=gettext_lazy("Accounting periods"),
    hue="blue",
    group="collect",
    order=63,
    search=("state__istartswith",),
    tag=lambda period: {"label": period.get_state_display(), "hue": PERIOD_HUES[period.state]},
)


def document_of(entry: Any) -> Any:
    """The document that an entry posts."""
    return entry.credit_note or entry.payment or entry.invoice


def document_cell(entry: Any) -> Cell:
    document = document_of(entry)
    return cells.link(document, url_for(document)) if document is not None else cells.text("")


class JournalList(RecordListView):
    """All postings, the newest first; the newest of the month's check stands above them."""

    template_name = "collections/journal.html"
    select = ("invoice__order", "invoice__customer", "payment", "credit_note__invoice")
    filterset_class = JournalFilters
    filter_names = ("event", "account")
    columns = (
        Column("number", gettext_lazy("Number"), sort="id"),
        Column("entry_date", gettext_lazy("Date"), "date", sort="entry_date"),
        Column("event", gettext_lazy("Posting"), cell=lambda entry: cells.text(entry.get_event_display())),
        Column("document", gettext_lazy("Document"), cell=document_cell),
        Column("total", gettext_lazy("Amount"), "money", currency="base"),
        Column("posted_by", gettext_lazy("Posted by"), hide_small=True),
    )

    def queryset(self) -> QuerySet[JournalEntry]:
        """The entries with what they move, in base currency."""
        return super().queryset().annotate(total=Sum("lines__amount_base", filter=Q(lines__amount_base__gt=0)))

    def rows(self) -> tuple[list[Any], str | None]:
        found, cursor = super().rows()
        base = str(self.request.tenant.base_currency)  # type: ignore[attr-defined]
        for entry in found:
            entry.base = base
        return found, cursor

    def extra_actions(self) -> list[dict[str, Any]]:
        return [{"label": _("Export this month"), "icon": "download", "url": reverse("journal:export")}]

    def more_context(self) -> dict[str, Any]:
        return {"check": last_check()}


class JournalRecord(RecordView):
    """One posting with its lines; there is nothing to do to it."""

    select = ("invoice__order", "invoice__customer", "payment", "credit_note__invoice", "reverses")

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        entry = self.record_or_404(pk)
        document = document_of(entry)
        context = {
            "entry": entry,
            "lines": list(entry.lines.select_related("customer").order_by("seq")),
            "document": document,
            "document_url": url_for(document) if document else "",
            "reversal": entry.reversals.first(),
            "base": request.tenant.base_currency,  # type: ignore[attr-defined]
        }
        return self.show("collections/journal_entry.html", context)


class JournalExport(WorkspaceView):
    """The journal of a span of days as a file for the general ledger."""

    permission = "ledger.view"

    def get(self, request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
        try:
            first, last = span_of(request.GET.get("from"), request.GET.get("to"))
        except BadSpan as error:
            raise Http404(str(error)) from error
        headers = {"Content-Disposition": f'attachment; filename="{NAME % (first, last)}"'}
        return HttpResponse("".join(journal_csv(first, last)), content_type="text/csv; charset=utf-8", headers=headers)


class PeriodList(RecordListView):
    filterset_class = PeriodFilters
    filter_names = ("state",)
    default_sort = "-month"
    columns = (
        Column("month", gettext_lazy("Month"), sort="month", cell=lambda period: cells.text(str(period))),
        Column("state", gettext_lazy("State"), "tag", hues=PERIOD_HUES),
        Column("closed_at", gettext_lazy("Closed"), "date"),
        Column("reopened_reason", gettext_lazy("Why reopened"), hide_small=True),
    )
    new_label = gettext_lazy("Close a month")
    empty_text = gettext_lazy("All months are open. Close one when its books are done.")


class PeriodRecord(RecordView):
    state_hues = PERIOD_HUES
    props = (
        Column("month", gettext_lazy("First day"), "date", icon="calendar"),
        Column("closed_at", gettext_lazy("Closed"), "date", icon="lock"),
        Column("reopened_reason", gettext_lazy("Why reopened"), icon="message-square"),
    )


class PeriodCreate(CreateView):
    form_class = PeriodForm
    permission = "ledger.close"
    title = gettext_lazy("Close a month")
    submit_label = gettext_lazy("Continue")

    def initial(self, record: Any) -> dict[str, Any]:
        return {"month": timezone.localdate().replace(day=1)}

    def save(self, form: Any, record: Any) -> Period:
        return open_period(month=form.cleaned_data["month"], actor=self.actor)


class ReleaseView(DialogView):
    """Retention is owed from now on."""

    permission = "receivables.release"
    form_class = ReleaseForm
    label = gettext_lazy("Release retention")

    def initial(self, record: ReceivableItem) -> dict[str, Any]:
        return {"on": timezone.localdate()}

    def carry_out(self, record: ReceivableItem, values: dict[str, Any]) -> Any:
        return release_retention(item=record, actor=self.actor, **values).invoice


class EarmarkView(DialogView):
    """So much of a payment is kept for a part of an order's price."""

    permission = "receivables.allocate"
    form_class = EarmarkForm
    label = gettext_lazy("Earmark")

    def initial(self, record: Payment) -> dict[str, Any]:
        return {"amount": record.unallocated}

    def narrow(self, form: Any, record: Payment) -> None:
        parts = form.fields["plan_line"].queryset
        form.fields["plan_line"].queryset = parts.filter(
            order__customer=record.customer_id, order__currency=record.currency, collected_on=None
        ).select_related("order")

    def carry_out(self, record: Payment, values: dict[str, Any]) -> Any:
        return earmark(payment=record, actor=self.actor, **values).payment


class StatementView(WorkspaceView):
    """What happened on a customer's account."""

    permission = "receivables.view"

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        customer = Customer.objects.visible_to(self.actor, "receivables.view").filter(pk=pk).first()
        if customer is None:
            raise Http404
        try:
            first, last = span_of(request.GET.get("from"), request.GET.get("to"))
        except BadSpan:
            first, last = span_of(None, None)
        statement = statement_of(customer, first, last, currency=request.GET.get("currency", "")[:3])
        context = {"customer": customer, "customer_url": url_for(customer), "statement": statement}
        return self.show("collections/statement.html", context)
