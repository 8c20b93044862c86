from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ltc.money.fields import CurrencyField, UnitPriceField
from ltc.money.models import TaxCode
from ltc.tenancy.fields import TenantForeignKey
from ltc.tenancy.models import TenantRecord
from ltc.users.visibility import Visible


class Product(Visible, TenantRecord):
    """Something that the tenant sells: goods, a service, a subscription or a project."""

    permission_area = "catalog"
    own_fields = ()

    class Kind(models.TextChoices):
        GOODS = "goods", _("Goods")
        SERVICE = "service", _("Service")
        SUBSCRIPTION = "subscription", _("Subscription")
        PROJECT = "project", _("Project")

    sku = models.CharField(_("SKU"), max_length=60)
    name = models.CharField(_("Name"), max_length=200)
    name_en = models.CharField(_("English name"), max_length=200, blank=True)
    spec = models.CharField(_("Specification"), max_length=300, blank=True)
    uom = models.CharField(_("Unit"), max_length=20)
    kind = models.CharField(_("Kind"), max_length=12, choices=Kind, default=Kind.GOODS)
    tax_code = TenantForeignKey(TaxCode, models.PROTECT, related_name="+", verbose_name=_("Tax code"))
    list_price = UnitPriceField(_("List price"), validators=[MinValueValidator(0)], help_text=_("Per unit, without tax."))
    currency = CurrencyField(_("Currency"))
    standard_cost = UnitPriceField(_("Standard cost"), null=True, blank=True, validators=[MinValueValidator(0)])
    lead_time_days = models.PositiveIntegerField(_("Lead time in days"), default=0)
    active = models.BooleanField(_("On sale"), default=True)
    source_system = models.CharField(max_length=40, blank=True)
    external_ref = models.CharField(max_length=100, blank=True)

    class Meta:
        ordering = ["sku"]
        indexes = [models.Index(fields=["tenant", "name"], name="product_by_name")]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "sku"], name="product_sku_is_unique", violation_error_message=_("There is a product with this SKU.")
            ),
            models.UniqueConstraint(
                fields=["tenant", "source_system", "external_ref"],
                condition=~Q(external_ref=""),
                name="product_external_ref_is_unique",
            ),
            models.CheckConstraint(condition=Q(list_price__gte=0), name="product_list_price_is_not_negative"),
            models.CheckConstraint(condition=Q(standard_cost__isnull=True) | Q(standard_cost__gte=0), name="product_cost_is_not_negative"),
        ]

    def __str__(self) -> str:
        return self.name
