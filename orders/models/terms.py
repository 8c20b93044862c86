from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ltc.money.fields import RateField
from ltc.tenancy.fields import TenantForeignKey
from ltc.tenancy.models import TenantModel, TenantRecord
from ltc.users.visibility import Visible


class Trigger(models.TextChoices):
    """What makes a part of the price fall due."""

    CONTRACT_SIGNED = "contract_signed", _("Contract signed")
    ORDER_CONFIRMED = "order_confirmed", _("Order confirmed")
    GOODS_READY = "goods_ready", _("Goods ready")
    SHIPPED = "shipped", _("Shipped")
    DELIVERED = "delivered", _("Delivered")
    PRELIMINARY_ACCEPTED = "preliminary_accepted", _("Preliminary acceptance")
    FINAL_ACCEPTED = "final_accepted", _("Final acceptance")
    INVOICE_ISSUED = "invoice_issued", _("Invoice issued")
    WARRANTY_END = "warranty_end", _("End of warranty")
    FIXED_DATE = "fixed_date", _("Fixed date")


class DayType(models.TextChoices):
    CALENDAR = "calendar", _("Calendar days")
    BUSINESS = "business", _("Business days")


class Gate(models.TextChoices):
    """What must wait until a part of the price is collected."""

    NONE = "none", _("Nothing")
    BEFORE_PRODUCTION = "before_production", _("Production")
    BEFORE_SHIPMENT = "before_shipment", _("Shipment")


class PaymentTerm(Visible, TenantRecord):
    """How a customer pays: in which parts, each triggered by what and due how long after."""

    permission_area = "catalog"
    own_fields = ()

    code = models.CharField(_("Code"), max_length=40)
    name = models.CharField(_("Name"), max_length=120)
    is_default = models.BooleanField(_("Default"), default=False)
    active = models.BooleanField(_("In use"), default=True)

    class Meta:
        verbose_name = _("Payment term")
        verbose_name_plural = _("Payment terms")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "code"], name="payment_term_code_is_unique"),
            models.UniqueConstraint(fields=["tenant"], condition=Q(is_default=True), name="one_default_payment_term"),
        ]

    def __str__(self) -> str:
        return self.name


class Instalment(TenantModel):
    """One part of a price: the share, what triggers it, and when it is due after that. Terms hold them, and orders a copy."""

    seq = models.PositiveSmallIntegerField(_("No."))
    pct = RateField(_("Share"), help_text=_("As a part of one: 30 % is 0.3."))
    trigger = models.CharField(_("Trigger"), max_length=20, choices=Trigger)
    offset_days = models.PositiveSmallIntegerField(_("Days to pay"), default=0)
    day_type = models.CharField(_("Counted in"), max_length=8, choices=DayType, default=DayType.CALENDAR)
    eom = models.BooleanField(_("From the end of the month"), default=False)
    is_retention = models.BooleanField(_("Retention"), default=False)
    gate = models.CharField(_("Holds back"), max_length=17, choices=Gate, default=Gate.NONE)

    class Meta:
        abstract = True


class PaymentTermLine(Visible, Instalment):
    """One part of a payment term. The shares of a term sum to one exactly; only its last part may be retention."""

    permission_area = "catalog"
    visible_through = "term__"
    own_fields = ()

    term = TenantForeignKey(PaymentTerm, models.CASCADE, related_name="lines")

    class Meta:
        ordering = ["seq"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "term", "seq"], name="payment_term_seq_is_unique"),
            models.CheckConstraint(condition=Q(pct__gt=0, pct__lte=1), name="payment_term_share_is_a_part_of_one"),
        ]

    def __str__(self) -> str:
        return f"{self.seq}. {self.get_trigger_display()}"
