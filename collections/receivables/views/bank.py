"""The pages of bank statements: formats, imports, and what of them waits for somebody."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ltc.refusals import Refusal
from ltc.web import cells, formats
from ltc.web.answers import onward
from ltc.web.cells import Column
from ltc.web.details import RecordView
from ltc.web.editing import CreateView, EditView
from ltc.web.lists import RecordListView
from ltc.web.records import RecordPage, url_for
from receivables.ledger_forms import BankFormatForm, StatementForm
from receivables.models import BankFormat, BankImport, Payment
from receivables.services.bank import change_format, import_statement, save_format
from receivables.views.payments import HUES

LARGEST = 5_000_000
BANK_STATEMENTS = RecordPage(
    model=BankImport,
    plural="bank-statements",
    icon="file-input",
    label=gettext_lazy("Bank statement"),
    label_plural=gettext_lazy("Bank statements"),
    hue="green",
    group="collect",
    order=54,
    search=("file_name__icontains",),
    joins=("format",),
    subtitle=lambda run: run.format.name,
)
FORMATS = RecordPage(
    model=BankFormat,
    plural="bank-formats",
    icon="landmark",
    label=gettext_lazy("Bank format"),
    label_plural=gettext_lazy("Bank formats"),
    hue="slate",
    search=("name__icontains",),
    subtitle=lambda form: form.bank_account,
)


class BankStatementList(RecordListView):
    select = ("format",)
    columns = (
        Column("name", gettext_lazy("File"), sort="id"),
        Column("lines", gettext_lazy("Lines"), "number"),
        Column("made", gettext_lazy("New payments"), "number"),
        Column("known", gettext_lazy("There already"), "number"),
        Column("outgoing", gettext_lazy("Money out"), "number"),
        Column("created_at", gettext_lazy("Imported"), "date"),
    )
    new_label = gettext_lazy("Import a statement")
    empty_text = gettext_lazy("Say once how your bank writes its files, then import them.")

    def extra_actions(self) -> list[dict[str, Any]]:
        return [{"label": _("Bank formats"), "icon": "landmark", "url": FORMATS.url("list")}]


class BankStatementRecord(RecordView):
    select = ("format",)
    props = (
        Column("format", gettext_lazy("Bank format"), icon="landmark", cell=lambda run: cells.link(run.format, url_for(run.format))),
        Column("lines", gettext_lazy("Lines"), "number", icon="list"),
        Column("made", gettext_lazy("New payments"), "number", icon="wallet"),
        Column("known", gettext_lazy("There already"), "number", icon="check"),
        Column("outgoing", gettext_lazy("Money out"), "number", icon="arrow-right"),
    )

    def actions(self, record: Any) -> list[dict[str, Any]]:
        """What came in is placed at the workbench."""
        waits = record.payments.filter(state__in=[Payment.State.IMPORTED, Payment.State.IDENTIFIED]).exists()
        place = {"name": "place", "label": _("Place the money"), "icon": "split", "url": f"{reverse('workbench')}#money", "link": True}
        return [*super().actions(record), *([place | {"primary": True, "allowed": True}] if waits else [])]

    def related(self, record: Any) -> list[dict[str, Any]]:
        waiting = record.payments.filter(state__in=[Payment.State.IMPORTED, Payment.State.IDENTIFIED]).select_related("customer")
        rows = [payment_row(payment) for payment in waiting.order_by("received_on", "pk")[:100]]
        return [{"title": _("To post"), "rows": rows}]


def payment_row(payment: Any) -> dict[str, Any]:
    """A payment in a list beside a record."""
    return {
        "icon": "wallet", "label": payment.customer.name if payment.customer else payment.payer_name or _("Payer unknown"),
        "detail": formats.money(payment.amount, payment.currency), "url": url_for(payment),
        "tag": {"label": payment.get_state_display(), "hue": HUES[payment.state]},
    }  # fmt: skip


class BankStatementCreate(CreateView):
    form_class = StatementForm
    permission = "receivables.record_payment"
    title = gettext_lazy("Import a statement")
    submit_label = gettext_lazy("Import")

    def get(self, request: HttpRequest) -> HttpResponse:
        """Without a format there is nothing to choose: say first how the bank writes its files."""
        if not BankFormat.objects.exists():
            return onward(request, FORMATS.url("new"), _("Say first how your bank writes its files."))
        return super().get(request)

    def initial(self, record: Any) -> dict[str, Any]:
        """The format of the last file."""
        last = BankImport.objects.order_by("-created_at", "-pk").first()
        return {"format": last.format_id if last else BankFormat.objects.first()}

    def save(self, form: Any, record: Any) -> BankImport:
        given = form.cleaned_data["file"]
        if given.size > LARGEST:
            raise Refusal(_("The file is too large. Split it."), code="too_large", field="file")
        return import_statement(actor=self.actor, format=form.cleaned_data["format"], content=given.read(), file_name=given.name)


class FormatList(RecordListView):
    columns = (
        Column("name", gettext_lazy("Name"), sort="id"),
        Column("kind", gettext_lazy("Format"), cell=lambda form: cells.text(form.get_kind_display())),
        Column("bank_account", gettext_lazy("Our bank account")),
    )


class FormatRecord(RecordView):
    props = (
        Column("kind", gettext_lazy("Format"), icon="file-text", cell=lambda form: cells.text(form.get_kind_display())),
        Column("bank_account", gettext_lazy("Our bank account"), icon="landmark"),
        Column("encoding", gettext_lazy("Encoding"), icon="type"),
        Column("date_format", gettext_lazy("Form of dates"), icon="calendar"),
    )


class FormatCreate(CreateView):
    form_class = BankFormatForm
    permission = "receivables.record_payment"

    def save(self, form: Any, record: Any) -> BankFormat:
        return save_format(actor=self.actor, **form.cleaned_data)

    def next_url(self, record: Any) -> str:
        """A format is made in order to import a file."""
        return BANK_STATEMENTS.url("new")


class FormatEdit(EditView):
    form_class = BankFormatForm

    def save(self, form: Any, record: Any) -> BankFormat:
        return change_format(record, actor=self.actor, **form.cleaned_data)
