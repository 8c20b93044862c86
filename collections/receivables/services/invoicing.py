"""Invoices: proposed when a part of an order's price is triggered, approved, issued with number, items and posting, settled by payment."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.db.models import Q, Sum
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
from orders.services.recurring import period_of, share_of
from receivables.billing import Billed, Ordered, OverInvoice, bill_part
from receivables.company import approval_limit, day_of, own_company, retention_is_receivable
from receivables.models import Allocation, CreditNote, CreditNoteLine, DunningCase, Invoice, InvoiceLine, JournalEntry, ReceivableItem
from receivables.models.invoices import require_finance_approver
from receivables.posting import BilledItem, invoice_issued, item_bases
from receivables.services.ledger import lock_debt, mirror_entry, post_entry, require_open
from receivables.services.retention import release_retention

ZERO: Final = Decimal(0)
# Shares of a quantity are rounded to six decimals; so much is no difference.
ROUNDING: Final = Decimal("0.0001")
KIND_OF_ITEM: Final = {
    "advance": Invoice.Kind.ADVANCE,
    "progress": Invoice.Kind.PROGRESS,
    "delivery": Invoice.Kind.PROGRESS,
    "acceptance": Invoice.Kind.FINAL,
    "retention": Invoice.Kind.FINAL,
    "subscription": Invoice.Kind.SUBSCRIPTION,
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

    code = "match_quantity"


@transaction.atomic
def propose_invoice(part: CollectionPlanLine, *, actor: Actor, at: datetime) -> Invoice:
    """Draft the invoice of a part of an order's price. If there is one already, that one: a trigger proposes once.

    Raises MatchFailed if the order has less left to bill.
    """
    order = Order.objects.select_for_update(of=("self",)).get(pk=part.order_id)
    if (standing := standing_invoice(part)) is not None:
        return standing
    ordered = list(billable(order))
    try:
        billed = bill_part(part.amount, ordered, order.currency, share=share_of(part))
    except OverInvoice as error:
        raise MatchFailed(_("This is more than the order has left to bill. Correct the collection plan."), code="over_invoice") from error
    kind = KIND_OF_ITEM.get(part.kind, Invoice.Kind.STANDARD)
    invoice = Invoice.objects.create(
        customer_id=order.customer_id, order=order, plan_line=part, kind=kind, currency=order.currency, po_ref=order.customer_po_no,
        net=sum((line.net for line in billed), ZERO), tax=sum((line.tax for line in billed), ZERO),
        gross=sum((line.gross for line in billed), ZERO), note=period_of(part) if kind == Invoice.Kind.SUBSCRIPTION else "",
    )  # fmt: skip
    InvoiceLine.objects.bulk_create(lines_of(invoice, billed))
    record(invoice, kind=Entry.Kind.SYSTEM, name="proposed", to_state=invoice.state, actor=actor, at=at)
    return invoice


def standing_invoice(part: CollectionPlanLine) -> Invoice | None:
    """The invoice, drafts included, that bills a part of an order's price already."""
    invoices = Invoice.objects.filter(order=part.order_id).exclude(state=Invoice.State.VOID)
    return invoices.filter(Q(plan_line=part) | Q(instalments__contains=[{"plan_line": str(part.pk)}])).first()


@transaction.atomic
def bill_or_release(part: CollectionPlanLine, *, on: date, actor: Actor, at: datetime) -> None:
    """A part of an order's price is due now: it is invoiced, or, if it was invoiced as retention, released."""
    kept = ReceivableItem.objects.filter(plan_line=part, released=False).exclude(invoice__state=Invoice.State.VOID).first()
    if kept is None:
        propose_invoice(part, actor=actor, at=at)
    else:
        release_retention(item=kept, actor=SYSTEM, due_date=part.due_date, on=on, at=at)


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
    returned = CreditNoteLine.objects.filter(credit_note__invoice__order=order, credit_note__issued_at__isnull=False, qty__gt=0)
    totals = returned.values("invoice_line__order_line").annotate(q=Sum("qty"), n=Sum("net"), t=Sum("tax"))
    credited = {row["invoice_line__order_line"]: row for row in totals}
    nothing = {"q": ZERO, "n": ZERO, "t": ZERO}
    for line in order.lines.order_by("line_no"):
        row, back = billed.get(line.pk, nothing), credited.get(line.pk, nothing)
        yield Ordered(
            line, line.qty, line.net, line.tax, line.gross, line.tax_rate, row["q"] - back["q"], row["n"] - back["n"], row["t"] - back["t"]
        )  # fmt: skip


def lines_of(invoice: Invoice, billed: Iterable[Billed]) -> Iterable[InvoiceLine]:
    for number, line in enumerate(billed, start=1):
        ordered: OrderLine = line.line
        yield InvoiceLine(
            invoice=invoice, line_no=number, order_line=ordered, description=ordered.description, uom=ordered.uom, qty=line.qty,
            unit_price=ordered.unit_price, discount_rate=ordered.discount_rate, tax_code_id=ordered.tax_code_id,
            tax_rate=ordered.tax_rate, net=line.net, tax=line.tax, gross=line.gross,
        )  # fmt: skip


def prepare_submission(
    invoice: Invoice, *, actor: Actor, at: datetime, fx_rate: Decimal | None = None, past: bool = False
) -> dict[str, Any]:
    """Check what is submitted and say whether it takes an approval: from the tenant's limit on, in base currency.

    `past` facts of an import are not checked.
    """
    if not past:
        check_match(invoice)
    tenant = own_company()
    try:
        rate = fx_rate or rate_on(invoice.currency, day_of(at))
    except Refusal:
        invoice.needs_approval = not past  # what nobody can value today, somebody looks at
        return {}
    invoice.needs_approval = not past and convert(invoice.gross, rate, to_currency=tenant.base_currency) >= approval_limit(tenant)
    return {}


def rate_on(currency: str, on: date) -> Decimal:
    """The exchange rate of a document of that day to the base currency. Raises Refusal (`fx_rate_missing`)."""
    try:
        return exchange_rate(from_currency=currency, to_currency=own_company().base_currency, on=on).rate
    except FxRateMissing as error:
        raise Refusal(str(error), code=error.code) from error


def check_match(invoice: Invoice) -> None:
    """The three-way match: order, delivery and invoice agree (invariants L5 and L6). Raises MatchFailed.

    An invoice without an order has nothing to match; a pro forma one is no invoice yet.
    """
    order = invoice.order
    if order is None or invoice.kind == Invoice.Kind.PROFORMA:
        return
    issued = Invoice.objects.filter(order=order, state__in=Invoice.POSTED).exclude(pk=invoice.pk).exclude(kind=Invoice.Kind.PROFORMA)
    billed = issued.aggregate(total=Sum("gross"))["total"] or ZERO
    credited = CreditNote.objects.filter(invoice__in=issued, issued_at__isnull=False).aggregate(total=Sum("gross"))["total"] or ZERO
    if billed - credited + invoice.gross > order.gross:
        raise MatchFailed(_("With this invoice more would be billed than was ordered. Void it or correct the order."), code="over_invoice")
    trigger = invoice.plan_line.trigger if invoice.plan_line else ""
    for line, ordered in ordered_lines(invoice):
        basis, what = _basis(ordered, trigger)
        if ordered.qty_invoiced + line.qty > basis + ROUNDING:
            told = {
                "line": ordered.line_no, "qty": f"{(ordered.qty_invoiced + line.qty).normalize():f}",
                "basis": f"{basis.normalize():f}", "what": what,
            }  # fmt: skip
            raise MatchFailed(_("Line %(line)s: %(qty)s would be invoiced and %(basis)s is %(what)s.") % told)
        if line.unit_price != ordered.unit_price:
            raise MatchFailed(_("Line %(line)s: the price is not the order's.") % {"line": ordered.line_no}, code="match_price")


def ordered_lines(invoice: Invoice) -> Iterable[tuple[InvoiceLine, OrderLine]]:
    """The lines of an invoice that bill something of an order, with what they bill, in an order that all lock them in."""
    for line in invoice.lines.select_related("order_line__order").order_by("order_line"):
        if line.order_line is not None:
            yield line, line.order_line


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


def post_invoice(
    invoice: Invoice, *, actor: Actor, at: datetime, on: date | None = None, fx_rate: Decimal | None = None, past: bool = False
) -> dict[str, Any]:
    """What issuing does: match, due items, posting, and last of all the number, so that nothing waits for it longer than it must.

    `on` is the invoice date, today unless given. `fx_rate` is given by an import, whose `past` facts are not checked.
    Raises MatchFailed, Refusal (`fx_rate_missing`, `customer_merged`, `date_in_future`, `period_closed`).
    """
    lock_debt(invoice.customer_id, invoice.currency)
    if invoice.order_id:
        Order.objects.select_for_update(of=("self",)).get(pk=invoice.order_id)
    tenant, today = own_company(), day_of(at)
    on = on or today
    if on > today:
        raise Refusal(_("An invoice cannot be dated in the future."), code="date_in_future", field="on")
    if invoice.customer.state == Customer.State.MERGED:
        raise Refusal(_("This customer was merged into another one. Void the invoice."), code="customer_merged")
    require_open(on)
    if not past:
        check_match(invoice)
    rate = fx_rate or rate_on(invoice.currency, on)
    items = _make_items(invoice, rate, on)
    gross_base = sum((item.amount_base for item in items), ZERO)
    tax_base = convert(invoice.tax, rate, to_currency=tenant.base_currency)
    DunningCase.objects.bulk_create([DunningCase(customer=invoice.customer, currency=invoice.currency)], ignore_conflicts=True)
    if invoice.kind == Invoice.Kind.PROFORMA:
        number = next_number("proforma", on=on, gap_free=False)
        return {"number": number, "invoice_date": on, "fx_rate": rate, "gross_base": gross_base, "tax_base": tax_base}
    for line, ordered in ordered_lines(invoice):
        record_invoiced(ordered, qty=line.qty, actor=actor, at=at)
    posted = [BilledItem(item.pk, item.amount, item.amount_base, not item.retained) for item in items]
    post_entry(
        JournalEntry.Event.INVOICE_ISSUED, invoice_issued(net=invoice.net, tax=invoice.tax, tax_base=tax_base, items=posted), on=on,
        actor=actor, at=at, customer=invoice.customer, currency=invoice.currency, fx_rate=rate, invoice=invoice,
    )  # fmt: skip
    number = next_number("invoice", on=on, gap_free=True)
    return {"number": number, "invoice_date": on, "fx_rate": rate, "gross_base": gross_base, "tax_base": tax_base}


def _make_items(invoice: Invoice, rate: Decimal, on: date) -> list[ReceivableItem]:
    """The invoice's open items: as drafted, else one, due when its instalment is."""
    tenant, part = own_company(), invoice.plan_line
    whole = {"kind": ReceivableItem.Kind.STANDARD, "amount": str(invoice.gross)}
    drafted = invoice.instalments or [{**whole, "kind": part.kind, "plan_line": str(part.pk)} if part else whole]
    parts = {str(each.pk): each for each in invoice.order.plan_lines.all()} if invoice.order else {}
    amounts = [Decimal(each["amount"]) for each in drafted]
    bases = item_bases(amounts, rate, tenant.base_currency)
    items = []
    for seq, (each, amount, base) in enumerate(zip(drafted, amounts, bases, strict=True), start=1):
        planned = parts.get(each.get("plan_line") or "")
        kept = bool(each.get("retention")) and (planned is None or planned.triggered_at is None) and not each.get("due_date")
        item = ReceivableItem(
            invoice=invoice, customer=invoice.customer, seq=each.get("seq") or seq, kind=each["kind"], plan_line=planned,
            currency=invoice.currency, amount=amount, amount_base=base, due_date=None if kept else _due(each, planned, on),
            open_amount=amount, open_base=base, released=not kept, retained=kept and not retention_is_receivable(tenant),
            in_ledger=invoice.kind != Invoice.Kind.PROFORMA,
        )  # fmt: skip
        item.save()
        items.append(item)
    return items


def _due(drafted: dict[str, Any], part: CollectionPlanLine | None, on: date) -> date:
    if drafted.get("due_date"):
        return date.fromisoformat(drafted["due_date"])
    return date_from_invoice(part, invoiced_on=on) if part else on


def withdraw_invoice(invoice: Invoice, *, actor: Actor, at: datetime, reason: str) -> dict[str, Any]:
    """Void it. An issued one only on the day of its issue, unsent and untouched: its entry is mirrored and its number kept."""
    if invoice.state != Invoice.State.ISSUED:
        return {"reason": reason}
    require_finance_approver(actor, author=invoice.submitted_by)
    on = day_of(at)
    if invoice.issued_at is None or day_of(invoice.issued_at) != on or invoice.sent_at is not None:
        raise Refusal(_("An invoice can be voided on the day of its issue and before it is sent. Make a credit note."), code="too_late")
    lock_debt(invoice.customer_id, invoice.currency, closed_too=True)
    if Allocation.objects.filter(item__invoice=invoice).exists() or invoice.credit_notes.exclude(state="cancelled").exists():
        raise Refusal(_("Something was allocated to it. Make a credit note."), code="too_late")
    for line, ordered in ordered_lines(invoice):
        record_invoiced(ordered, qty=-line.qty, actor=actor, at=at)
    invoice.items.update(open_amount=ZERO, open_base=ZERO, closed_on=on, retained=False)
    for entry in invoice.entries.filter(event=JournalEntry.Event.INVOICE_ISSUED):
        mirror_entry(entry, JournalEntry.Event.INVOICE_VOIDED, on=on, actor=actor, at=at)
    return {"reason": reason}


def follow_items(invoice: Invoice, *, on: date, actor: Actor, at: datetime) -> None:
    """Something was paid or taken back: settle or reopen the invoice, and tell the order what is collected by now."""
    invoice = Invoice.objects.select_related("order").get(pk=invoice.pk)
    open_items = invoice.items.filter(open_amount__gt=0).exists()
    if invoice.state == Invoice.State.ISSUED and not open_items:
        perform(invoice, "settle", actor=SYSTEM, at=at, on=on)
    elif invoice.state == Invoice.State.SETTLED and open_items:
        perform(invoice, "reopen", actor=SYSTEM, at=at)
    for item in invoice.items.filter(plan_line__isnull=False, in_ledger=True).select_related("plan_line"):
        if item.plan_line is not None and item.plan_line.collected_on != item.closed_on:
            mark_collected(item.plan_line, on=item.closed_on)
    if invoice.order is not None:
        settle_collection(invoice.order, collected=collected_of(invoice.order), actor=actor, at=at)


def collected_of(order: Order) -> Decimal:
    """How much of an order's total needs no more collecting: paid, credited or written off, and not to be billed again."""
    items = ReceivableItem.objects.filter(invoice__order=order, in_ledger=True).exclude(invoice__state=Invoice.State.VOID)
    totals = items.aggregate(amount=Sum("amount"), left=Sum("open_amount"))
    billed, left = totals["amount"] or ZERO, totals["left"] or ZERO
    return min(billed - left, order.gross - left)
