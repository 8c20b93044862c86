from datetime import date
from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ltc.money.fields import AmountField, CurrencyField
from ltc.tenancy.fields import TenantForeignKey
from ltc.workflow.declare import transition
from ltc.workflow.fields import StateField
from ltc.workflow.inputs import Input
from ltc.workflow.inputs import Kind as InputKind
from ltc.workflow.models import StatefulModel


class Statement(StatefulModel):
    """What a customer owed at the beginning of a period, what happened, and what it owed at its end, as the ledger says.

    The customer confirms it or says what is different.
    """

    permission_area = "statements"
    visible_through = "customer__"

    class State(models.TextChoices):
        GENERATED = "generated", _("Drawn up")
        SENT = "sent", _("Sent")
        CONFIRMED = "confirmed", _("Confirmed")
        OBJECTED = "objected", _("Objected to")

    customer = TenantForeignKey("customers.Customer", models.PROTECT, related_name="statements", verbose_name=_("Customer"))
    currency = CurrencyField(_("Currency"))
    first = models.DateField(_("From"))
    last = models.DateField(_("To"))
    opening = AmountField(_("Opening balance"))
    invoices = AmountField(_("Invoices"), default=Decimal(0))
    credits = AmountField(_("Credit notes"), default=Decimal(0))
    receipts = AmountField(_("Payments"), default=Decimal(0))
    adjustments = AmountField(_("Adjustments"), default=Decimal(0))
    closing = AmountField(_("Closing balance"))
    lines = models.JSONField(_("Movements"), default=list)
    state = StateField(_("State"), choices=State, default=State.GENERATED)
    answered_on = models.DateField(_("Answered on"), null=True, blank=True, editable=False)
    answered_by = models.CharField(_("Answered by"), max_length=120, blank=True, editable=False)
    objection = models.CharField(_("What is different"), max_length=1000, blank=True, editable=False)

    class Meta:
        verbose_name = _("Statement of account")
        verbose_name_plural = _("Statements of account")
        ordering = ["-last", "-id"]
        indexes = [
            models.Index(fields=["tenant", "-last", "-id"], name="statements_newest"),
            models.Index(fields=["tenant", "-created_at", "-id"], name="statements_latest_made"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(last__gte=F("first")), name="a_statement_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(closing=F("opening") + F("invoices") - F("credits") - F("receipts") + F("adjustments")),
                name="a_statement_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["confirmed", "objected"], answered_on__isnull=False)
                | Q(state__in=["generated", "sent"], answered_on__isnull=True),
                name="an_answered_statement_has_its_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer} {self.first} – {self.last}"

    @transition(
        state, source=[State.GENERATED, State.OBJECTED, State.SENT], target=State.SENT, permission="statements.send", label=_("Send"),
        icon="send", primary=True,
    )  # fmt: skip
    def send(self) -> None:
        """It goes to the customer by e-mail, with a link to answer."""
        self.answered_on, self.answered_by, self.objection = None, "", ""

    @transition(
        state, source=[State.GENERATED, State.SENT, State.OBJECTED], target=State.CONFIRMED, permission="statements.answer",
        label=_("Confirmed by the customer"), icon="check", inputs=[Input("by", _("Who"), max_length=120)],
    )  # fmt: skip
    def confirm(self, *, by: str, on: date) -> None:
        """The customer says that it is right."""
        self.answered_by, self.answered_on, self.objection = by, on, ""

    @transition(
        state, source=[State.GENERATED, State.SENT, State.CONFIRMED], target=State.OBJECTED, permission="statements.answer",
        label=_("Objected to by the customer"), icon="message-square-warning",
        inputs=[
            Input("by", _("Who"), max_length=120),
            Input("objection", _("What is different"), InputKind.LONG_TEXT, max_length=1000),
        ],
    )  # fmt: skip
    def object(self, *, by: str, objection: str, on: date) -> None:
        """The customer says what is different."""
        self.answered_by, self.answered_on, self.objection = by, on, objection

    @property
    def period(self) -> str:
        return f"{self.first:%Y-%m-%d} – {self.last:%Y-%m-%d}"
