from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ltc.money.models import TaxCode
from ltc.users.models import Membership
from ltc.workflow.inputs import Input, Kind
from opportunities.models import Opportunity
from opportunities.pricing import plain

HUNDRED = Decimal(100)


class PercentField(forms.DecimalField):
    """A part of one that people read and write in percent."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=Decimal(0), max_value=HUNDRED, max_digits=6, decimal_places=2, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return plain(value * HUNDRED) if isinstance(value, Decimal) else value

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        return None if cleaned is None else cleaned / HUNDRED


class OpportunityForm(forms.ModelForm):
    """What is known of a deal."""

    probability = PercentField(label=_("Probability in percent"))

    class Meta:
        model = Opportunity
        fields = (
            "name", "primary_contact", "type", "amount", "currency", "close_date", "probability", "forecast_category",
            "ar", "sr", "fr", "next_step", "next_step_on",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        contact: Any = self.fields["primary_contact"]
        contact.queryset = self.instance.customer.contacts.all()
        members = Membership.objects.filter(state=Membership.State.ACTIVE).order_by("name")
        for name in ("ar", "sr", "fr"):
            responsible: Any = self.fields[name]
            responsible.queryset = members

    def _post_clean(self) -> None:
        """The service checks the record as a whole."""


class NewOpportunityForm(forms.ModelForm):
    """A deal with a customer that is known."""

    class Meta:
        model = Opportunity
        fields = ("customer", "name", "type", "amount", "currency", "close_date", "next_step", "next_step_on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].required = False

    def _post_clean(self) -> None:
        """The service checks the record as a whole."""


def usual_tax_code(record: Any, actor: Any) -> TaxCode | None:
    """The tax code that a new line starts with."""
    return TaxCode.objects.filter(is_default=True).first()


def on_sale(products: Any, record: Any, actor: Any) -> Any:
    return products.filter(active=True)


PRODUCT = Input("product", _("Product"), Kind.RECORD, required=False, model="catalog.Product", limit=on_sale)
DESCRIPTION = Input("description", _("Description"), required=False, max_length=400)
QUANTITY = Input("qty", _("Quantity"), Kind.DECIMAL, initial=Decimal(1))
UNIT_PRICE = Input("unit_price", _("Unit price"), Kind.MONEY, required=False)
DISCOUNT = Input("discount", _("Discount in percent"), Kind.DECIMAL, required=False)
TAX_CODE = Input("tax_code", _("Tax code"), Kind.RECORD, required=False, model="money.TaxCode", initial=usual_tax_code)


def line_rows(lines: Any) -> list[dict[str, Any]]:
    """Stored lines as the rows of their form."""
    return [
        {
            "product": line.product_id,
            "description": line.description,
            "qty": plain(line.qty),
            "unit_price": plain(line.unit_price),
            "discount": plain(line.discount_rate * HUNDRED),
            "tax_code": line.tax_code_id,
            "promised_on": getattr(line, "promised_on", None),
        }
        for line in lines
    ]


def entered_lines(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of the form as a service takes them."""
    return [
        {**{name: value for name, value in row.items() if name != "discount"}, "discount_rate": row.get("discount", Decimal(0)) / HUNDRED}
        for row in rows
    ]


LINES = (
    Input(
        "lines", _("Lines"), Kind.ROWS, required=False, rows=(PRODUCT, DESCRIPTION, QUANTITY, UNIT_PRICE, DISCOUNT, TAX_CODE),
        initial=lambda deal, actor: line_rows(deal.lines.all()),
        help=_("Prices without tax. What a product says is filled in where you leave a field empty."),
    ),
)  # fmt: skip
