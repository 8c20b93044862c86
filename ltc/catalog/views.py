"""The pages of the catalogue."""

from typing import Any

from django.utils.translation import gettext_lazy

from ltc.catalog.filters import ProductFilters
from ltc.catalog.forms import ProductForm
from ltc.catalog.models import Product
from ltc.catalog.services import create_product, update_product
from ltc.web import cells
from ltc.web.cells import Column
from ltc.web.details import RecordView
from ltc.web.editing import CreateView, EditView
from ltc.web.lists import NamedView, RecordListView
from ltc.web.records import RecordPage

PRODUCTS = RecordPage(
    model=Product,
    plural="products",
    icon="package",
    label=gettext_lazy("Product"),
    label_plural=gettext_lazy("Products"),
    hue="amber",
    group="sell",
    order=29,
    search=("sku__istartswith", "name__icontains", "name_en__icontains"),
    subtitle=lambda product: product.sku,
)


def on_sale(product: Any) -> cells.Cell:
    return cells.tag(ON_SALE if product.active else WITHDRAWN, "green" if product.active else "slate")


ON_SALE, WITHDRAWN = gettext_lazy("On sale"), gettext_lazy("Withdrawn")


class ProductList(RecordListView):
    filterset_class = ProductFilters
    filter_names = ("kind",)
    select = ("tax_code",)
    default_sort = "sku"
    columns = (
        Column("name", gettext_lazy("Name"), sort="name"),
        Column("sku", gettext_lazy("SKU"), sort="sku"),
        Column("kind", gettext_lazy("Kind"), cell=lambda product: cells.text(product.get_kind_display())),
        Column("uom", gettext_lazy("Unit")),
        Column("list_price", gettext_lazy("List price"), "money", sort="list_price"),
        Column("tax_code", gettext_lazy("Tax code")),
        Column("active", gettext_lazy("State"), cell=on_sale),
    )
    views = (
        NamedView("active", gettext_lazy("On sale"), lambda queryset, actor: queryset.filter(active=True)),
        NamedView("all", gettext_lazy("All"), lambda queryset, actor: queryset),
    )
    empty_text = gettext_lazy("Products are what opportunities, orders and invoices are made of.")


class ProductRecord(RecordView):
    select = ("tax_code",)
    props = (
        Column("sku", gettext_lazy("SKU"), icon="barcode"),
        Column("kind", gettext_lazy("Kind"), icon="shapes", cell=lambda product: cells.text(product.get_kind_display())),
        Column("spec", gettext_lazy("Specification"), icon="ruler"),
        Column("uom", gettext_lazy("Unit"), icon="scale"),
        Column("list_price", gettext_lazy("List price"), "money", icon="banknote"),
        Column("tax_code", gettext_lazy("Tax code"), icon="percent"),
        Column("lead_time_days", gettext_lazy("Lead time in days"), "number", icon="clock"),
        Column("active", gettext_lazy("State"), icon="circle-dot", cell=on_sale),
    )


class ProductCreate(CreateView):
    form_class = ProductForm

    def initial(self, record: Any) -> dict[str, Any]:
        return {"currency": self.request.tenant.base_currency}  # type: ignore[attr-defined]

    def save(self, form: ProductForm, record: Any) -> Product:
        return create_product(actor=self.actor, **form.cleaned_data)


class ProductEdit(EditView):
    form_class = ProductForm

    def save(self, form: ProductForm, record: Any) -> Product:
        return update_product(record, actor=self.actor, version=self.wanted_version(), **form.cleaned_data)
