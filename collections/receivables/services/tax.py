"""Tax invoices: asked for, issued by the tax platform, reversed in red with the other side's confirmation."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from ltc.customers.uscc import is_valid_uscc
from ltc.events.outbox import enqueue
from ltc.money.amounts import amount_in_words
from ltc.refusals import Forbidden, Refusal
from ltc.timeline.models import Entry
from ltc.timeline.services import record
from ltc.users.actors import SYSTEM, Actor
from ltc.workflow.engine import perform
from receivables.company import own_company
from receivables.models import CreditNote, Invoice, TaxInvoice
from receivables.models.tax import STATUS
from receivables.tax_platform import Rejected, platform

ZERO: Final = Decimal(0)
REASON: Final = {
    CreditNote.Reason.RETURN: TaxInvoice.RedReason.RETURN,
    CreditNote.Reason.QUALITY: TaxInvoice.RedReason.RETURN,
    CreditNote.Reason.QUANTITY: TaxInvoice.RedReason.RETURN,
    CreditNote.Reason.PRICE: TaxInvoice.RedReason.ALLOWANCE,
    CreditNote.Reason.DISCOUNT: TaxInvoice.RedReason.ALLOWANCE,
    CreditNote.Reason.CANCELLATION: TaxInvoice.RedReason.SERVICE_STOPPED,
}
State = TaxInvoice.State


@transaction.atomic
def draft_tax_invoice(
    *, actor: Actor, invoice: Invoice, kind: str = TaxInvoice.Kind.SPECIAL, remark: str = "", at: datetime | None = None
) -> TaxInvoice:
    """Prepare the tax document of an issued invoice over what no other one covers. Raises Forbidden, Refusal (`tax_id_invalid`)."""
    if not actor.has_perm("receivables.issue", invoice):
        raise Forbidden(_("You may not ask for tax invoices. Ask finance."))
    invoice = Invoice.objects.select_for_update(of=("self",)).select_related("customer").get(pk=invoice.pk)
    if invoice.state not in Invoice.POSTED or invoice.kind == Invoice.Kind.PROFORMA:
        raise Refusal(_("Issue the invoice first."), code="not_issued", field="invoice")
    if covered(invoice) + invoice.gross > invoice.gross:
        raise Refusal(_("There is a tax invoice for it already."), code="already_exists", field="invoice")
    buyer = invoice.customer
    if kind == TaxInvoice.Kind.SPECIAL and not is_valid_uscc(buyer.uscc):
        raise Refusal(_("The customer needs a valid unified social credit code."), code="tax_id_invalid", field="invoice")
    tenant = own_company()
    category = str(tenant.settings.get("tax_category_code", ""))
    if len(category) != 19 or not category.isdigit():
        raise Refusal(_("Set the tax category code of nineteen digits first."), code="tax_category_missing")
    lines = [
        {
            "category": category, "name": line.description, "unit": line.uom, "qty": str(line.qty), "unit_price": str(line.unit_price),
            "amount": str(line.net), "rate": str(line.tax_rate), "tax": str(line.tax),
        }
        for line in invoice.lines.order_by("line_no")
    ]  # fmt: skip
    made = TaxInvoice(
        invoice=invoice, kind=kind, remark=remark, seller={"name": tenant.name, **tenant.settings.get("company", {})},
        buyer={"name": buyer.invoice_title or buyer.name, "uscc": buyer.uscc or buyer.tax_id}, lines=lines, amount_total=invoice.net,
        tax_total=invoice.tax, gross_total=invoice.gross, gross_in_words=in_words(invoice.gross, invoice.currency), drawer=actor.label[:60],
    )  # fmt: skip
    made.full_clean()
    made.save()
    record(made, kind=Entry.Kind.SYSTEM, name="drafted", to_state=made.state, actor=actor, at=at or timezone.now())
    return made


def in_words(amount: Decimal, currency: str) -> str:
    """An amount in Chinese capital numerals, as only CNY documents state it."""
    return amount_in_words(amount) if currency == "CNY" else ""


def covered(invoice: Invoice) -> Decimal:
    """How much of an invoice tax documents cover: blue ones, issued or under way, less red ones."""
    blue = invoice.tax_invoices.filter(direction="blue").exclude(state=State.FAILED).aggregate(t=Sum("gross_total"))["t"] or ZERO
    red = invoice.tax_invoices.filter(direction="red", state=State.RED_ISSUED).aggregate(t=Sum("gross_total"))["t"] or ZERO
    return blue - red


def ask_platform(made: TaxInvoice, *, actor: Actor, at: datetime) -> dict[str, Any]:
    """The platform is asked after this transaction; its key is the record, so that asking twice gives one document."""
    enqueue("collections.tax_invoice", key=f"{made.pk}:{made.version}", payload={"id": str(made.pk)})
    return {}


def carry_out(made: TaxInvoice, *, at: datetime) -> None:
    """Ask the platform and write down what it says. What was answered already is left alone."""
    if made.state != State.REQUESTED:
        return
    document = {"buyer": made.buyer, "seller": made.seller, "lines": made.lines or [{"amount": str(made.amount_total)}]}
    try:
        number = platform().issue(made.pk, document, at=at)
    except Rejected as refusal:
        perform(made, "record_failure", actor=SYSTEM, at=at, error=str(refusal)[:300])
    else:
        perform(made, "record_issue", actor=SYSTEM, at=at, fapiao_no=number)


def blue_of(invoice: Invoice) -> TaxInvoice | None:
    """The issued blue tax invoice of an invoice, if there is one."""
    return invoice.tax_invoices.filter(direction="blue", state=State.ISSUED).order_by("-issued_at").first()


def ask_for_red(credit: CreditNote, *, actor: Actor, at: datetime) -> dict[str, Any]:
    """A credit note against an invoice with a tax invoice asks for the red letter, with the buyer's consent if they deducted the blue."""
    blue = blue_of(credit.invoice)
    if blue is None:
        raise Refusal(_("The invoice has no tax invoice. Issue the credit note."), code="no_tax_invoice")
    reds = blue.reds.exclude(state__in=[State.RED_REJECTED, State.RED_LAPSED, State.RED_CANCELLED])
    if (reds.aggregate(t=Sum("gross_total"))["t"] or ZERO) + credit.gross > blue.gross_total:
        raise Refusal(_("This is more than the tax invoice has left."), code="over_credit")
    red = TaxInvoice(
        invoice=credit.invoice, credit_note=credit, original=blue, kind=blue.kind, direction=TaxInvoice.Direction.RED, seller=blue.seller,
        buyer=blue.buyer, amount_total=credit.net, tax_total=credit.tax, gross_total=credit.gross,
        gross_in_words=in_words(-credit.gross, credit.currency), drawer=actor.label[:60], state=State.RED_REQUESTED, red_requested_at=at,
        red_reason=REASON.get(CreditNote.Reason(credit.reason), TaxInvoice.RedReason.WRONG_ISSUE),
    )  # fmt: skip
    red.save()
    record(red, kind=Entry.Kind.SYSTEM, name="red_requested", to_state=red.state, actor=actor, at=at)
    red.red_confirmation_no, status = platform().ask_for_red(red.pk, needs_other_side=blue.is_used, at=at)
    red.save(update_fields=["red_confirmation_no"])
    follow_status(red, status, at=at)
    return {}


def follow_status(red: TaxInvoice, status: str, *, at: datetime) -> None:
    """Write down how a red letter stands on the platform."""
    if status in STATUS and red.state in TaxInvoice.UNDER_WAY and red.platform_status != status:
        perform(red, "record_status", actor=SYSTEM, at=at, status=status)


def follow_reds(*, at: datetime) -> int:
    """Ask the platform how the red letters under way stand; after 72 hours they lapse. How many moved."""
    moved = 0
    for red in TaxInvoice.objects.filter(state__in=TaxInvoice.UNDER_WAY).order_by("pk"):
        before = red.state
        follow_status(red, platform().red_status(red.pk, at=at), at=at)
        moved += red.state != before
    return moved


def issue_red_number(red: TaxInvoice, *, actor: Actor, at: datetime) -> dict[str, Any]:
    """The platform issues the red invoice under a number of its own."""
    document = {"buyer": red.buyer, "lines": [{"amount": f"-{red.amount_total}"}]}
    return {"fapiao_no": platform().issue(red.pk, document, at=at)}


def require_red(credit: CreditNote) -> None:
    """Raise Refusal (`red_confirmation_pending`) if the invoice has a tax invoice that no red one reverses by this credit note yet."""
    if blue_of(credit.invoice) is None:
        return
    if not credit.tax_invoices.filter(direction="red", state=State.RED_ISSUED).exists():
        raise Refusal(
            _("The invoice has a tax invoice. Ask for the red letter, and issue the red invoice first."), code="red_confirmation_pending"
        )
