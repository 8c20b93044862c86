"""The pages of tax invoices."""

from typing import Any

from django.utils.translation import gettext_lazy

from ltc.web import cells
from ltc.web.cells import Column
from ltc.web.details import RecordView
from ltc.web.editing import CreateView
from ltc.web.lists import RecordListView
from ltc.web.records import RecordPage
from ltc.workflow.engine import perform
from receivables.ledger_filters import TaxInvoiceFilters
from receivables.ledger_forms import TaxInvoiceForm
from receivables.models import Invoice, TaxInvoice
from receivables.services.tax import draft_tax_invoice
from receivables.tax_platform import CONFIRM_WITHIN
from receivables.views.adjustments import found, linked

TAX_HUES = {
    TaxInvoice.State.NOT_REQUESTED: "slate", TaxInvoice.State.REQUESTED: "amber", TaxInvoice.State.ISSUED: "green",
    TaxInvoice.State.FAILED: "rose", TaxInvoice.State.RED_REQUESTED: "amber", TaxInvoice.State.WAITING: "amber",
    TaxInvoice.State.CONFIRMED: "blue", TaxInvoice.State.RED_REJECTED: "rose", TaxInvoice.State.RED_LAPSED: "rose",
    TaxInvoice.State.RED_CANCELLED: "slate", TaxInvoice.State.RED_ISSUED: "violet",
}  # fmt: skip
TAX_INVOICES = RecordPage(
    model=TaxInvoice,
    plural="tax-invoices",
    icon="stamp",
    label=gettext_lazy("Tax invoice"),
    label_plural=gettext_lazy("Tax invoices"),
    hue="green",
    group="collect",
    order=59,
    search=("fapiao_no__istartswith", "invoice__number__istartswith"),
    joins=("invoice__customer",),
    subtitle=lambda made: made.invoice.customer.name,
    tag=lambda made: {"label": made.get_state_display(), "hue": TAX_HUES[made.state]},
)


class TaxInvoiceList(RecordListView):
    select = ("invoice__order", "invoice__customer")
    filterset_class = TaxInvoiceFilters
    filter_names = ("state", "direction")
    columns = (
        Column("number", gettext_lazy("Tax invoice number"), sort="id"),
        Column("state", gettext_lazy("State"), "tag", hues=TAX_HUES),
        Column("direction", gettext_lazy("Direction"), cell=lambda made: cells.text(made.get_direction_display())),
        Column("invoice", gettext_lazy("Invoice"), cell=linked("invoice")),
        Column("gross_total", gettext_lazy("Total"), "money", currency="invoice.currency"),
        Column("issued_at", gettext_lazy("Issued"), "date"),
    )
    empty_text = gettext_lazy("Open an issued invoice to ask for its tax invoice.")


class TaxInvoiceRecord(RecordView):
    select = ("invoice__order", "invoice__customer", "credit_note__invoice", "original")
    state_hues = TAX_HUES
    props = (
        Column("invoice", gettext_lazy("Invoice"), icon="receipt", cell=linked("invoice")),
        Column("credit_note", gettext_lazy("Credit note"), icon="undo-2", cell=linked("credit_note")),
        Column("original", gettext_lazy("Reverses"), icon="stamp", cell=linked("original")),
        Column("kind", gettext_lazy("Kind"), icon="tag", cell=lambda made: cells.text(made.get_kind_display())),
        Column("gross_total", gettext_lazy("Total"), "money", currency="invoice.currency", icon="coins"),
        Column("gross_in_words", gettext_lazy("Total in words"), icon="text"),
        Column("red_reason", gettext_lazy("Reason"), icon="message-square", cell=lambda made: cells.text(made.get_red_reason_display())),
        Column("red_confirmation_no", gettext_lazy("Confirmation sheet"), icon="hash"),
        Column("platform_status", gettext_lazy("Status on the platform"), icon="gauge"),
        Column("lapses", gettext_lazy("Lapses"), icon="clock", cell=lambda made: cells.moment(lapses_at(made))),
        Column("error", gettext_lazy("Error"), icon="ban"),
    )


def lapses_at(made: TaxInvoice) -> Any:
    """When a red letter that waits for the other side lapses."""
    waits = made.state in TaxInvoice.UNDER_WAY and made.red_requested_at is not None
    return made.red_requested_at + CONFIRM_WITHIN if waits and made.red_requested_at else None


class TaxInvoiceCreate(CreateView):
    form_class = TaxInvoiceForm
    permission = "receivables.issue"
    title = gettext_lazy("Ask for a tax invoice")
    submit_label = gettext_lazy("Ask for it")

    def initial(self, record: Any) -> dict[str, Any]:
        return {"invoice": found(Invoice, self.request.GET.get("invoice", ""), self.actor)}

    def save(self, form: Any, record: Any) -> TaxInvoice:
        return perform(draft_tax_invoice(actor=self.actor, **form.cleaned_data), "request", actor=self.actor)
