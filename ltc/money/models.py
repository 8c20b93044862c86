from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ltc.money.fields import CurrencyField, ExchangeRateField, RateField
from ltc.tenancy.models import TenantRecord


class ExchangeRate(TenantRecord):
    """What one unit of a currency was worth in another on a day, by one source."""

    permission_area = "money"

    from_currency = CurrencyField(_("From currency"))
    to_currency = CurrencyField(_("To currency"))
    rate_date = models.DateField(_("Date"))
    rate = ExchangeRateField(_("Exchange rate"))
    source = models.CharField(_("Source"), max_length=40, default="manual")

    class Meta:
        ordering = ["-rate_date", "from_currency", "to_currency"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "from_currency", "to_currency", "rate_date", "source"], name="one_exchange_rate_per_day_and_source"
            ),
            models.CheckConstraint(condition=Q(rate__gt=0), name="exchange_rate_is_positive"),
            models.CheckConstraint(condition=~Q(from_currency=F("to_currency")), name="exchange_rate_joins_two_currencies"),
        ]

    def __str__(self) -> str:
        return f"{self.from_currency}/{self.to_currency} {self.rate} ({self.rate_date})"


class TaxCode(TenantRecord):
    """A rate of sales or value-added tax that a line may bear. Rates are data: the law changes them."""

    permission_area = "money"

    class Kind(models.TextChoices):
        SPECIAL = "special", _("Special invoice")
        GENERAL = "general", _("General invoice")
        ZERO = "zero", _("Zero rate")
        EXEMPT = "exempt", _("Exempt")
        OUT_OF_SCOPE = "out_of_scope", _("Outside the tax")

    code = models.CharField(_("Code"), max_length=20)
    name = models.CharField(_("Name"), max_length=120)
    rate = RateField(_("Tax rate"), help_text=_("As a part of one: 13 % is 0.13."))
    kind = models.CharField(_("Kind"), max_length=12, choices=Kind, default=Kind.GENERAL)
    valid_from = models.DateField(_("Valid from"), null=True, blank=True)
    valid_to = models.DateField(_("Valid to"), null=True, blank=True)
    is_default = models.BooleanField(_("Default"), default=False)

    class Meta:
        ordering = ["-rate", "code"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "code"], name="tax_code_is_unique"),
            models.UniqueConstraint(fields=["tenant"], condition=Q(is_default=True), name="one_default_tax_code"),
            models.CheckConstraint(condition=Q(rate__gte=0, rate__lt=1), name="tax_rate_in_range"),
            models.CheckConstraint(condition=Q(rate=0) | Q(kind__in=["special", "general"]), name="only_a_taxed_kind_has_a_tax_rate"),
            models.CheckConstraint(
                condition=Q(valid_from__isnull=True) | Q(valid_to__isnull=True) | Q(valid_from__lte=F("valid_to")),
                name="tax_code_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return self.name
