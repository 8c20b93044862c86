from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ltc.workflow.inputs import Input, Kind
from opportunities.forms import DESCRIPTION, DISCOUNT, PRODUCT, QUANTITY, TAX_CODE, UNIT_PRICE, line_rows
from orders.models import Order

UNIT = Input("uom", _("Unit"), required=False, max_length=20)
PROMISED = Input("promised_on", _("Promised for"), Kind.DATE, required=False)
ROW = (PRODUCT, DESCRIPTION, QUANTITY, UNIT, UNIT_PRICE, DISCOUNT, TAX_CODE, PROMISED)


def stored_rows(order: Any, actor: Any) -> list[dict[str, Any]]:
    """The lines of an order as the rows of their form."""
    lines = list(order.lines.all())
    return [{**row, "uom": line.uom} for row, line in zip(line_rows(lines), lines, strict=True)]


LINES = (
    Input(
        "lines", _("Lines"), Kind.ROWS, required=False, rows=ROW, initial=stored_rows,
        help=_("What a product says is filled in where you leave a field empty."),
    ),
)  # fmt: skip


class OrderForm(forms.ModelForm):
    """The head of a draft."""

    class Meta:
        model = Order
        fields = [
            *("order_date", "customer_po_no", "contract_ref", "currency", "price_includes_tax", "payment_term", "billing_policy"),
            *("requested_date", "notes"),
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        terms: Any = self.fields["payment_term"]
        terms.queryset = terms.queryset.filter(active=True)

    def _post_clean(self) -> None:
        """The service checks the record as a whole."""


class NewOrderForm(OrderForm):
    """An order without an opportunity before it, with its first line."""

    description = forms.CharField(label=_("What is ordered"), max_length=400)
    amount = forms.DecimalField(label=_("Amount"), max_digits=20, decimal_places=4, min_value=0, localize=False)
    promised_on = forms.DateField(label=_("Promised for"), initial=lambda: timezone.localdate() + timedelta(days=30))

    class Meta(OrderForm.Meta):
        fields = ["customer", "customer_po_no", "currency", "price_includes_tax", "payment_term"]

    def line(self) -> dict[str, Any]:
        """The first line, as the service takes it."""
        data = self.cleaned_data
        return {"description": data["description"], "qty": 1, "unit_price": data["amount"], "promised_on": data["promised_on"]}
