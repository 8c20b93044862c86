from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ltc.customers.models import Customer
from ltc.web import formats
from receivables.models import Dispute, Payment, PromiseToPay, ReceivableItem


class PaymentForm(forms.ModelForm):
    """Money that came in."""

    post = forms.BooleanField(
        label=_("Post at once"), required=False, initial=True, help_text=_("It gets its number; items that it pays exactly are allocated.")
    )

    bill_number = forms.CharField(label=_("Number of the bill"), max_length=60, required=False)
    bill_due_on = forms.DateField(label=_("The bill is due on"), required=False)

    class Meta:
        model = Payment
        fields = (
            "customer", "amount", "currency", "received_on", "method", "payer_name", "payer_account", "remittance_text", "bank_account",
            "bank_ref", "bank_fee",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        self.fields["customer"].help_text = _("Leave empty if nobody knows who paid.")

    def clean_bank_fee(self) -> Decimal:
        """No fee is none."""
        return self.cleaned_data.get("bank_fee") or Decimal(0)

    def _post_clean(self) -> None:
        """The service checks the record as a whole."""


class ItemsField(forms.ModelMultipleChoiceField):
    """Open items, each with its due date and what is open of it."""

    default_error_messages = {
        "invalid_choice": _("Choose open items that you may see."),
        "invalid_pk_value": _("Choose open items that you may see."),
    }

    def label_from_instance(self, item: Any) -> str:
        return item_label(item)


class ItemField(forms.ModelChoiceField):
    """One open item."""

    def label_from_instance(self, item: Any) -> str:
        return item_label(item)


def item_label(item: Any) -> str:
    """An item as a choice: its invoice, what is open of it, and when it is due."""
    return f"{item.invoice} / {item.seq} · {formats.money(item.open_amount, item.currency)} · {formats.day(item.due_date)}"


class PromiseForm(forms.Form):
    """What a customer promised for some of its items."""

    items = ItemsField(label=_("Items"), queryset=ReceivableItem.objects.all(), widget=forms.CheckboxSelectMultiple)
    promised_amount = forms.DecimalField(
        label=_("Promised amount"), required=False, max_digits=20, decimal_places=4, help_text=_("All that is open of them if empty.")
    )
    promised_on = forms.DateField(label=_("Promised for"))
    channel = forms.ChoiceField(label=_("Channel"), choices=PromiseToPay.Channel.choices, initial=PromiseToPay.Channel.PHONE)
    evidence = forms.CharField(label=_("Evidence"), required=False, max_length=500, help_text=_("What was said or written, by whom."))

    def offer(self, items: Any, *, ticked: bool) -> None:
        """Let these items be chosen; all of them are ticked if they are those of one invoice or customer."""
        field = self.fields["items"]
        field.queryset = items  # type: ignore[attr-defined]
        field.initial = [item.pk for item in items] if ticked else []


class DisputeForm(forms.Form):
    """What a customer objects to."""

    item = ItemField(label=_("Item"), queryset=ReceivableItem.objects.all(), empty_label=None)
    amount = forms.DecimalField(
        label=_("Disputed amount"), required=False, max_digits=20, decimal_places=4, help_text=_("All of it if empty.")
    )
    reason = forms.ChoiceField(label=_("Reason"), choices=Dispute.Reason.choices)
    description = forms.CharField(
        label=_("What the customer says"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def offer(self, items: Any, *, ticked: bool) -> None:
        """Let one of these items be chosen; the oldest is, if they are those of one invoice or customer."""
        self.fields["item"].queryset = items  # type: ignore[attr-defined]
        self.fields["item"].initial = items.first() if ticked else None


class StatementForm(forms.Form):
    """Whose statement of account, over which days."""

    customer = forms.ModelChoiceField(label=_("Customer"), queryset=Customer.objects.all())
    currency = forms.CharField(label=_("Currency"), max_length=3)
    first = forms.DateField(label=_("From"))
    last = forms.DateField(label=_("To"))


DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class PortalPromiseForm(forms.Form):
    """When the customer will pay."""

    items = ItemsField(label=_("Items"), queryset=ReceivableItem.objects.none(), widget=forms.CheckboxSelectMultiple)
    promised_on = forms.DateField(label=_("We will pay on"), widget=DAY)
    promised_amount = forms.DecimalField(
        label=_("Amount"), required=False, max_digits=20, decimal_places=4, help_text=_("All of it if empty.")
    )
    evidence = forms.CharField(label=_("Note"), required=False, max_length=500)


class PortalDisputeForm(forms.Form):
    """What the customer does not agree with."""

    item = ItemField(label=_("Item"), queryset=ReceivableItem.objects.none(), empty_label=None)
    amount = forms.DecimalField(
        label=_("Disputed amount"), required=False, max_digits=20, decimal_places=4, help_text=_("All of it if empty.")
    )
    reason = forms.ChoiceField(label=_("Reason"), choices=Dispute.Reason.choices)
    description = forms.CharField(label=_("What is wrong"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


class PortalPaymentForm(forms.Form):
    """The customer has paid."""

    amount = forms.DecimalField(label=_("Amount"), max_digits=20, decimal_places=4)
    paid_on = forms.DateField(label=_("Paid on"), widget=DAY)
    reference = forms.CharField(label=_("Bank reference"), required=False, max_length=100)
