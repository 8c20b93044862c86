from datetime import datetime
from decimal import Decimal

import django_fsm
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ltc.customers.origin import Originated
from ltc.money.fields import AmountField, CurrencyField, ExchangeRateField, QuantityField, RateField, UnitPriceField
from ltc.refusals import Refusal
from ltc.tenancy.fields import TenantForeignKey
from ltc.tenancy.models import TenantModel
from ltc.users.visibility import Visible
from ltc.workflow.declare import guard, transition
from ltc.workflow.fields import StateField
from ltc.workflow.inputs import Input, Kind
from ltc.workflow.models import StatefulModel
from orders.events import OrderCancelled, OrderClosed, OrderCompleted, OrderConfirmed, OrderHeld, OrderReleased
from orders.models.terms import PaymentTerm

PERIODS = (("month", _("Every month")), ("quarter", _("Every quarter")), ("half_year", _("Every half-year")), ("year", _("Every year")))
REASON = Input("reason", _("Reason"), Kind.TEXT, max_length=300)


class Order(Originated, StatefulModel):
    """What a customer bought and we promised to deliver, and how it will be paid."""

    permission_area = "orders"

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        CONFIRMED = "confirmed", _("Confirmed")
        IN_PROGRESS = "in_progress", _("In progress")
        ON_HOLD = "on_hold", _("On hold")
        COMPLETED = "completed", _("Completed")
        CLOSED = "closed", _("Closed")
        CANCELLED = "cancelled", _("Cancelled")

    class Progress(models.TextChoices):
        NONE = "none", _("None")
        PARTIAL = "partial", _("Partial")
        FULL = "full", _("Full")

    class BillingPolicy(models.TextChoices):
        ON_ORDER = "on_order", _("On order")
        ON_DELIVERY = "on_delivery", _("On delivery")
        ON_ACCEPTANCE = "on_acceptance", _("On acceptance")
        MILESTONES = "milestones", _("By milestones")
        PERIODIC = "periodic", _("Periodically")

    class CreditCheck(models.TextChoices):
        NONE = "", _("Not checked")
        PASSED = "passed", _("Passed")
        OVERRIDDEN = "overridden", _("Overridden")
        FAILED = "failed", _("Failed")

    number = models.CharField(_("Document number"), max_length=40)
    customer = TenantForeignKey("customers.Customer", models.PROTECT, verbose_name=_("Customer"), related_name="orders")
    opportunity = TenantForeignKey(
        "opportunities.Opportunity", models.PROTECT, verbose_name=_("Opportunity"), null=True, blank=True, related_name="orders"
    )
    lead = TenantForeignKey(
        "leads.Lead", models.PROTECT, verbose_name=_("Lead"), null=True, blank=True, related_name="orders",
        help_text=_("For orders that came straight from a lead."),
    )  # fmt: skip
    contract_ref = models.CharField(_("Contract"), max_length=100, blank=True)
    customer_po_no = models.CharField(_("Customer's order number"), max_length=100, blank=True)
    order_date = models.DateField(_("Order date"))
    currency = CurrencyField(_("Currency"))
    fx_rate = ExchangeRateField(_("Exchange rate"), null=True, blank=True, editable=False)
    price_includes_tax = models.BooleanField(_("Prices include tax"), default=False)
    net = AmountField(_("Net"), default=Decimal(0), editable=False)
    tax = AmountField(_("Tax"), default=Decimal(0), editable=False)
    gross = AmountField(_("Total"), default=Decimal(0), editable=False)
    gross_base = AmountField(_("Total in base currency"), null=True, blank=True, editable=False)
    state = StateField(_("State"), choices=State, default=State.DRAFT)
    held_from = models.CharField(max_length=12, choices=State, blank=True, default="", editable=False)
    hold_reason = models.CharField(_("Reason of the hold"), max_length=300, blank=True, editable=False)
    owner = TenantForeignKey("users.Membership", models.PROTECT, verbose_name=_("Owner"), related_name="orders")
    team = TenantForeignKey("users.Team", models.PROTECT, verbose_name=_("Team"), null=True, blank=True, related_name="+")
    payment_term = TenantForeignKey(
        PaymentTerm, models.PROTECT, verbose_name=_("Payment term"), null=True, blank=True, related_name="orders"
    )
    requested_date = models.DateField(_("Wanted by"), null=True, blank=True)
    billing_policy = models.CharField(_("Billing"), max_length=13, choices=BillingPolicy, default=BillingPolicy.MILESTONES)
    credit_check = models.CharField(_("Credit check"), max_length=10, choices=CreditCheck, blank=True, default="", editable=False)
    credit_note = models.CharField(_("Credit decision"), max_length=300, blank=True, editable=False)
    delivery_status = models.CharField(_("Delivered"), max_length=7, choices=Progress, default=Progress.NONE, editable=False)
    acceptance_status = models.CharField(_("Accepted"), max_length=7, choices=Progress, default=Progress.NONE, editable=False)
    billing_status = models.CharField(_("Billed"), max_length=7, choices=Progress, default=Progress.NONE, editable=False)
    collection_status = models.CharField(_("Collected"), max_length=7, choices=Progress, default=Progress.NONE, editable=False)
    confirmed_at = models.DateTimeField(_("Confirmed"), null=True, blank=True, editable=False)
    completed_at = models.DateTimeField(_("Completed"), null=True, blank=True, editable=False)
    closed_at = models.DateTimeField(_("Closed"), null=True, blank=True, editable=False)
    notes = models.TextField(_("Notes"), max_length=4000, blank=True)
    source_system = models.CharField(max_length=40, blank=True)
    external_ref = models.CharField(max_length=100, blank=True)

    class Meta:
        verbose_name = _("Order")
        verbose_name_plural = _("Orders")
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="order_number_is_unique"),
            models.UniqueConstraint(
                fields=["tenant", "opportunity"],
                condition=Q(opportunity__isnull=False) & ~Q(state="cancelled") & ~Q(source_system="import"),
                name="one_standing_order_per_opportunity",
            ),
            models.UniqueConstraint(
                fields=["tenant", "lead"], condition=Q(lead__isnull=False) & ~Q(source_system="import"), name="one_order_per_lead"
            ),
            models.UniqueConstraint(
                fields=["tenant", "source_system", "external_ref"], condition=~Q(external_ref=""), name="order_external_ref_is_unique"
            ),
            models.CheckConstraint(condition=Q(gross=F("net") + F("tax")), name="order_gross_is_net_and_tax"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "cancelled"])
                | Q(fx_rate__isnull=False, gross_base__isnull=False, confirmed_at__isnull=False),
                name="a_confirmed_order_has_a_frozen_rate",
            ),
            models.CheckConstraint(
                condition=Q(state="on_hold", held_from__in=["confirmed", "in_progress"]) & ~Q(hold_reason="")
                | (~Q(state="on_hold") & Q(held_from="", hold_reason="")),
                name="a_held_order_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(
                    delivery_status__in=["none", "partial", "full"],
                    acceptance_status__in=["none", "partial", "full"],
                    billing_status__in=["none", "partial", "full"],
                    collection_status__in=["none", "partial", "full"],
                ),
                name="order_progress_is_legal",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "state", "-order_date", "-id"], name="orders_by_state"),
            models.Index(fields=["tenant", "-order_date", "-id"], name="orders_newest"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_standing(self) -> bool:
        """Whether the order is promised: neither a draft nor cancelled."""
        return self.state not in (self.State.DRAFT, self.State.CANCELLED)

    @guard(_("The order is no longer a draft."))
    def is_draft(self) -> bool:
        return self.state == self.State.DRAFT

    @guard(_("Add at least one line first."))
    def has_lines(self) -> bool:
        return bool(self.lines.all())

    @guard(_("Give every line a promised date first."))
    def is_promised(self) -> bool:
        return all(line.promised_on for line in self.lines.all())

    @guard(_("Choose a payment term, or enter a collection plan that sums to the order's total."))
    def plan_sums_to_gross(self) -> bool:
        planned = [line.amount for line in self.plan_lines.all()]
        return sum(planned) == self.gross if planned else self.payment_term_id is not None

    @guard(_("Something was delivered or invoiced already. Take it back and credit it first."))
    def is_untouched(self) -> bool:
        return not any(line.qty_delivered or line.qty_invoiced for line in self.lines.all())

    @guard(_("Collect what is to be paid before production first."))
    def may_be_produced(self) -> bool:
        return not any(line.gate == "before_production" and not line.collected_on for line in self.plan_lines.all())

    @guard(_("Not everything is delivered, or not everything accepted, yet."))
    def is_fulfilled(self) -> bool:
        accepted = self.acceptance_status == self.Progress.FULL or not self.needs_acceptance
        return self.delivery_status == self.Progress.FULL and accepted

    @guard(_("Not everything is billed and collected yet."))
    def is_settled(self) -> bool:
        return self.billing_status == self.collection_status == self.Progress.FULL

    @guard(_("No period is left to be billed."))
    def is_billed_periodically(self) -> bool:
        return any(part.kind == "subscription" and part.triggered_at is None for part in self.plan_lines.all())

    @guard(_("The credit check was passed or overridden already."))
    def credit_is_open(self) -> bool:
        return self.credit_check not in (self.CreditCheck.PASSED, self.CreditCheck.OVERRIDDEN)

    @property
    def needs_acceptance(self) -> bool:
        """Whether the customer is to accept what was delivered: billing or a part of the price hangs on it."""
        hang_on_it = any(line.trigger in ("preliminary_accepted", "final_accepted") for line in self.plan_lines.all())
        return self.billing_policy == self.BillingPolicy.ON_ACCEPTANCE or hang_on_it

    @transition(
        state, source=State.DRAFT, target=State.CONFIRMED, conditions=[has_lines, is_promised, plan_sums_to_gross],
        permission="orders.confirm", label=_("Confirm"), icon="check", primary=True, event=OrderConfirmed,
    )  # fmt: skip
    def confirm(self, *, at: datetime, fx_rate: Decimal, gross_base: Decimal, credit_check: str) -> None:
        """We promise to deliver on the dates of the lines. Rate, baseline and collection plan are fixed from now on."""
        self.confirmed_at, self.fx_rate, self.gross_base, self.credit_check = at, fx_rate, gross_base, credit_check

    @transition(
        state, source=State.DRAFT, target=None, conditions=[credit_is_open], permission="orders.override_credit",
        label=_("Override the credit check"), icon="shield-check", inputs=[REASON],
    )  # fmt: skip
    def override_credit(self, *, reason: str) -> None:
        """Finance takes the risk: the order may be confirmed although the customer's credit does not cover it."""
        self.credit_check, self.credit_note = self.CreditCheck.OVERRIDDEN, _said(reason)

    @transition(
        state, source=State.DRAFT, target=None, conditions=[has_lines], permission="orders.change", label=_("Bill periodically"),
        icon="repeat",
        inputs=[
            Input("every", _("How often"), Kind.CHOICE, choices=PERIODS, initial="month"),
            Input("first", _("From"), Kind.DATE, initial=lambda order, actor: timezone.localdate()),
            Input("periods", _("Number of periods"), Kind.INTEGER, initial=12),
            Input("days_to_pay", _("Days to pay"), Kind.INTEGER, required=False, initial=30),
        ],
    )  # fmt: skip
    def bill_periodically(self) -> None:
        """Its price is billed in equal parts, one on the first day of each period."""
        self.billing_policy = self.BillingPolicy.PERIODIC

    @transition(
        state, source=[State.CONFIRMED, State.IN_PROGRESS, State.ON_HOLD, State.COMPLETED], target=None,
        conditions=[is_billed_periodically], permission="orders.hold", label=_("Stop billing periods"), icon="calendar-x", danger=True,
        inputs=[Input("last", _("Ends on"), Kind.DATE, initial=lambda order, actor: timezone.localdate()), REASON],
    )  # fmt: skip
    def stop_billing(self, *, reason: str) -> None:
        """The subscription ends: no period that begins after that day is billed."""
        _said(reason)

    @transition(
        state, source=State.CONFIRMED, target=State.IN_PROGRESS, conditions=[may_be_produced], permission="orders.start",
        label=_("Start"), icon="play", primary=True,
    )  # fmt: skip
    def start(self) -> None:
        """Production or delivery began."""

    @transition(
        state, source=[State.CONFIRMED, State.IN_PROGRESS], target=State.ON_HOLD, permission="orders.hold", label=_("Put on hold"),
        icon="pause", danger=True, event=OrderHeld, inputs=[REASON],
    )  # fmt: skip
    def hold(self, *, reason: str) -> None:
        """Nothing is released for shipment until the reason is gone."""
        self.held_from, self.hold_reason = self.state, _said(reason)

    @transition(
        state, source=State.ON_HOLD, target=django_fsm.RETURN_VALUE("confirmed", "in_progress"), permission="orders.release",
        label=_("Release"), icon="play", primary=True, event=OrderReleased,
    )  # fmt: skip
    def release(self) -> str:
        """The reason is gone; the order is what it was before."""
        before, self.held_from, self.hold_reason = self.held_from, "", ""
        return before

    @transition(
        state, source=[State.CONFIRMED, State.IN_PROGRESS], target=State.COMPLETED, conditions=[is_fulfilled],
        permission="orders.complete", label=_("Complete"), automatic=True, event=OrderCompleted,
    )  # fmt: skip
    def complete(self, *, at: datetime) -> None:
        """Everything was delivered, and accepted where that was agreed."""
        self.completed_at = at

    @transition(
        state, source=State.COMPLETED, target=State.CLOSED, conditions=[is_settled], permission="orders.close", label=_("Close"),
        icon="archive", event=OrderClosed,
    )  # fmt: skip
    def close(self, *, at: datetime) -> None:
        """Everything was billed and paid: from the first touch to cash, the deal is done."""
        self.closed_at = at

    @transition(
        state, source=[State.DRAFT, State.CONFIRMED, State.ON_HOLD], target=State.CANCELLED, conditions=[is_untouched],
        permission="orders.cancel", label=_("Cancel"), icon="ban", danger=True, event=OrderCancelled, inputs=[REASON],
    )  # fmt: skip
    def cancel(self, *, at: datetime, reason: str) -> None:
        """The deal is off before anything was delivered or invoiced."""
        _said(reason)
        self.closed_at, self.held_from, self.hold_reason = at, "", ""


def _said(reason: str) -> str:
    if not reason.strip():
        raise Refusal(_("Say why, in a few words."), code="reason_required", field="reason")
    return reason.strip()


class OrderLine(Visible, TenantModel):
    """One thing that was bought: how much, at what price, promised for when, and how far it is."""

    permission_area = "orders"
    visible_through = "order__"

    order = TenantForeignKey(Order, models.CASCADE, related_name="lines")
    line_no = models.PositiveSmallIntegerField(_("Line"))
    product = TenantForeignKey("catalog.Product", models.PROTECT, verbose_name=_("Product"), null=True, blank=True, related_name="+")
    description = models.CharField(_("Description"), max_length=400)
    uom = models.CharField(_("Unit"), max_length=20, blank=True)
    qty = QuantityField(_("Quantity"))
    unit_price = UnitPriceField(_("Unit price"))
    discount_rate = RateField(_("Discount"), default=Decimal(0))
    net = AmountField(_("Net"))
    tax_code = TenantForeignKey("money.TaxCode", models.PROTECT, verbose_name=_("Tax code"), null=True, blank=True, related_name="+")
    tax_rate = RateField(_("Tax rate"), default=Decimal(0))
    tax = AmountField(_("Tax"))
    gross = AmountField(_("Total"))
    promised_on = models.DateField(_("Promised for"), null=True, blank=True)
    baseline_date = models.DateField(_("First promised for"), null=True, blank=True, editable=False)
    qty_delivered = QuantityField(_("Delivered"), default=Decimal(0), editable=False)
    qty_accepted = QuantityField(_("Accepted"), default=Decimal(0), editable=False)
    qty_invoiced = QuantityField(_("Invoiced"), default=Decimal(0), editable=False)
    closed_short = models.BooleanField(_("Closed short"), default=False, editable=False)

    class Meta:
        ordering = ["line_no"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "order", "line_no"], name="order_line_no_is_unique"),
            models.CheckConstraint(condition=Q(qty__gt=0), name="order_line_has_a_quantity"),
            models.CheckConstraint(condition=Q(discount_rate__range=(0, 1)), name="order_line_discount_is_a_part_of_one"),
            models.CheckConstraint(condition=Q(gross=F("net") + F("tax")), name="order_line_gross_is_net_and_tax"),
            models.CheckConstraint(
                condition=Q(qty_accepted__gte=0, qty_accepted__lte=F("qty_delivered"), qty_delivered__lte=F("qty")),
                name="accepted_at_most_delivered_at_most_ordered",
            ),
            models.CheckConstraint(condition=Q(qty_invoiced__gte=0, qty_invoiced__lte=F("qty")), name="invoiced_at_most_ordered"),
        ]

    def __str__(self) -> str:
        return f"{self.line_no}. {self.description}"

    @property
    def qty_open(self) -> Decimal:
        """What is still to be delivered."""
        return Decimal(0) if self.closed_short else self.qty - self.qty_delivered
