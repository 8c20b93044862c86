"""Credit notes: drafted over lines or an amount of an invoice, issued with number and posting, applied to the invoice's items."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from ltc.money.amounts import quantise
from ltc.money.currencies import exponent
from ltc.money.exchange import convert
from ltc.money.rounding import round_half_up, spread
from ltc.numbering.services import next_number
from ltc.refusals import Forbidden, Refusal
from ltc.timeline.models import Entry
from ltc.timeline.services import record
from ltc.users.actors import Actor
from orders.models import OrderLine
from orders.services.progress import record_invoiced
from receivables import posting
from receivables.company import credit_note_limit, day_of, own_company
from receivables.models import CreditNote, CreditNoteLine, Invoice, InvoiceLine, JournalEntry
from receivables.services.ledger import lock_debt, post_entry
from receivables.services.tax import require_red

ZERO: Final = Decimal(0)


@transaction.atomic
def draft_credit_note(
    *, actor: Actor, invoice: Invoice, reason: str, lines: Sequence[dict[str, Any]] = (), amount: Decimal | None = None,
    net: Decimal | None = None, tax: Decimal | None = None, note: str = "", at: datetime | None = None, external_ref: str | None = None,
) -> CreditNote:  # fmt: skip
    """Draft a credit note over lines of an invoice ({"invoice_line", "qty" or "gross" (tax included)}), or over an amount with tax, which
    is spread over the lines by what is left of them. `net` and `tax` name the split of an amount without lines.

    Raises Forbidden, Refusal (`over_credit`, `not_issued`).
    """
    at = at or timezone.now()
    if not (actor.has_perm("receivables.add") or actor.has_perm("receivables.request_credit", invoice)):
        raise Forbidden(_("You may not ask for credit notes. Ask finance."))
    invoice = Invoice.objects.select_for_update(of=("self",)).get(pk=invoice.pk)
    if invoice.state not in Invoice.POSTED or invoice.kind == Invoice.Kind.PROFORMA:
        raise Refusal(_("Only an issued invoice can be credited."), code="not_issued", field="invoice")
    left = {line.pk: (line, *credited_left(line)) for line in invoice.lines.order_by("line_no")}
    if lines:
        made = [_over_line(invoice, row, left) for row in lines]
    elif amount is None:
        raise Refusal(_("Name lines or an amount."), code="required", field="amount")
    else:
        made = _over_amount(invoice, amount, left)
    if len({line.invoice_line_id for line in made}) != len(made):
        raise Refusal(_("A line is named twice."), code="duplicate", field="lines")
    if made:
        net, tax = sum((line.net for line in made), ZERO), sum((line.tax for line in made), ZERO)
    else:
        assert amount is not None
        tax = tax if tax is not None else amount - net if net is not None else tax_share(invoice, amount)
        net = amount - tax
    gross = net + tax
    check_left(invoice, gross)
    credit = CreditNote(
        invoice=invoice, customer=invoice.customer, reason=reason, note=note, currency=invoice.currency, net=net, tax=tax, gross=gross,
        drafted_by=actor.pk, external_ref=external_ref,
    )  # fmt: skip
    credit.full_clean()
    credit.save()
    for number, line in enumerate(made, start=1):
        line.credit_note, line.line_no = credit, number
    CreditNoteLine.objects.bulk_create(made)
    record(credit, kind=Entry.Kind.SYSTEM, name="drafted", to_state=credit.state, actor=actor, at=at)
    return credit


def tax_share(invoice: Invoice, amount: Decimal) -> Decimal:
    """The tax within an amount of an invoice that has no lines: as much as of the whole."""
    return round_half_up(invoice.tax * amount / invoice.gross, exponent(invoice.currency)) if invoice.tax else ZERO


def credited_left(line: InvoiceLine) -> tuple[Decimal, Decimal, Decimal]:
    """Quantity, net and tax of an invoice line that are not credited yet; drafts of credit notes count."""
    standing = line.credits.exclude(credit_note__state=CreditNote.State.CANCELLED).aggregate(q=Sum("qty"), n=Sum("net"), t=Sum("tax"))
    return line.qty - (standing["q"] or ZERO), line.net - (standing["n"] or ZERO), line.tax - (standing["t"] or ZERO)


def check_left(invoice: Invoice, gross: Decimal, *, besides: CreditNote | None = None) -> None:
    """Raise Refusal if with so much more the invoice would be credited beyond its total."""
    standing = invoice.credit_notes.exclude(state=CreditNote.State.CANCELLED)
    if besides is not None:
        standing = standing.exclude(pk=besides.pk)
    if (standing.aggregate(total=Sum("gross"))["total"] or ZERO) + gross > invoice.gross:
        raise Refusal(_("This is more than the invoice has left to credit."), code="over_credit", field="amount")


Left = dict[Any, tuple[InvoiceLine, Decimal, Decimal, Decimal]]


def _over_line(invoice: Invoice, row: dict[str, Any], left: Left) -> CreditNoteLine:
    line = row["invoice_line"]
    if line.pk not in left:
        raise Refusal(_("This line is on another invoice."), code="wrong_item", field="lines")
    line, qty_left, net_left, tax_left = left[line.pk]
    qty, gross = Decimal(row.get("qty") or 0), row.get("gross")
    if qty < 0 or qty > qty_left:
        raise Refusal(_("Only %(left)s of this line is left.") % {"left": f"{qty_left.normalize():f}"}, code="over_credit", field="lines")
    if gross is None:
        if not qty:
            raise Refusal(_("Give a quantity or an amount for each line."), code="required", field="lines")
        places = exponent(invoice.currency)
        if qty == qty_left:
            return CreditNoteLine(invoice_line=line, qty=qty, net=net_left, tax=tax_left, gross=net_left + tax_left)
        net = min(round_half_up(line.net * qty / line.qty, places), net_left)
        tax = min(round_half_up(net * line.tax_rate, places), tax_left)
        return CreditNoteLine(invoice_line=line, qty=qty, net=net, tax=tax, gross=net + tax)
    return _part(invoice, line, Decimal(gross), net_left, tax_left, qty=qty)


def _part(
    invoice: Invoice, line: InvoiceLine, gross: Decimal, net_left: Decimal, tax_left: Decimal, *, qty: Decimal = ZERO
) -> CreditNoteLine:
    if gross <= 0 or quantise(gross, invoice.currency) != gross:
        raise Refusal(_("Give an amount of more than zero for each line."), code="invalid", field="lines")
    if gross > net_left + tax_left:
        raise Refusal(_("This is more than the line has left to credit."), code="over_credit", field="lines")
    if gross == net_left + tax_left:
        return CreditNoteLine(invoice_line=line, qty=qty, net=net_left, tax=tax_left, gross=gross)
    tax = min(gross - round_half_up(gross / (1 + line.tax_rate), exponent(invoice.currency)), tax_left)
    return CreditNoteLine(invoice_line=line, qty=qty, net=gross - tax, tax=tax, gross=gross)


def _over_amount(invoice: Invoice, amount: Decimal, left: Left) -> list[CreditNoteLine]:
    if amount <= 0 or quantise(amount, invoice.currency) != amount:
        raise Refusal(_("Give an amount of more than zero."), code="invalid", field="amount")
    open_lines = [(line, net, tax) for line, _qty, net, tax in left.values() if net + tax > 0]
    if not open_lines:
        if left:
            raise Refusal(_("This is more than the invoice has left to credit."), code="over_credit", field="amount")
        return []
    total = sum((net + tax for _line, net, tax in open_lines), ZERO)
    if amount > total:
        raise Refusal(_("This is more than the invoice has left to credit."), code="over_credit", field="amount")
    shares = spread(amount, [net + tax for _line, net, tax in open_lines], exponent(invoice.currency))
    return [_part(invoice, line, share, net, tax) for (line, net, tax), share in zip(open_lines, shares, strict=True) if share > 0]


def prepare_credit_submission(credit: CreditNote, *, actor: Actor, at: datetime) -> dict[str, Any]:
    """Say whether it takes an approval: from the tenant's limit on (setting `credit_note_approval_from`), in base currency."""
    assert credit.invoice.fx_rate is not None
    tenant = own_company()
    worth = convert(credit.gross, credit.invoice.fx_rate, to_currency=tenant.base_currency)
    credit.needs_approval = worth >= credit_note_limit(tenant)
    return {}


def post_credit_note(credit: CreditNote, *, actor: Actor, at: datetime, on: date | None = None) -> dict[str, Any]:
    """What issuing does: the entry at the invoice's rate, what the order has invoiced, and the number.

    `on` is its date, today unless given. Raises Refusal (`period_closed`, `date_in_future`, `over_credit`).
    """
    tenant, today = own_company(), day_of(at)
    on = on or today
    invoice = credit.invoice
    if on > today:
        raise Refusal(_("A credit note cannot be dated in the future."), code="date_in_future", field="on")
    if invoice.invoice_date is None or on < invoice.invoice_date or invoice.fx_rate is None:
        raise Refusal(_("A credit note cannot be older than its invoice."), code="invalid", field="on")
    require_red(credit)
    lock_debt(credit.customer_id, credit.currency, closed_too=True)
    check_left(invoice, credit.gross, besides=credit)
    for line, ordered in _with_quantity(credit):
        record_invoiced(ordered, qty=-line.qty, actor=actor, at=at)
    rate = invoice.fx_rate
    base, tax_base = (convert(each, rate, to_currency=tenant.base_currency) for each in (credit.gross, credit.tax))
    lines = posting.credit_issued(net=credit.net, tax=credit.tax, gross_base=base, tax_base=tax_base, credit_note=credit.pk)
    post_entry(
        JournalEntry.Event.CREDIT_ISSUED, lines, on=on, actor=actor, at=at, customer=credit.customer, currency=credit.currency,
        fx_rate=rate, credit_note=credit, invoice=invoice,
    )  # fmt: skip
    number = next_number("credit_note", on=on, gap_free=True)
    return {"number": number, "credit_date": on, "fx_rate": rate, "gross_base": base, "tax_base": tax_base}


def _with_quantity(credit: CreditNote) -> Iterable[tuple[CreditNoteLine, OrderLine]]:
    for line in credit.lines.filter(qty__gt=0).select_related("invoice_line__order_line").order_by("invoice_line__order_line"):
        if line.invoice_line.order_line is not None:
            yield line, line.invoice_line.order_line
