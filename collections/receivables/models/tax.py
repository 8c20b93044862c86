from datetime import datetime
from typing import Final

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import RETURN_VALUE

from ltc.money.fields import AmountField
from ltc.refusals import Refusal
from ltc.tenancy.fields import TenantForeignKey
from ltc.tenancy.models import TenantModel
from ltc.workflow.declare import transition
from ltc.workflow.fields import StateField
from ltc.workflow.inputs import Input
from ltc.workflow.inputs import Kind as InputKind
from ltc.workflow.models import StatefulModel
from receivables.models.credits import CreditNote
from receivables.models.invoices import Invoice

# What the tax platform says of a red-letter confirmation, and the state that follows.
STATUS: Final = {
    "01": "confirmed", "04": "confirmed", "02": "waiting_other_side", "03": "waiting_other_side", "05": "red_rejected",
    "06": "red_rejected", "07": "red_lapsed", "08": "red_cancelled", "09": "red_cancelled",
}  # fmt: skip


class TaxInvoice(StatefulModel):
    """A fully digital e-invoice: the legal tax document that the tax platform issues for an invoice, or, in red, against one.

    Its twenty-digit number is the platform's; we never make one. A blue one is never voided, only reversed by a red one.
    """

    permission_area = "receivables"
    visible_through = "invoice__customer__"

    class Kind(models.TextChoices):
        SPECIAL = "special", pgettext_lazy("tax invoice", "Special VAT invoice")
        GENERAL = "general", pgettext_lazy("tax invoice", "General VAT invoice")

    class Direction(models.TextChoices):
        BLUE = "blue", pgettext_lazy("tax invoice", "Blue")
        RED = "red", pgettext_lazy("tax invoice", "Red")

    class RedReason(models.TextChoices):
        WRONG_ISSUE = "wrong_issue", _("Issued wrongly")
        RETURN = "return", _("Goods returned")
        SERVICE_STOPPED = "service_stopped", _("Service stopped")
        ALLOWANCE = "allowance", _("Allowance")

    class State(models.TextChoices):
        NOT_REQUESTED = "not_requested", _("Not requested")
        REQUESTED = "requested", pgettext_lazy("tax invoice", "Requested")
        ISSUED = "issued", _("Issued")
        FAILED = "failed", pgettext_lazy("tax invoice", "Failed")
        RED_REQUESTED = "red_requested", _("Red letter asked for")
        WAITING = "waiting_other_side", _("Waits for the other side")
        CONFIRMED = "confirmed", pgettext_lazy("tax invoice", "Confirmed")
        RED_REJECTED = "red_rejected", pgettext_lazy("tax invoice", "Rejected")
        RED_LAPSED = "red_lapsed", _("Lapsed")
        RED_CANCELLED = "red_cancelled", _("Cancelled")
        RED_ISSUED = "red_issued", _("Red invoice issued")

    UNDER_WAY = (State.RED_REQUESTED, State.WAITING)

    invoice = TenantForeignKey(Invoice, models.PROTECT, related_name="tax_invoices", verbose_name=_("Invoice"))
    credit_note = TenantForeignKey(
        CreditNote, models.PROTECT, null=True, blank=True, related_name="tax_invoices", verbose_name=_("Credit note")
    )
    original = TenantForeignKey("self", models.PROTECT, null=True, blank=True, related_name="reds", verbose_name=_("Reverses"))
    kind = models.CharField(_("Kind"), max_length=7, choices=Kind, default=Kind.SPECIAL)
    direction = models.CharField(_("Direction"), max_length=4, choices=Direction, default=Direction.BLUE)
    fapiao_no = models.CharField(_("Tax invoice number"), max_length=20, null=True, blank=True, editable=False)
    issued_at = models.DateTimeField(_("Issued"), null=True, blank=True, editable=False)
    seller = models.JSONField(_("Seller"), default=dict)
    buyer = models.JSONField(_("Buyer"), default=dict)
    lines = models.JSONField(_("Lines"), default=list)
    amount_total = AmountField(_("Net"))
    tax_total = AmountField(_("Tax"))
    gross_total = AmountField(_("Total"))
    gross_in_words = models.CharField(_("Total in words"), max_length=120, blank=True)
    remark = models.CharField(_("Remark"), max_length=230, blank=True)
    drawer = models.CharField(_("Drawn by"), max_length=60, blank=True)
    red_reason = models.CharField(_("Reason"), max_length=15, choices=RedReason, blank=True)
    red_confirmation_no = models.CharField(_("Confirmation sheet"), max_length=40, blank=True, editable=False)
    red_requested_at = models.DateTimeField(_("Red letter asked for"), null=True, blank=True, editable=False)
    platform_status = models.CharField(_("Status on the platform"), max_length=2, blank=True, editable=False)
    is_used = models.BooleanField(_("The buyer has deducted it"), default=False)
    error = models.CharField(_("Error"), max_length=300, blank=True, editable=False)
    state = StateField(_("State"), choices=State, default=State.NOT_REQUESTED)

    class Meta:
        verbose_name = _("Tax invoice")
        verbose_name_plural = _("Tax invoices")
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["tenant", "-created_at", "-id"], name="tax_invoice_newest")]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "fapiao_no"], name="fapiao_no_is_unique"),
            models.CheckConstraint(condition=Q(gross_total__gt=0), name="a_tax_invoice_is_over_something"),
            models.CheckConstraint(
                condition=~Q(state__in=["issued", "red_issued"]) | Q(fapiao_no__regex=r"^[0-9]{20}$"),
                name="an_issued_tax_invoice_has_twenty_digits",
            ),
            models.CheckConstraint(
                condition=Q(direction="blue", original__isnull=True) | Q(direction="red", original__isnull=False),
                name="a_red_tax_invoice_reverses_a_blue_one",
            ),
        ]

    def __str__(self) -> str:
        return self.fapiao_no or f"{self.get_direction_display()} {self.invoice}"

    @transition(
        state, source=[State.NOT_REQUESTED, State.FAILED], target=State.REQUESTED, permission="receivables.issue",
        label=_("Ask the tax platform"), icon="send", primary=True,
    )  # fmt: skip
    def request(self) -> None:
        """The platform is asked for it, once: the key is this record."""
        self.error = ""

    @transition(
        state, source=State.REQUESTED, target=State.ISSUED, permission="receivables.tax_callback", label=_("Issued by the platform"),
        icon="file-check", inputs=[Input("fapiao_no", _("Tax invoice number"), max_length=20)],
    )  # fmt: skip
    def record_issue(self, *, at: datetime, fapiao_no: str) -> None:
        """The platform has issued it under its number."""
        self.fapiao_no, self.issued_at = twenty_digits(fapiao_no), at

    @transition(
        state, source=State.REQUESTED, target=State.FAILED, permission="receivables.tax_callback", label=_("Refused by the platform"),
        icon="ban", inputs=[Input("error", _("Error"), max_length=300)],
    )  # fmt: skip
    def record_failure(self, *, error: str) -> None:
        """The platform would not issue it. It may be asked for again."""
        self.error = error

    @transition(
        state, source=State.ISSUED, target=None, permission="receivables.tax_callback", label=_("Deducted by the buyer"), icon="check",
    )  # fmt: skip
    def mark_used(self) -> None:
        """The buyer has deducted it: a red letter needs their consent from now on."""
        self.is_used = True

    @transition(
        state, source=UNDER_WAY,
        target=RETURN_VALUE(State.WAITING, State.CONFIRMED, State.RED_REJECTED, State.RED_LAPSED, State.RED_CANCELLED),
        permission="receivables.tax_callback", label=_("Status on the platform"), icon="refresh-cw",
        inputs=[Input("status", _("Status on the platform"), InputKind.CHOICE, choices=[(code, code) for code in sorted(STATUS)])],
    )  # fmt: skip
    def record_status(self, *, status: str) -> str:
        """What the platform says of the red letter: 01 and 04 confirmed, 02 and 03 waiting, 05 and 06 rejected, 07 lapsed after 72 hours,
        08 and 09 cancelled."""
        self.platform_status = status
        return STATUS[status]

    @transition(
        state, source=State.CONFIRMED, target=State.RED_ISSUED, permission="receivables.issue", label=_("Issue the red invoice"),
        icon="file-minus", primary=True,
    )  # fmt: skip
    def issue_red(self, *, at: datetime, fapiao_no: str) -> None:
        """The blue invoice is reversed by so much; the credit note may be issued."""
        self.fapiao_no, self.issued_at = twenty_digits(fapiao_no), at


def twenty_digits(number: str) -> str:
    if len(number) != 20 or not number.isascii() or not number.isdigit():
        raise Refusal(_("A tax invoice's number has twenty digits."), code="invalid", field="fapiao_no")
    return number


class LocalTaxDocument(TenantModel):
    """What the built-in stand-in of the tax platform remembers: each document under the key of who asked, and how a red letter stands."""

    permission_area = "ledger"

    key = models.UUIDField(_("Key"))
    number = models.CharField(_("Number"), max_length=40)
    is_red = models.BooleanField(_("Red letter"), default=False)
    status = models.CharField(_("Status on the platform"), max_length=2, blank=True)
    asked_at = models.DateTimeField(_("Asked for"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "key", "is_red"], name="the_platform_answers_a_key_once"),
            models.UniqueConstraint(fields=["tenant", "number"], name="the_platform_gives_a_number_once"),
        ]

    def __str__(self) -> str:
        return self.number
