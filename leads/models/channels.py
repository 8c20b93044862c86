from django.db import models
from django.utils.translation import gettext_lazy as _

from ltc.money.fields import AmountField, CurrencyField, ExchangeRateField
from ltc.tenancy.fields import TenantForeignKey
from ltc.tenancy.models import TenantRecord
from ltc.users.visibility import Visible


class Channel(Visible, TenantRecord):
    """A way on which leads reach us. Where nobody knows, the channel is the explicit `unknown`."""

    permission_area = "channels"

    class Kind(models.TextChoices):
        WEB = "web", _("Website")
        SEO = "seo", _("Search engine, organic")
        SEM = "sem", _("Search engine, paid")
        SOCIAL = "social", _("Social media")
        WECHAT = "wechat", _("WeChat")
        EXHIBITION = "exhibition", _("Exhibition")
        EVENT = "event", _("Event")
        REFERRAL = "referral", _("Referral")
        PARTNER = "partner", _("Partner")
        OUTBOUND = "outbound", _("Outbound call or mail")
        MARKETPLACE = "marketplace", _("Marketplace")
        IMPORT = "import", _("Import")
        OTHER = "other", _("Other")

    code = models.SlugField(_("code"), max_length=40, allow_unicode=True, db_index=False)
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=11, choices=Kind, default=Kind.OTHER)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("channel")
        verbose_name_plural = _("channels")
        ordering = ("name", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "code"], name="channel_code_is_unique", violation_error_message=_("This code is taken.")
            )
        ]

    def __str__(self) -> str:
        return self.name


class Campaign(Visible, TenantRecord):
    """A limited effort on a channel: an exhibition stand, an advertisement, a mailing."""

    permission_area = "channels"

    channel = TenantForeignKey(Channel, models.PROTECT, related_name="campaigns", verbose_name=_("channel"))
    name = models.CharField(_("name"), max_length=120)
    start = models.DateField(_("starts on"), null=True, blank=True)
    end = models.DateField(_("ends on"), null=True, blank=True)
    budget = AmountField(_("budget"), null=True, blank=True)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        ordering = ("name", "id")
        constraints = [
            models.UniqueConstraint(fields=["tenant", "channel", "name"], name="campaign_name_is_unique_in_its_channel"),
            models.CheckConstraint(
                condition=models.Q(end__isnull=True) | models.Q(start__isnull=True) | models.Q(end__gte=models.F("start")),
                name="campaign_ends_after_its_start",
                violation_error_message=_("A campaign cannot end before it starts."),
            ),
            models.CheckConstraint(
                condition=models.Q(budget__isnull=True) | models.Q(budget__gte=0), name="campaign_budget_is_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class MarketingSpend(Visible, TenantRecord):
    """Money spent on a channel on a day, in its own currency and in the tenant's, at the rate of that day."""

    permission_area = "channels"

    channel = TenantForeignKey(Channel, models.PROTECT, related_name="spending", verbose_name=_("channel"))
    campaign = TenantForeignKey(Campaign, models.PROTECT, null=True, blank=True, related_name="spending", verbose_name=_("campaign"))
    spend_date = models.DateField(_("date"))
    amount = AmountField(_("amount"))
    currency = CurrencyField(_("currency"))
    fx_rate = ExchangeRateField(default=1)
    base_amount = AmountField()
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("marketing spend")
        verbose_name_plural = _("marketing spend")
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gte=0, base_amount__gte=0), name="marketing_spend_is_not_negative"),
        ]
        indexes = [models.Index(fields=["tenant", "spend_date"], name="marketing_spend_by_day")]

    def __str__(self) -> str:
        return f"{self.channel} {self.spend_date}: {self.amount} {self.currency}"
