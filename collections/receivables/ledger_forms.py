"""The forms of what corrects the ledger."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from receivables.models import CreditNote, Invoice, Payment, PaymentEarmark, ReceivableItem, Refund, WriteOff


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
