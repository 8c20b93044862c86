from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ltc.money.fields import AmountField
from ltc.tenancy.fields import TenantForeignKey
from ltc.users.visibility import Visible
from orders.models.orders import Order
from orders.models.terms import Instalment


class CollectionPlanLine(Visible, Instalment):
    """One part of an order's price as it is to be collected. All parts of an order sum to its gross exactly.

    `expected_date` is what we count on while the trigger has not happened; `due_date` is what the customer owes by.
    """

    permission_area = "orders"
    visible_through = "order__"
    own_fields = ("owner",)

    class Kind(models.TextChoices):
        ADVANCE = "advance", _("Advance payment")
        PROGRESS = "progress", _("Progress")
        DELIVERY = "delivery", _("Delivery")
        ACCEPTANCE = "acceptance", _("Acceptance")
        RETENTION = "retention", _("Retention")
        STANDARD = "standard", _("Standard")
        SUBSCRIPTION = "subscription", _("Subscription")

    order = TenantForeignKey(Order, models.CASCADE, related_name="plan_lines")
    kind = models.CharField(_("Kind"), max_length=12, choices=Kind)
    amount = AmountField(_("Amount"))
    expected_date = models.DateField(_("Expected"), null=True, blank=True)
    due_date = models.DateField(_("Due"), null=True, blank=True)
    triggered_at = models.DateTimeField(_("Triggered"), null=True, blank=True, editable=False)
    triggered_on = models.DateField(_("Triggered on"), null=True, blank=True, editable=False)
    collected_on = models.DateField(_("Collected"), null=True, blank=True, editable=False)

    class Meta:
        ordering = ["seq"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "order", "seq"], name="collection_plan_seq_is_unique"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="collection_plan_amount_is_not_negative"),
            models.CheckConstraint(
                condition=Q(triggered_at__isnull=True, triggered_on__isnull=True, due_date__isnull=True)
                | Q(triggered_at__isnull=False, triggered_on__isnull=False, due_date__isnull=False),
                name="a_triggered_plan_line_has_its_due_date",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "trigger", "expected_date"], condition=Q(triggered_at__isnull=True), name="plan_lines_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.seq}. {self.get_trigger_display()}: {self.amount}"
