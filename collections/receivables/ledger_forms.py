"""The forms of what corrects the ledger."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ltc.customers.models import Customer
from ltc.money.models import TaxCode
from receivables.models import BankFormat, CreditNote, Invoice, Payment, PaymentEarmark, ReceivableItem, Refund, TaxInvoice, WriteOff


class MoneyForm(forms.ModelForm):
    """A form whose service checks the record as a whole; amounts are typed as text."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "amount" in self.fields:
            self.fields["amount"].widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def _post_clean(self) -> None:
        """The service checks the record as a whole."""


class CreditNoteForm(MoneyForm):
    """A part of an invoice that the customer need not pay."""

    invoice = forms.ModelChoiceField(Invoice.objects.filter(state__in=Invoice.POSTED), label=_("Invoice"))
    amount = forms.DecimalField(
        label=_("Amount with tax"), max_digits=20, decimal_places=4, min_value=Decimal(0), help_text=_("It is spread over the lines.")
    )

    class Meta:
        model = CreditNote
        fields = ("invoice", "amount", "reason", "note")


class WriteOffForm(MoneyForm):
    """An amount of an item that will not come."""

    item = forms.ModelChoiceField(ReceivableItem.objects.filter(open_amount__gt=0, released=True), label=_("Item"))

    class Meta:
        model = WriteOff
        fields = ("item", "amount", "kind", "date", "reason")


class RefundForm(MoneyForm):
    """Money on account that is paid back."""

    payment = forms.ModelChoiceField(Payment.objects.filter(unallocated__gt=0), label=_("Payment"))

    class Meta:
        model = Refund
        fields = ("payment", "amount", "date", "reason")


class EarmarkForm(MoneyForm):
    """So much of a payment is kept for a part of an order's price."""

    class Meta:
        model = PaymentEarmark
        fields = ("plan_line", "amount")


class ReleaseForm(forms.Form):
    """From when a retention is owed, and by when it is to be paid."""

    on = forms.DateField(label=_("Owed from"))
    due_date = forms.DateField(label=_("Due on"), required=False)


class PeriodForm(forms.Form):
    """The month that is to be closed: any of its days."""

    month = forms.DateField(label=_("A day of the month"))


class StatementForm(forms.Form):
    """A bank statement, and how that bank writes it."""

    format = forms.ModelChoiceField(BankFormat.objects.all(), label=_("Bank format"))
    file = forms.FileField(label=_("File"))


ENCODINGS = [("utf-8", "UTF-8"), ("gb18030", "GB18030 / GBK"), ("latin-1", "Latin-1"), ("utf-16", "UTF-16")]
DELIMITERS = [(",", _("Comma")), (";", _("Semicolon")), ("\t", _("Tab")), ("|", "|")]
DATES = [
    ("%Y-%m-%d", "2026-11-30"), ("%Y/%m/%d", "2026/11/30"), ("%Y%m%d", "20261130"), ("%Y.%m.%d", "2026.11.30"), ("%d.%m.%Y", "30.11.2026"),
    ("%d/%m/%Y", "30/11/2026"), ("%d-%m-%Y", "30-11-2026"), ("%m/%d/%Y", "11/30/2026"), ("%Y-%m-%d %H:%M:%S", "2026-11-30 09:15:00"),
    ("%Y/%m/%d %H:%M:%S", "2026/11/30 09:15:00"),
]  # fmt: skip
MARKS = [(".", "1,234.56"), (",", "1.234,56")]
HEADS = {
    "date": _("Column of the date"),
    "amount": _("Column of the amount"),
    "credit": _("Column of money in"),
    "debit": _("Column of money out"),
    "payer_name": _("Column of the payer"),
    "payer_account": _("Column of the payer's account"),
    "text": _("Column of the memo"),
    "ref": _("Column of the bank's reference"),
    "currency": _("Column of the currency"),
    "value_date": _("Column of the value date"),
}
COLUMN = "column_"


class BankFormatForm(MoneyForm):
    """How one bank writes the statements of one of our accounts; of a CSV file, which column is what."""

    encoding = forms.ChoiceField(label=_("Encoding"), choices=ENCODINGS)
    delimiter = forms.ChoiceField(label=_("Delimiter"), choices=DELIMITERS)
    date_format = forms.ChoiceField(label=_("Dates look like"), choices=DATES)
    decimal_mark = forms.ChoiceField(label=_("Amounts look like"), choices=MARKS)

    class Meta:
        model = BankFormat
        fields = ("name", "kind", "bank_account", "currency", "encoding", "delimiter", "date_format", "decimal_mark", "skip_rows")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in HEADS.items():
            self.fields[COLUMN + name] = forms.CharField(label=label, max_length=100, required=False)
            self.initial.setdefault(COLUMN + name, (self.instance.columns or {}).get(name, ""))
        self.fields[COLUMN + "date"].help_text = _("What stands at the head of the column, or its number if the file has no head.")
        self.fields[COLUMN + "amount"].help_text = _("Signed; or name the columns of money in and money out.")
        for name, kept in (("date_format", self.instance.date_format), ("delimiter", self.instance.delimiter)):
            field: Any = self.fields[name]
            if kept and kept not in dict(field.choices):  # told through REST
                field.choices = [*field.choices, (kept, kept)]

    def clean(self) -> dict[str, Any]:
        """The columns as they are kept: a head, or a number."""
        values = super().clean() or {}
        told = {name: str(values.pop(COLUMN + name, "") or "").strip() for name in HEADS}
        values["columns"] = {name: int(text) if text.isdecimal() else text for name, text in told.items() if text}
        if values.get("kind") == BankFormat.Kind.CSV:
            if "date" not in values["columns"]:
                self.add_error(COLUMN + "date", _("Say which column holds the date."))
            if not values["columns"].keys() & {"amount", "credit"}:
                self.add_error(COLUMN + "amount", _("Say which column holds the amount."))
        return values


class TaxInvoiceForm(MoneyForm):
    """What the tax platform is asked for."""

    invoice = forms.ModelChoiceField(Invoice.objects.filter(state__in=Invoice.POSTED), label=_("Invoice"))

    class Meta:
        model = TaxInvoice
        fields = ("invoice", "kind", "remark")


class FreeInvoiceForm(forms.Form):
    """An invoice that no instalment of an order proposes: one line, due as a whole."""

    customer = forms.ModelChoiceField(Customer.objects.all(), label=_("Customer"))
    kind = forms.ChoiceField(
        label=_("Kind"), choices=[(kind.value, kind.label) for kind in Invoice.Kind if kind != Invoice.Kind.OPENING], initial="standard"
    )
    currency = forms.CharField(label=_("Currency"), max_length=3, min_length=3)
    description = forms.CharField(label=_("Description"), max_length=400)
    qty = forms.DecimalField(label=_("Quantity"), max_digits=18, decimal_places=6, initial=1)
    unit_price = forms.DecimalField(label=_("Unit price without tax"), max_digits=20, decimal_places=6)
    tax_code = forms.ModelChoiceField(TaxCode.objects.all(), label=_("Tax code"), required=False)
    due_date = forms.DateField(label=_("Due on"), required=False)
    note = forms.CharField(label=_("Note"), max_length=500, required=False)
