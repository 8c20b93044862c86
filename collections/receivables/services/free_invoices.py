"""Invoices that no single instalment proposes: over several instalments at once, without an order, pro forma, or of the past."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ltc.catalog.lines import LineTerms, price_document
from ltc.customers.models import Customer
from ltc.money.amounts import quantise
from ltc.money.models import TaxCode
from ltc.refusals import Forbidden, Refusal
from ltc.timeline.models import Entry
from ltc.timeline.services import record
from ltc.users.actors import SYSTEM, Actor
from ltc.workflow.engine import perform
from orders.models import CollectionPlanLine, Order
from receivables.billing import OverInvoice, bill_part
from receivables.company import own_company
from receivables.models import Invoice, InvoiceLine, ReceivableItem
from receivables.services.invoicing import MatchFailed, billable, draft_invoice, lines_of, standing_invoice

ZERO: Final = Decimal(0)
Kind = Invoice.Kind


def draft(
    *, actor: Actor, customer: Customer | None = None, order: Order | None = None, plan_line: CollectionPlanLine | None = None,
    plan_lines: Sequence[CollectionPlanLine] = (), kind: str = "", **values: Any,
) -> Invoice:  # fmt: skip
    """Draft an invoice over one instalment of an order, over several, or freely for a customer, as the values say. Raises Refusal."""
    if order is not None and (plan_line is not None or plan_lines):
        if values or (customer is not None and customer.pk != order.customer_id):
            raise Refusal(_("What is billed follows from the order. Name only the instalments."), code="invalid", field="plan_line")
        if plan_line is not None:
            return draft_invoice(order=order, part=plan_line, actor=actor)
        return draft_over_parts(order=order, parts=plan_lines, kind=kind, actor=actor)
    customer = customer or (order.customer if order else None)
    if customer is None:
        raise Refusal(_("Name an order and its instalment, or a customer."), code="required", field="customer")
    if order is not None and customer.pk != order.customer_id:
        raise Refusal(_("The order is another customer's."), code="not_of_this_order", field="order")
    return draft_free_invoice(actor=actor, customer=customer, order=order, kind=kind or Kind.STANDARD, **values)


@transaction.atomic
def draft_over_parts(
    *, order: Order, parts: Sequence[CollectionPlanLine], actor: Actor, kind: str = "", at: datetime | None = None
) -> Invoice:
    """Draft one invoice over several instalments of an order; each is an item of its own. An instalment kept back until the end of the
    warranty may be billed before it is due: its item is retention. Raises Forbidden, Refusal, MatchFailed."""
    if not actor.has_perm("receivables.add"):
        raise Forbidden(_("You may not draft invoices. Ask finance."))
    order = Order.objects.select_for_update(of=("self",)).get(pk=order.pk)
    parts = sorted(parts, key=lambda part: part.seq)
    for part in parts:
        if part.order_id != order.pk:
            raise Refusal(_("This instalment belongs to another order."), code="not_of_this_order", field="plan_lines")
        if part.triggered_at is None and not part.is_retention:
            raise Refusal(_("This instalment is not due yet: what triggers it has not happened."), code="not_triggered", field="plan_lines")
        standing = standing_invoice(part)
        if standing is not None:
            raise Refusal(
                _("There is an invoice for this instalment already: %(invoice)s.") % {"invoice": standing}, code="already_billed",
                field="plan_lines",
            )  # fmt: skip
    amount = sum((part.amount for part in parts), ZERO)
    ordered = list(billable(order))
    share = sum((part.pct for part in parts), ZERO)
    try:
        billed = bill_part(amount, ordered, order.currency, share=share)
    except OverInvoice as error:
        raise MatchFailed(_("This is more than the order has left to bill. Correct the collection plan."), code="over_invoice") from error
    items = [{"kind": part.kind, "amount": str(part.amount), "plan_line": str(part.pk), "retention": part.is_retention} for part in parts]
    invoice = Invoice.objects.create(
        customer_id=order.customer_id, order=order, kind=kind or Kind.STANDARD, currency=order.currency, po_ref=order.customer_po_no,
        net=sum((line.net for line in billed), ZERO), tax=sum((line.tax for line in billed), ZERO),
        gross=sum((line.gross for line in billed), ZERO), instalments=items, drafted_by=actor.pk,
    )  # fmt: skip
    InvoiceLine.objects.bulk_create(lines_of(invoice, billed))
    record(invoice, kind=Entry.Kind.SYSTEM, name="proposed", to_state=invoice.state, actor=actor, at=at or timezone.now())
    return invoice


@transaction.atomic
def draft_free_invoice(
    *, actor: Actor, customer: Customer, currency: str = "", kind: str = Kind.STANDARD, lines: Sequence[dict[str, Any]] = (),
    items: Sequence[dict[str, Any]] = (), net: Decimal | None = None, tax: Decimal | None = None, order: Order | None = None,
    po_ref: str = "", note: str = "", at: datetime | None = None, external_ref: str | None = None,
) -> Invoice:  # fmt: skip
    """Draft an invoice by hand. Lines are {"description", "qty", "unit_price", "discount_rate", "tax_code" or "tax_rate", "uom"}, priced
    without tax; without lines `net` and `tax` say what it is about. Items are {"amount", "due_date", "kind", "retention", "seq"} with tax
    and sum to the total; without them it is due as a whole on its date. Retention without a due date is owed when it is released.

    A pro forma invoice asks for an advance: it has no tax and is not in the ledger. Raises Forbidden, Refusal.
    """
    if not actor.has_perm("receivables.add"):
        raise Forbidden(_("You may not draft invoices. Ask finance."))
    currency = currency or (order.currency if order else own_company().base_currency)
    if kind not in Kind.values:
        raise Refusal(_("There is no such kind of invoice."), code="invalid", field="kind")
    made = [priced(row, number, currency) for number, row in enumerate(lines, start=1)]
    if made:
        net, tax = sum((line.net for line in made), ZERO), sum((line.tax for line in made), ZERO)
    elif net is None:
        net, tax = sum((Decimal(item["amount"]) for item in items), ZERO) - (tax or ZERO), tax or ZERO
    tax = tax or ZERO
    if kind == Kind.PROFORMA and tax:
        raise Refusal(_("A pro forma invoice has no tax."), code="invalid", field="tax")
    if net + tax <= 0 or quantise(net, currency) != net or quantise(tax, currency) != tax:
        raise Refusal(_("An invoice is over more than zero."), code="invalid", field="lines")
    invoice = Invoice(
        customer=customer, order=order, kind=kind, currency=currency, net=net, tax=tax, gross=net + tax, po_ref=po_ref, note=note,
        instalments=planned(items, net + tax, currency), drafted_by=actor.pk, external_ref=external_ref,
    )  # fmt: skip
    invoice.full_clean()
    invoice.save()
    for line in made:
        line.invoice = invoice
    InvoiceLine.objects.bulk_create(made)
    record(invoice, kind=Entry.Kind.SYSTEM, name="drafted", to_state=invoice.state, actor=actor, at=at or timezone.now())
    return invoice


def priced(row: dict[str, Any], number: int, currency: str) -> InvoiceLine:
    """A line by rule R1: net from quantity, price and discount, tax from net."""
    code: TaxCode | None = row.get("tax_code")
    rate = code.rate if code is not None else Decimal(row.get("tax_rate") or 0)
    qty, price, discount = Decimal(row["qty"]), Decimal(row["unit_price"]), Decimal(row.get("discount_rate") or 0)
    if qty <= 0 or price < 0 or not 0 <= discount < 1 or not 0 <= rate < 1:
        raise Refusal(_("Line %(line)s: check quantity, price and rates.") % {"line": number}, code="invalid", field="lines")
    terms = LineTerms(quantity=qty, unit_price=price, tax_rate=rate, discount_rate=discount)
    (amounts,) = price_document([terms], currency=currency, tax_inclusive=False).lines
    return InvoiceLine(
        line_no=number, description=row["description"], uom=row.get("uom", ""), qty=qty, unit_price=price, discount_rate=discount,
        tax_code=code, tax_rate=rate, net=amounts.net, tax=amounts.tax, gross=amounts.gross,
    )  # fmt: skip


def planned(items: Sequence[dict[str, Any]], gross: Decimal, currency: str) -> list[dict[str, Any]]:
    """The due items as a draft keeps them. Raises Refusal unless they sum to the total (invariant L8)."""
    found: list[dict[str, Any]] = []
    for number, item in enumerate(items, start=1):
        amount, due, retention = Decimal(item["amount"]), item.get("due_date"), bool(item.get("retention"))
        if amount <= 0 or quantise(amount, currency) != amount:
            raise Refusal(_("Give an amount of more than zero for each item."), code="invalid", field="items")
        kind = item.get("kind") or ("retention" if retention else "standard")
        if kind not in ReceivableItem.Kind.values:
            raise Refusal(_("There is no such kind of item."), code="invalid", field="items")
        found.append({
            "seq": item.get("seq") or number, "kind": kind, "amount": str(amount), "retention": retention,
            "due_date": due.isoformat() if isinstance(due, date) else due,
        })  # fmt: skip
    if found and sum((Decimal(item["amount"]) for item in found), ZERO) != gross:
        raise Refusal(
            _("The items do not sum to the invoice's total of %(gross)s.") % {"gross": gross}, code="items_mismatch", field="items"
        )
    if len({item["seq"] for item in found}) != len(found):
        raise Refusal(_("An item's number is given twice."), code="duplicate", field="items")
    return found


@transaction.atomic
def issue_past_invoice(
    *, customer: Customer, items: Sequence[dict[str, Any]], on: date, at: datetime, order: Order | None = None, currency: str = "",
    fx_rate: Decimal | None = None, net: Decimal | None = None, tax: Decimal | None = None, kind: str = Kind.STANDARD,
    external_ref: str | None = None, sent_to: str = "", actor: Actor = SYSTEM,
) -> Invoice:  # fmt: skip
    """An invoice of the past as a fact: issued and sent on that day, without checks and approval. `at` is the instant of its issue.

    Without net and tax it carries no split. It posts like any other and lives on under the normal rules.
    """
    invoice = draft_free_invoice(
        actor=actor, customer=customer, currency=currency, kind=kind, items=items, net=net, tax=tax, order=order, at=at,
        external_ref=external_ref,
    )  # fmt: skip
    perform(invoice, "submit", actor=SYSTEM, at=at, fx_rate=fx_rate, past=True)
    perform(invoice, "issue", actor=SYSTEM, at=at, on=on, fx_rate=fx_rate, past=True)
    return perform(invoice, "mark_sent", actor=SYSTEM, at=at, channel=Invoice.Channel.EMAIL, recipient=sent_to or customer.name)
