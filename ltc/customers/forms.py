from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ltc.customers.models import Contact, Customer
from ltc.users.models import Membership


class CustomerForm(forms.ModelForm):
    """A customer's master data; the credit limit is for who sets it."""

    wants_actor = True

    class Meta:
        model = Customer
        fields = (
            "name", "name_en", "kind", "uscc", "tax_id", "industry", "size_employees", "region", "country", "currency_default",
            "credit_limit", "invoice_title",
        )  # fmt: skip

    def __init__(self, *args: Any, actor: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not actor.has_perm("customers.set_credit_limit"):
            del self.fields["credit_limit"]

    def _post_clean(self) -> None:
        """The service checks the record as a whole and against its duplicates."""


class NewCustomerForm(CustomerForm):
    """A customer and the first person there."""

    class Meta:
        model = Customer
        fields = (*CustomerForm.Meta.fields, "owner", "team")

    contact_name = forms.CharField(label=_("Contact"), max_length=120, required=False)
    contact_phone = forms.CharField(label=_("Phone"), max_length=30, required=False)
    contact_email = forms.EmailField(label=_("E-mail"), required=False)
    despite_duplicates = forms.BooleanField(label=_("This is another customer than the similar one in the books"), required=False)

    def contacts(self) -> list[dict[str, Any]]:
        """The first person, if one was named."""
        person = {name: self.cleaned_data[f"contact_{name}"] for name in ("name", "phone", "email")}
        return [person] if person["name"] else []

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if (cleaned.get("contact_phone") or cleaned.get("contact_email")) and not cleaned.get("contact_name"):
            self.add_error("contact_name", _("Give the name of the person too."))
        return cleaned


class TransferForm(forms.Form):
    """Whom a customer is given to."""

    owner = forms.ModelChoiceField(
        label=_("Owner"), queryset=Membership.objects.filter(state=Membership.State.ACTIVE).order_by("name"), required=False
    )


class ContactForm(forms.ModelForm):
    """A person at a customer."""

    class Meta:
        model = Contact
        fields = ("name", "title", "seniority", "phone", "email", "is_billing", "is_dunning", "language")

    def _post_clean(self) -> None:
        """The service checks the record as a whole."""
