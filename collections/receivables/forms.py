from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from receivables.models import Payment


class PaymentForm(forms.ModelForm):
    """Money that came in."""

    post = forms.BooleanField(
        label=_("Post at once"), required=False, initial=True, help_text=_("It gets its number; items that it pays exactly are allocated.")
    )

    class Meta:
        model = Payment
        fields = ("customer", "amount", "currency", "received_on", "method", "payer_name", "remittance_text", "bank_account", "bank_ref")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        self.fields["customer"].help_text = _("Leave empty if nobody knows who paid.")

    def _post_clean(self) -> None:
        """The service checks the record as a whole."""
