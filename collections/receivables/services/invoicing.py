"""Invoices: proposed when a part of an order's price is triggered, approved, issued with number, items and posting, settled by payment."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from delivery.selectors import shipped_quantity
from ltc.customers.models import Customer
from ltc.money.errors import FxRateMissing
from ltc.money.exchange import convert
from ltc.money.selectors import exchange_rate
from ltc.numbering.services import next_number
from ltc.refusals import Forbidden, Refusal
from ltc.timeline.models import Entry
from ltc.timeline.services import record
from ltc.users.actors import SYSTEM, Actor
from ltc.workflow.engine import perform
from orders.models import CollectionPlanLine, Order, OrderLine, Trigger
from orders.services.progress import date_from_invoice, mark_collected, record_invoiced, settle_collection
from receivables.billing import Billed, Ordered, OverInvoice, bill_part
from receivables.company import approval_limit, day_of, own_company
from receivables.models import DunningCase, Invoice, InvoiceLine, JournalEntry, ReceivableItem
from receivables.posting import BilledItem, invoice_issued, item_bases
from receivables.services.ledger import post_entry

ZERO: Final = Decimal(0)
# Shares of a quantity are rounded to six decimals; so much is no difference.
ROUNDING: Final = Decimal("0.0001")
KIND_OF_ITEM: Final = {
    "advance": Invoice.Kind.ADVANCE,
    "progress": Invoice.Kind.PROGRESS,
    "delivery": Invoice.Kind.PROGRESS,
    "acceptance": Invoice.Kind.FINAL,
    "retention": Invoice.Kind.FINAL,
}
# What must have happened to the quantity that an invoice bills (invariant L5); everything else is billed on the order.
BASIS: Final[dict[str, str]] = {
    Trigger.SHIPPED: "shipped",
    Trigger.DELIVERED: "delivered",
    Trigger.PRELIMINARY_ACCEPTED: "delivered",
    Trigger.FINAL_ACCEPTED: "accepted",
    Trigger.WARRANTY_END: "accepted",
}
BASIS_OF_POLICY: Final[dict[str, str]] = {
    Order.BillingPolicy.ON_DELIVERY: "delivered",
    Order.BillingPolicy.MILESTONES: "delivered",
    Order.BillingPolicy.ON_ACCEPTANCE: "accepted",
}


class MatchFailed(Refusal):
    """The invoice does not match the order, or what was delivered and accepted of it."""

    code = "three_way_match_failed"


@transaction.atomic
def propose_invoice(part: CollectionPlanLine, *, actor: Actor, at: datetime) -> Invoice:
    """Draft the invoice of a part of an order's price. If there is one already, that one: a trigger proposes once.

    Raises MatchFailed if the order has less left to bill.
    """
    order = Order.objects.select_for_update(of=("self",)).get(pk=part.order_id)
    standing = Invoice.objects.filter(plan_line=part).exclude(state=Invoice.State.VOID).first()
    if standing is not None:
        return standing
    ordered = list(billable(order))
    try:
        billed = bill_part(part.amount, ordered, order.currency, share=part.pct)
    except OverInvoice as error:
        raise MatchFailed(_("This is more than the order has left to bill. Correct the collection plan."), code="over_invoice") from error
    kind = KIND_OF_ITEM.get(part.kind, Invoice.Kind.STANDARD)
    invoice = Invoice.objects.create(
        customer_id=order.customer_id, order=order, plan_line=part, kind=kind, currency=order.currency, po_ref=order.customer_po_no,
        net=sum((line.net for line in billed), ZERO), tax=sum((line.tax for line in billed), ZERO),
        gross=sum((line.gross for line in billed), ZERO),
    )  # fmt: skip
    InvoiceLine.objects.bulk_create(_lines(invoice, billed))
    record(invoice, kind=Entry.Kind.SYSTEM, name="proposed", to_state=invoice.state, actor=actor, at=at)
    return invoice


@transaction.atomic
def draft_invoice(*, order: Order, part: CollectionPlanLine, actor: Actor, at: datetime | None = None) -> Invoice:
    """Draft the invoice of a part of an order's price by hand, for one whose first draft was voided. Raises Forbidden, Refusal."""
    if not actor.has_perm("receivables.add"):
        raise Forbidden(_("You may not draft invoices. Ask finance."))
    if part.order_id != order.pk:
        raise Refusal(_("This instalment belongs to another order."), code="not_of_this_order", field="plan_line")
    if part.triggered_at is None:
        raise Refusal(_("This instalment is not due yet: what triggers it has not happened."), code="not_triggered", field="plan_line")
    return propose_invoice(part, actor=actor, at=at or timezone.now())


def billable(order: Order) -> Iterable[Ordered]:
    """The lines of an order and what stands on invoices of them, drafts included."""
    standing = InvoiceLine.objects.filter(invoice__order=order).exclude(invoice__state=Invoice.State.VOID)
    billed = {row["order_line"]: row for row in standing.values("order_line").annotate(q=Sum("qty"), n=Sum("net"), t=Sum("tax"))}
    for line in order.lines.order_by("line_no"):
        row = billed.get(line.pk, {"q": ZERO, "n": ZERO, "t": ZERO})
        yield Ordered(line, line.qty, line.net, line.tax, line.gross, line.tax_rate, row["q"], row["n"], row["t"])


def _lines(invoice: Invoice, billed: Iterable[Billed]) -> Iterable[InvoiceLine]:
    for number, line in enumerate(billed, start=1):
        ordered: OrderLine = line.line
        yield InvoiceLine(
            invoice=invoice, line_no=number, order_line=ordered, description=ordered.description, uom=ordered.uom, qty=line.qty,
            unit_price=ordered.unit_price, discount_rate=ordered.discount_rate, tax_code_id=ordered.tax_code_id,
            tax_rate=ordered.tax_rate, net=line.net, tax=line.tax, gross=line.gross,
        )  # fmt: skip


def prepare_submission(invoice: Invoice, *, actor: Actor, at: datetime) -> dict[str, Any]:
    """Check what is submitted and say whether it takes an approval: from the tenant's limit on, in base currency."""
    check_match(invoice)
    tenant = own_company()
    try:
        rate = exchange_rate(from_currency=invoice.currency, to_currency=tenant.base_currency, on=day_of(at)).rate
    except FxRateMissing as error:
        raise Refusal(str(error), code=error.code) from error
    invoice.needs_approval = convert(invoice.gross, rate, to_currency=tenant.base_currency) >= approval_limit(tenant)
    return {}


def check_match(invoice: Invoice) -> None:
    """The three-way match: order, delivery and invoice agree (invariants L5 and L6). Raises MatchFailed."""
    order = invoice.order
    issued = Invoice.objects.filter(order=order, state__in=Invoice.POSTED).exclude(pk=invoice.pk)
    if (issued.aggregate(total=Sum("gross"))["total"] or ZERO) + invoice.gross > order.gross:
        raise MatchFailed(_("With this invoice more would be billed than was ordered. Void it or correct the order."), code="over_invoice")
    trigger = invoice.plan_line.trigger if invoice.plan_line else ""
    for line in invoice.lines.select_related("order_line__order"):
        basis, what = _basis(line.order_line, trigger)
        if line.order_line.qty_invoiced + line.qty > basis + ROUNDING:
            told = {
                "line": line.order_line.line_no, "qty": f"{(line.order_line.qty_invoiced + line.qty).normalize():f}",
                "basis": f"{basis.normalize():f}", "what": what,
            }  # fmt: skip
            raise MatchFailed(_("Line %(line)s: %(qty)s would be invoiced and %(basis)s is %(what)s.") % told)
        if line.unit_price != line.order_line.unit_price:
            raise MatchFailed(_("Line %(line)s: the price is not the order's.") % {"line": line.order_line.line_no})


def _basis(line: OrderLine, trigger: str) -> tuple[Decimal, str]:
    """How much of a line may be invoiced by now, and in words why."""
    basis = BASIS_OF_POLICY.get(line.order.billing_policy) if trigger == Trigger.INVOICE_ISSUED else BASIS.get(trigger)
    if basis == "shipped":
        return max(shipped_quantity(line), line.qty_delivered), _("shipped")
    if basis == "accepted" and line.order.needs_acceptance:
        return line.qty_accepted, _("accepted")
    if basis in ("accepted", "delivered"):
        return (line.qty if line.closed_short else line.qty_delivered), _("delivered")
    return line.qty, _("ordered")


def post_invoice(invoice: Invoice, *, actor: Actor, at: datetime, on: date | None = None) -> dict[str, Any]:
    """What issuing does: match, due items, posting, and last of all the number, so that nothing waits for it longer than it must.

    `on` is the invoice date, today unless given. Raises MatchFailed, Refusal (`fx_rate_missing`, `customer_merged`, `date_in_future`).
    """
    Order.objects.select_for_update(of=("self",)).get(pk=invoice.order_id)
    tenant, today = own_company(), day_of(at)
    on = on or today
    if on > today:
        raise Refusal(_("An invoice cannot be dated in the future."), code="date_in_future", field="on")
    if invoice.customer.state == Customer.State.MERGED:
        raise Refusal(_("This customer was merged into another one. Void the invoice."), code="customer_merged")
    check_match(invoice)
    try:
        rate = exchange_rate(from_currency=invoice.currency, to_currency=tenant.base_currency, on=on).rate
    except FxRateMissing as error:
        raise Refusal(str(error), code=error.code) from error
    items = _make_items(invoice, rate, tenant.base_currency, on)
    gross_base = sum((item.amount_base for item in items), ZERO)
    tax_base = convert(invoice.tax, rate, to_currency=tenant.base_currency)
    for line in invoice.lines.select_related("order_line").order_by("order_line"):
        record_invoiced(line.order_line, qty=line.qty, actor=actor, at=at)
    DunningCase.objects.bulk_create([DunningCase(customer=invoice.customer, currency=invoice.currency)], ignore_conflicts=True)
    posted = [BilledItem(item.pk, item.amount, item.amount_base, item.released) for item in items]
    post_entry(
        JournalEntry.Event.INVOICE_ISSUED, invoice_issued(net=invoice.net, tax=invoice.tax, tax_base=tax_base, items=posted), on=today,
        actor=actor, at=at, customer=invoice.customer, currency=invoice.currency, fx_rate=rate, invoice=invoice,
    )  # fmt: skip
    number = next_number("invoice", on=today, gap_free=True)
    return {"number": number, "invoice_date": on, "fx_rate": rate, "gross_base": gross_base, "tax_base": tax_base}


def _make_items(invoice: Invoice, rate: Decimal, base_currency: str, on: date) -> list[ReceivableItem]:
    """The invoice's open items: one, due when its instalment is."""
    part = invoice.plan_line
    due = date_from_invoice(part, invoiced_on=on) if part else on
    (base,) = item_bases([invoice.gross], rate, base_currency)
    item = ReceivableItem(
        invoice=invoice, customer=invoice.customer, seq=1, kind=part.kind if part else ReceivableItem.Kind.STANDARD, plan_line=part,
        currency=invoice.currency, amount=invoice.gross, amount_base=base, due_date=due, open_amount=invoice.gross, open_base=base,
    )  # fmt: skip
    item.save()
    return [item]


def follow_items(invoice: Invoice, *, on: date, actor: Actor, at: datetime) -> None:
    """Something was paid or taken back: settle or reopen the invoice, and tell the order what is collected by now."""
    invoice = Invoice.objects.select_related("order", "plan_line").get(pk=invoice.pk)
    open_items = invoice.items.filter(open_amount__gt=0).exists()
    if invoice.state == Invoice.State.ISSUED and not open_items:
        perform(invoice, "settle", actor=SYSTEM, at=at, on=on)
        _mark_part(invoice, on)
    elif invoice.state == Invoice.State.SETTLED and open_items:
        perform(invoice, "reopen", actor=SYSTEM, at=at)
        _mark_part(invoice, None)
    items = ReceivableItem.objects.filter(invoice__order=invoice.order)
    totals = items.aggregate(amount=Sum("amount"), left=Sum("open_amount"))
    settle_collection(invoice.order, collected=(totals["amount"] or ZERO) - (totals["left"] or ZERO), actor=actor, at=at)


def _mark_part(invoice: Invoice, on: date | None) -> None:
    if invoice.plan_line is not None:
        mark_collected(invoice.plan_line, on=on)
