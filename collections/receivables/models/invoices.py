from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import RETURN_VALUE

from ltc.money.fields import AmountField, CurrencyField, ExchangeRateField, QuantityField, RateField, UnitPriceField
from ltc.refusals import Forbidden, Refusal
from ltc.tenancy.fields import TenantForeignKey
from ltc.tenancy.models import TenantModel, TenantRecord
from ltc.users.models import ApiKey
from ltc.users.roles import Capability
from ltc.users.visibility import Visible
from ltc.workflow.declare import guard, transition
from ltc.workflow.fields import StateField
from ltc.workflow.inputs import Input
from ltc.workflow.inputs import Kind as InputKind
from ltc.workflow.models import StatefulModel
from receivables.aging import days_overdue
from receivables.events import InvoiceIssued, InvoiceReopened, InvoiceSettled


def is_same_person(actor: Any, author: Any) -> bool:
    """Whether the actor is who did something: themselves, or by way of an API key that they made."""
    if author is None or actor.kind == "system":
        return False
    if author in (actor.pk, getattr(actor, "created_by_id", None)):
        return True
    return ApiKey.objects.filter(pk=author, created_by=actor.pk).exists()


def require_person(actor: Any) -> None:
    """An integration approves nothing, whatever its key reaches: through REST too a person does, signed in. Raises Forbidden."""
    if actor.kind == "api":
        raise Forbidden(_("An integration approves nothing. A finance approver has to sign in and do it."), code="permission_denied")


def require_finance_approver(actor: Any, *, author: Any) -> None:
    """Nobody approves what they submitted, and it takes a finance approver. Raises Forbidden."""
    if actor.kind == "system":
        return
    require_person(actor)
    if is_same_person(actor, author):
        raise Forbidden(_("You submitted this yourself. Ask another finance approver."), code="self_approval")
    if Capability.FINANCE_APPROVER not in getattr(actor, "capabilities", ()):
        raise Forbidden(_("Only a finance approver may do this."))


class Invoice(StatefulModel):
    """What we ask a customer to pay for an order, wholly or for one part of its collection plan."""

    permission_area = "receivables"
    visible_through = "customer__"

    class Kind(models.TextChoices):
        STANDARD = "standard", _("Standard")
        ADVANCE = "advance", pgettext_lazy("invoice", "Advance")
        PROGRESS = "progress", _("Progress")
        FINAL = "final", _("Final instalment")
        SUBSCRIPTION = "subscription", _("Subscription")
        PROFORMA = "proforma", _("Pro forma")
        OPENING = "opening", _("Opening balance")

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        IN_APPROVAL = "in_approval", _("In approval")
        APPROVED = "approved", _("Approved")
        ISSUED = "issued", _("Issued")
        SETTLED = "settled", _("Settled")
        VOID = "void", _("Void")

    class Channel(models.TextChoices):
        EMAIL = "email", _("E-mail")
        PORTAL = "portal", _("Customer's portal")
        POST = "post", _("By post")
        HAND = "hand", _("By hand")

    POSTED = (State.ISSUED, State.SETTLED)

    number = models.CharField(_("Number"), max_length=40, null=True, blank=True, editable=False)
    customer = TenantForeignKey("customers.Customer", models.PROTECT, related_name="invoices", verbose_name=_("Customer"))
    order = TenantForeignKey("orders.Order", models.PROTECT, null=True, blank=True, related_name="invoices", verbose_name=_("Order"))
    plan_line = TenantForeignKey(
        "orders.CollectionPlanLine", models.PROTECT, null=True, blank=True, related_name="invoices", verbose_name=_("Instalment")
    )
    kind = models.CharField(_("Kind"), max_length=12, choices=Kind, default=Kind.STANDARD)
    instalments = models.JSONField(_("Due items as drafted"), default=list, blank=True, editable=False)
    invoice_date = models.DateField(_("Invoice date"), null=True, blank=True, editable=False)
    currency = CurrencyField(_("Currency"))
    fx_rate = ExchangeRateField(_("Exchange rate"), null=True, blank=True, editable=False)
    net = AmountField(_("Net"))
    tax = AmountField(_("Tax"))
    gross = AmountField(_("Total"))
    gross_base = AmountField(_("Total in base currency"), null=True, blank=True, editable=False)
    tax_base = AmountField(_("Tax in base currency"), null=True, blank=True, editable=False)
    state = StateField(_("State"), choices=State, default=State.DRAFT)
    needs_approval = models.BooleanField(_("Needs approval"), default=True, editable=False)
    submitted_by = models.UUIDField(null=True, blank=True, editable=False)
    approved_by = models.UUIDField(null=True, blank=True, editable=False)
    issued_at = models.DateTimeField(_("Issued"), null=True, blank=True, editable=False)
    sent_at = models.DateTimeField(_("Sent"), null=True, blank=True, editable=False)
    sent_channel = models.CharField(_("Sent by"), max_length=6, choices=Channel, blank=True, editable=False)
    sent_to = models.CharField(_("Sent to"), max_length=254, blank=True, editable=False)
    closed_on = models.DateField(_("Settled on"), null=True, blank=True, editable=False)
    voided_at = models.DateTimeField(_("Voided"), null=True, blank=True, editable=False)
    po_ref = models.CharField(_("Customer's order number"), max_length=100, blank=True)
    note = models.CharField(_("Note"), max_length=500, blank=True)
    drafted_by = models.UUIDField(null=True, blank=True, editable=False)
    external_ref = models.CharField(_("External reference"), max_length=100, null=True, blank=True)

    class Meta:
        verbose_name = _("Invoice")
        verbose_name_plural = _("Invoices")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["tenant", "-created_at", "-id"], name="invoice_newest"),
            models.Index(fields=["tenant", "state", "-created_at"], name="invoice_by_state"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="invoice_number_is_unique"),
            models.UniqueConstraint(fields=["tenant", "external_ref"], name="invoice_external_ref_is_unique"),
            models.UniqueConstraint(
                fields=["tenant", "plan_line"],
                condition=Q(plan_line__isnull=False) & ~Q(state="void"),
                name="one_invoice_per_plan_line",
                violation_error_message=_("There is an invoice for this instalment already."),
            ),
            models.CheckConstraint(condition=Q(gross__gt=0, gross=F("net") + F("tax")), name="invoice_gross_is_net_and_tax"),
            models.CheckConstraint(
                condition=Q(state__in=["issued", "settled"], number__isnull=False, invoice_date__isnull=False, fx_rate__isnull=False)
                | Q(state="void")
                | (~Q(state__in=["issued", "settled", "void"]) & Q(number__isnull=True)),
                name="an_issued_invoice_has_a_number_and_a_draft_none",
            ),
            models.CheckConstraint(
                condition=Q(state="settled", closed_on__isnull=False) | (~Q(state="settled") & Q(closed_on__isnull=True)),
                name="a_settled_invoice_and_no_other_is_closed",
            ),
        ]

    def __str__(self) -> str:
        return self.number or str(_("Draft of %(order)s")) % {"order": self.order.number if self.order else self.customer.name}

    @guard(_("Mark it as sent only once. It was sent already."))
    def is_unsent(self) -> bool:
        return self.sent_at is None

    @transition(
        state, source=State.DRAFT, target=RETURN_VALUE(State.IN_APPROVAL, State.APPROVED), permission="receivables.submit",
        label=_("Submit"), icon="send", primary=True,
    )  # fmt: skip
    def submit(self, *, actor: Any) -> str:
        """Ready to go out. Below the tenant's limit it counts as approved; above, another person has to approve it."""
        self.submitted_by = actor.pk
        return self.State.IN_APPROVAL if self.needs_approval else self.State.APPROVED

    @transition(
        state, source=State.IN_APPROVAL, target=State.APPROVED, permission="receivables.approve", label=_("Approve"),
        icon="check", primary=True,
    )  # fmt: skip
    def approve(self, *, actor: Any) -> None:
        """A finance approver who neither drafted nor submitted it has looked at it."""
        require_finance_approver(actor, author=self.submitted_by)
        require_finance_approver(actor, author=self.drafted_by)
        self.approved_by = actor.pk

    @transition(
        state, source=[State.IN_APPROVAL, State.APPROVED], target=State.DRAFT, permission="receivables.submit",
        label=_("Return to draft"), icon="undo", inputs=[Input("reason", _("Reason"), max_length=300)],
    )  # fmt: skip
    def return_to_draft(self, *, reason: str) -> None:
        """Something has to be changed first."""
        self.submitted_by = self.approved_by = None

    @transition(
        state, source=State.APPROVED, target=State.ISSUED, permission="receivables.issue", label=_("Issue"), icon="file-check",
        primary=True, event=InvoiceIssued,
        inputs=[
            Input("on", _("Invoice date"), InputKind.DATE, required=False, initial=lambda invoice, actor: timezone.localdate()),
        ],
        confirm=_("The invoice gets its number and is posted. It cannot be changed after that."),
    )  # fmt: skip
    def issue(self, *, at: datetime, number: str, invoice_date: date, fx_rate: Decimal, gross_base: Decimal, tax_base: Decimal) -> None:
        """The customer owes the money from now on. The exchange rate is frozen."""
        self.number, self.invoice_date, self.issued_at = number, invoice_date, at
        self.fx_rate, self.gross_base, self.tax_base = fx_rate, gross_base, tax_base

    @transition(
        state, source=[State.ISSUED, State.SETTLED], target=None, permission="receivables.send", label=_("Send"), icon="send", primary=True,
        inputs=[
            Input("recipient", _("Sent to"), max_length=254, initial=lambda invoice, actor: invoice.billing_address),
            Input("language", _("Language"), InputKind.CHOICE, required=False, choices=settings.LANGUAGES,
                  initial=lambda invoice, actor: invoice.customer.language),
            Input("message", _("Message"), InputKind.LONG_TEXT, required=False),
        ],
    )  # fmt: skip
    def send(self) -> None:
        """By e-mail, with the PDF and a link under which the customer sees what is open. It counts as sent when the mail has left."""

    @transition(
        state, source=[State.ISSUED, State.SETTLED], target=None, conditions=[is_unsent], permission="receivables.mark_sent",
        label=_("Mark as sent"), icon="mail", primary=True,
        inputs=[
            Input("channel", _("Sent by"), InputKind.CHOICE, choices=Channel.choices, initial="email"),
            Input("recipient", _("Sent to"), max_length=254, initial=lambda invoice, actor: invoice.billing_address),
        ],
    )  # fmt: skip
    def mark_sent(self, *, at: datetime, channel: str, recipient: str) -> None:
        """The customer has it. No reminder is sent for an invoice that never went out."""
        if not recipient.strip():
            raise Refusal(_("Say to whom the invoice was sent."), code="required", field="recipient")
        self.sent_at, self.sent_channel, self.sent_to = at, channel, recipient

    @transition(
        state, source=State.ISSUED, target=State.SETTLED, permission="receivables.settle", label=_("Settle"), automatic=True,
        event=InvoiceSettled,
    )  # fmt: skip
    def settle(self, *, on: date) -> None:
        """Every item is paid."""
        self.closed_on = on

    @transition(
        state, source=State.SETTLED, target=State.ISSUED, permission="receivables.settle", label=_("Reopen"), automatic=True,
        event=InvoiceReopened,
    )  # fmt: skip
    def reopen(self) -> None:
        """An allocation was taken back; reminders go on with the next level."""
        self.closed_on = None

    @transition(
        state, source=[State.DRAFT, State.IN_APPROVAL, State.APPROVED, State.ISSUED], target=State.VOID, permission="receivables.void",
        label=_("Void"), icon="ban", danger=True, inputs=[Input("reason", _("Reason"), max_length=300)],
    )  # fmt: skip
    def void(self, *, at: datetime, reason: str) -> None:
        """It will not go out; its instalment may be invoiced again. An issued one can be voided on the day of its issue only."""
        self.voided_at = at

    @property
    def billing_address(self) -> str:
        """Where invoices to this customer go: the contact who gets them, else the first one with an address."""
        contacts = [contact for contact in self.customer.contacts.all() if contact.email]
        chosen = next((contact for contact in contacts if contact.is_billing), contacts[0] if contacts else None)
        return chosen.email if chosen else ""

    @property
    def open_amount(self) -> Decimal:
        """What is still to be paid, in the invoice's currency."""
        return sum((item.open_amount for item in self.items.all()), Decimal(0))

    @property
    def is_overdue(self) -> bool:
        """Whether a released item is open after its due date, in the tenant's day."""
        return any(item.days_overdue for item in self.items.all())

    @property
    def is_partially_paid(self) -> bool:
        return self.state == self.State.ISSUED and self.open_amount < self.gross


class InvoiceLine(Visible, TenantModel):
    """What an invoice bills of one order line: a quantity at the order's price."""

    permission_area = "receivables"
    visible_through = "invoice__customer__"

    invoice = TenantForeignKey(Invoice, models.CASCADE, related_name="lines")
    line_no = models.PositiveSmallIntegerField(_("Line"))
    order_line = TenantForeignKey("orders.OrderLine", models.PROTECT, null=True, blank=True, related_name="invoice_lines")
    description = models.CharField(_("Description"), max_length=400)
    uom = models.CharField(_("Unit"), max_length=20, blank=True)
    qty = QuantityField(_("Quantity"))
    unit_price = UnitPriceField(_("Unit price"))
    discount_rate = RateField(_("Discount"), default=Decimal(0))
    tax_code = TenantForeignKey("money.TaxCode", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Tax code"))
    tax_rate = RateField(_("Tax rate"), default=Decimal(0))
    net = AmountField(_("Net"))
    tax = AmountField(_("Tax"))
    gross = AmountField(_("Total"))

    class Meta:
        verbose_name = _("Invoice line")
        ordering = ["line_no"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "invoice", "line_no"], name="invoice_line_no_is_unique"),
            models.CheckConstraint(condition=Q(qty__gte=0), name="invoice_line_quantity_is_not_negative"),
            models.CheckConstraint(condition=Q(gross=F("net") + F("tax")), name="invoice_line_gross_is_net_and_tax"),
        ]

    def __str__(self) -> str:
        return f"{self.line_no}. {self.description}"


class ReceivableItem(Visible, TenantRecord):
    """An open item: so much of an invoice, due on one day. Reminders and allocations are made per item."""

    permission_area = "receivables"
    visible_through = "customer__"

    class Kind(models.TextChoices):
        STANDARD = "standard", _("Standard")
        ADVANCE = "advance", pgettext_lazy("invoice", "Advance")
        PROGRESS = "progress", _("Progress")
        DELIVERY = "delivery", _("Delivery")
        ACCEPTANCE = "acceptance", _("Acceptance")
        RETENTION = "retention", _("Retention")
        SUBSCRIPTION = "subscription", _("Subscription")

    invoice = TenantForeignKey(Invoice, models.PROTECT, related_name="items", verbose_name=_("Invoice"))
    customer = TenantForeignKey("customers.Customer", models.PROTECT, related_name="receivable_items", verbose_name=_("Customer"))
    seq = models.PositiveSmallIntegerField(_("No."))
    kind = models.CharField(_("Kind"), max_length=12, choices=Kind, default=Kind.STANDARD)
    plan_line = TenantForeignKey(
        "orders.CollectionPlanLine", models.PROTECT, null=True, blank=True, related_name="items", verbose_name=_("Instalment")
    )
    currency = CurrencyField(_("Currency"))
    amount = AmountField(_("Amount"))
    amount_base = AmountField(_("Amount in base currency"))
    due_date = models.DateField(_("Due on"), null=True, blank=True)
    released = models.BooleanField(_("Released for payment"), default=True)
    released_on = models.DateField(_("Released on"), null=True, blank=True, editable=False)
    released_at = models.DateTimeField(_("Released"), null=True, blank=True, editable=False)
    retained = models.BooleanField(_("Booked as retention"), default=False, editable=False)
    in_ledger = models.BooleanField(_("In the ledger"), default=True, editable=False)
    open_amount = AmountField(_("Open"))
    open_base = AmountField(_("Open in base currency"))
    closed_on = models.DateField(_("Paid on"), null=True, blank=True)
    dunning_epoch = models.PositiveSmallIntegerField(_("Due date set"), default=0)

    class Meta:
        verbose_name = _("Receivable")
        verbose_name_plural = _("Receivables")
        ordering = ["due_date", "id"]
        indexes = [
            models.Index(fields=["tenant", "due_date", "id"], condition=Q(open_amount__gt=0), name="open_items_by_due_date"),
            models.Index(fields=["tenant", "customer", "currency"], condition=Q(open_amount__gt=0), name="open_items_of_a_customer"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "invoice", "seq"], name="item_seq_is_unique"),
            models.CheckConstraint(condition=Q(open_amount__gte=0, open_amount__lte=F("amount")), name="item_open_is_within_its_amount"),
            models.CheckConstraint(
                condition=Q(open_amount=0, open_base=0, closed_on__isnull=False) | Q(open_amount__gt=0, closed_on__isnull=True),
                name="an_item_is_closed_when_nothing_is_open",
            ),
            models.CheckConstraint(condition=Q(released=False) | Q(due_date__isnull=False), name="a_released_item_has_a_due_date"),
        ]

    def __str__(self) -> str:
        return f"{self.invoice} / {self.seq}"

    @property
    def days_overdue(self) -> int:
        """Calendar days since the due date while something is open, in the tenant's day; else 0."""
        return days_overdue(self.due_date, timezone.localdate()) if self.released and self.open_amount else 0

    @property
    def disputed_amount(self) -> Decimal:
        """How much of it the customer disputes and nobody has answered yet; paid last."""
        open_ones = ("open", "investigating", "waiting_customer")
        return sum((dispute.amount for dispute in self.disputes.all() if dispute.state in open_ones), Decimal(0))

    @property
    def paid_amount(self) -> Decimal:
        return self.amount - self.open_amount
