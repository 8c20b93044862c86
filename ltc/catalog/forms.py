from django import forms

from ltc.catalog.models import Product


class ProductForm(forms.ModelForm):
    """A product of the catalogue."""

    class Meta:
        model = Product
        fields = (
            "sku", "name", "name_en", "spec", "uom", "kind", "tax_code", "list_price", "currency", "standard_cost", "lead_time_days",
            "active",
        )  # fmt: skip

    def _post_clean(self) -> None:
        """The service checks the record as a whole."""
