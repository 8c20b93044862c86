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


class BankFormatForm(MoneyForm):
    """How one bank writes the statements of one of our accounts."""

    class Meta:
        model = BankFormat
        fields = (
            "name", "kind", "bank_account", "currency", "encoding", "delimiter", "date_format", "decimal_mark", "skip_rows", "columns",
        )  # fmt: skip


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
