from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ltc.money.fields import AmountField, CurrencyField
from ltc.tenancy.fields import TenantForeignKey
from ltc.tenancy.models import TenantLog
from ltc.workflow.declare import transition
from ltc.workflow.fields import StateField
from ltc.workflow.inputs import Input
from ltc.workflow.models import StatefulModel
from receivables.models.invoices import Invoice
from receivables.models.links import InvoiceLink
from receivables.models.payments import Payment


class OnlineAccount(StatefulModel):
    """Our account with a payment provider: customers can pay on their pages while it is switched on."""

    permission_area = "ledger"
    own_fields = ()

    class State(models.TextChoices):
        OFF = "off", pgettext_lazy("account", "Off")
        ON = "on", pgettext_lazy("account", "On")

    name = models.CharField(_("Name"), max_length=60)
    provider = models.CharField(_("Provider"), max_length=20)
    bank_account = models.CharField(_("Our bank account"), max_length=60, help_text=_("Where the provider pays out to."))
    currencies = models.CharField(_("Currencies"), max_length=100, blank=True, help_text=_("All if empty; else CNY, USD …"))
    sealed_secret = models.CharField(max_length=400, editable=False)
    sealed_secret_before = models.CharField(max_length=400, blank=True, editable=False)
    state = StateField(_("State"), choices=State, default=State.OFF)

    class Meta:
        verbose_name = _("Payment account")
        verbose_name_plural = _("Payment accounts")
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="a_payment_account_has_a_name_of_its_own")]

    def __str__(self) -> str:
        return self.name

    @transition(state, source=State.OFF, target=State.ON, permission="ledger.set_up", label=_("Switch on"), icon="check",
                primary=True)  # fmt: skip
    def switch_on(self) -> None:
        """Customers find a button to pay with it."""

    @transition(state, source=State.ON, target=State.OFF, permission="ledger.set_up", label=_("Switch off"), icon="ban",
                danger=True)  # fmt: skip
    def switch_off(self) -> None:
        """Nobody can begin a payment with it any more; what it tells of earlier ones is still heard."""

    @transition(
        state, source=[State.OFF, State.ON], target=None, permission="ledger.set_up", label=_("New secret"), icon="key-round",
        inputs=[Input("secret", _("Secret"), required=False, max_length=200, help=_("As the provider shows it; one is made if empty."))],
        confirm=_("The secret before this one is taken too, until the next change."),
    )  # fmt: skip
    def new_secret(self, *, sealed: str) -> None:
        """From now on the provider signs with another secret."""
        self.sealed_secret_before, self.sealed_secret = self.sealed_secret, sealed

    def takes(self, currency: str) -> bool:
        return not self.currencies or currency in self.currencies.replace(",", " ").split()


class OnlinePayment(StatefulModel):
    """A customer's wish to pay an invoice with a provider. Money is booked when the provider says so, signed; never before."""

    permission_area = "receivables"
    visible_through = "customer__"

    class State(models.TextChoices):
        BEGUN = "begun", _("Begun")
        PAID = "paid", _("Paid")
        FAILED = "failed", _("Failed")
        IN_QUESTION = "in_question", _("To be looked at")

    account = TenantForeignKey(OnlineAccount, models.PROTECT, related_name="payments", verbose_name=_("Payment account"))
    invoice = TenantForeignKey(Invoice, models.PROTECT, related_name="online_payments", verbose_name=_("Invoice"))
    customer = TenantForeignKey("customers.Customer", models.PROTECT, related_name="online_payments", verbose_name=_("Customer"))
    link = TenantForeignKey(InvoiceLink, models.PROTECT, null=True, blank=True, related_name="payments", verbose_name=_("Customer link"))
    currency = CurrencyField(_("Currency"))
    amount = AmountField(_("Amount"))
    state = StateField(_("State"), choices=State, default=State.BEGUN)
    charge = models.CharField(_("Provider's reference"), max_length=100, blank=True, editable=False)
    payment = TenantForeignKey(Payment, models.PROTECT, null=True, blank=True, related_name="online_payments", verbose_name=_("Payment"))
    told_amount = AmountField(_("Amount as told"), null=True, blank=True, editable=False)
    told_currency = CurrencyField(_("Currency as told"), blank=True, editable=False)
    reason = models.CharField(_("Reason"), max_length=300, blank=True, editable=False)

    class Meta:
        verbose_name = _("Online payment")
        verbose_name_plural = _("Online payments")
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["tenant", "-created_at", "-id"], name="online_payments_newest")]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="an_online_payment_is_over_more_than_zero"),
            models.CheckConstraint(condition=~Q(state="paid") | Q(payment__isnull=False), name="a_paid_online_payment_is_booked"),
        ]

    def __str__(self) -> str:
        return f"{self.invoice} · {self.account}"

    @transition(state, source=[State.BEGUN, State.FAILED], target=State.PAID, permission="receivables.settle", label=_("Pay"),
                automatic=True)  # fmt: skip
    def pay(self, *, charge: str, payment: Any, amount: Decimal, currency: str) -> None:
        """The provider has the money, as much as was asked: it is a payment of the customer."""
        self.charge, self.payment, self.told_amount, self.told_currency = charge, payment, amount, currency

    @transition(state, source=[State.BEGUN, State.FAILED], target=State.IN_QUESTION, permission="receivables.settle",
                label=_("Put in question"), automatic=True)  # fmt: skip
    def put_in_question(self, *, charge: str, payment: Any, amount: Decimal, currency: str, reason: str) -> None:
        """The provider has money, but not what was asked: it is recorded and a person decides."""
        self.charge, self.payment, self.told_amount, self.told_currency, self.reason = charge, payment, amount, currency, reason

    @transition(state, source=State.BEGUN, target=State.FAILED, permission="receivables.settle", label=_("Fail"), automatic=True)
    def fail(self, *, reason: str) -> None:
        """The customer did not pay, or the provider refused."""
        self.reason = reason

    @transition(state, source=State.BEGUN, target=State.FAILED, permission="receivables.record_payment", label=_("Give up"), icon="x",
                confirm=_("If the provider tells of money later, it is booked all the same."))  # fmt: skip
    def give_up(self) -> None:
        """Nobody waits for it any more."""

    @transition(state, source=State.IN_QUESTION, target=State.PAID, permission="receivables.record_payment", label=_("Looked at"),
                icon="check", primary=True)  # fmt: skip
    def resolve(self) -> None:
        """A person has posted, refunded or left what came: there is no question any more."""


class ProviderNotice(TenantLog):
    """A signed notice of a provider that was heard: the same one is heard once."""

    account = models.UUIDField()
    notice = models.CharField(max_length=100)
    online_payment = models.UUIDField(null=True)
    outcome = models.CharField(max_length=20)
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "account", "notice"], name="a_notice_is_heard_once")]
