"""Orders learn what was billed and collected of them, and each imported invoice gets its lines: so cash is traced to where it came from."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db import connection

from ltc.money.currencies import exponent
from ltc.money.rounding import apportion, round_half_up
from ltc.tenancy.identifiers import uuid7
from orders.models import Order, OrderLine
from receivables.history.world import World
from receivables.models import Invoice, InvoiceLine
from receivables.services.invoicing import collected_of

PLACES = Decimal("0.000001")
BILLED = """
SELECT DISTINCT o.id FROM orders_order o
JOIN collections_invoice i ON i.tenant_id = o.tenant_id AND i.order_id = o.id
JOIN collections_importedrecord m ON m.tenant_id = i.tenant_id AND m.record = i.id
WHERE o.tenant_id = %s AND m.run_id = %s ORDER BY 1
"""


def bill_the_orders(world: World) -> None:
    """For each order of which this run has brought an invoice: invoice lines, quantities billed, and the derived statuses."""
    for order in _orders(world):
        lines = list(OrderLine.objects.filter(order=order).order_by("line_no"))
        invoices = list(Invoice.objects.filter(order=order, state__in=Invoice.POSTED).order_by("invoice_date", "pk"))
        for invoice in invoices:
            if not InvoiceLine.objects.filter(invoice=invoice).exists():
                InvoiceLine.objects.bulk_create(_lines_of(invoice, lines))
        _count(order, lines, sum((invoice.gross for invoice in invoices), Decimal(0)))


def _orders(world: World) -> Iterator[Order]:
    with connection.cursor() as cursor:
        cursor.execute(BILLED, [world.tenant.pk, world.run.pk])
        found = [row[0] for row in cursor.fetchall()]
    for start in range(0, len(found), 500):
        yield from Order.objects.filter(pk__in=found[start : start + 500]).order_by("pk")


def _lines_of(invoice: Invoice, lines: list[OrderLine]) -> list[InvoiceLine]:
    """An invoice's net and tax over the lines of its order, by their value; to the last cent."""
    places = exponent(invoice.currency)
    weights = [Fraction(line.gross or 1) for line in lines]
    whole = sum(weights, Fraction(0))
    nets, taxes = (
        apportion([Fraction(total) * weight / whole for weight in weights], total, places) for total in (invoice.net, invoice.tax)
    )
    made = []
    for number, (line, net, tax) in enumerate(zip(lines, nets, taxes, strict=True), start=1):
        share = Fraction(net + tax) / Fraction(line.gross) if line.gross else Fraction(0)
        qty = min(line.qty, round_half_up(line.qty * Decimal(share.numerator) / Decimal(share.denominator), 6))
        made.append(
            InvoiceLine(
                id=uuid7(), invoice=invoice, line_no=number, order_line=line, description=line.description, uom=line.uom, qty=qty,
                unit_price=line.unit_price, net=net, tax=tax, gross=net + tax,
                tax_rate=min(round_half_up(tax / net, 6), Decimal("0.999999")) if net else Decimal(0),
            )
        )  # fmt: skip
    return made


def _count(order: Order, lines: list[OrderLine], billed: Decimal) -> None:
    """The quantities billed, by value, and from them and the open items the two statuses."""
    whole = billed >= order.gross
    share = Decimal(1) if whole or not order.gross else billed / order.gross
    for line in lines:
        line.qty_invoiced = line.qty if whole else (line.qty * share).quantize(PLACES, rounding="ROUND_DOWN")
    OrderLine.objects.bulk_update(lines, ["qty_invoiced"])
    collected, full = collected_of(order), Order.Progress.FULL
    statuses: dict[str, Any] = {
        "billing_status": full if whole else Order.Progress.PARTIAL if billed else Order.Progress.NONE,
        "collection_status": full if collected >= order.gross else Order.Progress.PARTIAL if collected > 0 else Order.Progress.NONE,
    }
    Order.objects.filter(pk=order.pk).update(**statuses)
