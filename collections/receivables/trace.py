"""The whole way of a record, from the first touch to the bank line, in both directions.

Lead, opportunity, order, shipment, acceptance, invoice, item, allocation, payment: each knows the one before it, so the chain is read
with one query per kind, whatever its length. A record that the actor may not see appears with its kind and number only.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.db.models import Q
from django.utils import timezone

from delivery.models import Acceptance, Shipment
from leads.models import Channel, Lead
from leads.touches import first_and_last
from ltc.money.currencies import exponent
from ltc.users.actors import Actor
from ltc.workflow.models import link_type
from opportunities.models import Opportunity
from orders.models import Order
from receivables.attribution import Origin, Portion, attribute
from receivables.company import own_company
from receivables.models import Allocation, Invoice, Payment, ReceivableItem

KINDS: Final[tuple[Any, ...]] = (Lead, Opportunity, Order, Shipment, Acceptance, Invoice, ReceivableItem, Allocation, Payment)
"""The kinds of records on the way, first touch first."""


@dataclass
class Chain:
    """The records on the way of one record, per kind."""

    records: dict[Any, list[Any]] = field(default_factory=dict)

    def of(self, kind: Any) -> list[Any]:
        return self.records.get(kind, [])

    def take(self, kind: Any, records: Iterable[Any]) -> list[Any]:
        self.records[kind] = list(records)
        return self.records[kind]


def chain_of(record: Any) -> Chain:
    """Everything that stands on the way of a record: upstream what led to it, downstream what came of it."""
    chain = Chain()
    _take_money(chain, record)
    orders = chain.take(Order, _orders_of(record, chain).select_related("customer").order_by("order_date", "pk"))
    if not isinstance(record, (Invoice, ReceivableItem, Allocation, Payment)):
        _take_money_of_orders(chain, orders)
    deals = Q(pk__in=[order.opportunity_id for order in orders if order.opportunity_id])
    if isinstance(record, Opportunity):
        deals |= Q(pk=record.pk)
    if isinstance(record, Lead):
        deals |= Q(lead=record)
    opportunities = chain.take(Opportunity, Opportunity.objects.filter(deals).select_related("customer").order_by("pk"))
    sources = {each.lead_id for each in (*opportunities, *orders)} | ({record.pk} if isinstance(record, Lead) else set())
    chain.take(Lead, Lead.objects.filter(pk__in=sources - {None}).select_related("channel").order_by("pk"))
    shipments = Shipment.objects.filter(order__in=orders).order_by("pk")
    if isinstance(record, (Shipment, Acceptance)):
        shipments = shipments.filter(pk=record.pk if isinstance(record, Shipment) else record.shipment_id)
    chain.take(Shipment, shipments)
    chain.take(Acceptance, Acceptance.objects.filter(shipment__in=chain.of(Shipment)).order_by("pk"))
    return chain


def _orders_of(record: Any, chain: Chain) -> Any:
    if isinstance(record, Order):
        return Order.objects.filter(pk=record.pk)
    if isinstance(record, Lead):
        return Order.objects.filter(Q(lead=record) | Q(opportunity__lead=record))
    if isinstance(record, Opportunity):
        return Order.objects.filter(opportunity=record)
    if isinstance(record, (Shipment, Acceptance)):
        return Order.objects.filter(pk=record.order_id)
    return Order.objects.filter(pk__in={invoice.order_id for invoice in chain.of(Invoice)})


def _take_money(chain: Chain, record: Any) -> None:
    """The money on the way of an invoice, an item, an allocation or a payment."""
    allocations = Allocation.objects.filter(active=True).order_by("date", "pk")
    items = ReceivableItem.objects.none()
    if isinstance(record, Invoice):
        items, allocations = ReceivableItem.objects.filter(invoice=record), allocations.filter(item__invoice=record)
    elif isinstance(record, ReceivableItem):
        items, allocations = ReceivableItem.objects.filter(pk=record.pk), allocations.filter(item=record)
    elif isinstance(record, Allocation):
        items, allocations = ReceivableItem.objects.filter(pk=record.item_id), Allocation.objects.filter(pk=record.pk)
    elif isinstance(record, Payment):
        allocations = allocations.filter(payment=record)
        items = ReceivableItem.objects.filter(pk__in=allocations.values("item"))
    else:
        return
    chain.take(ReceivableItem, items.select_related("invoice").order_by("due_date", "pk"))
    chain.take(Allocation, allocations.select_related("payment", "item__invoice"))
    invoices = {item.invoice_id for item in chain.of(ReceivableItem)} | ({record.pk} if isinstance(record, Invoice) else set())
    chain.take(Invoice, Invoice.objects.filter(pk__in=invoices).select_related("order").order_by("created_at", "pk"))
    _take_payments(chain, record)


def _take_money_of_orders(chain: Chain, orders: list[Order]) -> None:
    invoices = Invoice.objects.filter(order__in=orders).exclude(state=Invoice.State.VOID)
    chain.take(Invoice, invoices.select_related("order").order_by("created_at", "pk"))
    items = ReceivableItem.objects.filter(invoice__order__in=orders)
    chain.take(ReceivableItem, items.select_related("invoice").order_by("due_date", "pk"))
    allocations = Allocation.objects.filter(active=True, item__invoice__order__in=orders)
    chain.take(Allocation, allocations.select_related("payment", "item__invoice").order_by("date", "pk"))
    _take_payments(chain, None)


def _take_payments(chain: Chain, record: Any) -> None:
    found = {allocation.payment_id: allocation.payment for allocation in chain.of(Allocation) if allocation.payment_id}
    if isinstance(record, Payment):
        found[record.pk] = record
    chain.take(Payment, found.values())


def trace(record: Any, actor: Actor) -> dict[str, Any]:
    """The chain as pages and the API show it: `nodes`, `links` between them by key, and the `cash` of each payment by origin.

    Amounts are text. What the actor may not see has no id, no amount and no state.
    """
    chain = chain_of(record)
    seen = {kind: _visible(kind, chain.of(kind), actor) for kind in KINDS}
    keys: dict[Any, str] = {}
    nodes = []
    for kind in KINDS:
        for number, each in enumerate(chain.of(kind), start=1):
            keys[kind, each.pk] = f"{link_type(kind)}-{number}"
            is_start = type(record) is kind and each.pk == record.pk
            nodes.append(_node(each, keys[kind, each.pk], visible=each.pk in seen[kind], is_start=is_start))
    return {
        "record": {"kind": link_type(record), "id": str(record.pk)},
        "nodes": nodes,
        "links": [{"from": keys[start], "to": keys[end]} for start, end in _links(chain) if start in keys and end in keys],
        "cash": _cash(chain, keys, seen),
        "touches": _touches(chain, keys, seen),
    }


def _touches(chain: Chain, keys: dict[Any, str], seen: dict[Any, set[Any]]) -> list[dict[str, Any]]:
    """The first and the last touch of each lead on the way that the actor sees."""
    visible = seen[Lead]
    found = first_and_last(visible)
    return [{"lead": keys[Lead, lead.pk], **found[lead.pk]} for lead in chain.of(Lead) if lead.pk in found]


def _visible(kind: Any, records: list[Any], actor: Actor) -> set[Any]:
    if not records:
        return set()
    keys = [record.pk for record in records]
    return set(kind.objects.visible_to(actor).filter(pk__in=keys).values_list("pk", flat=True))


def _node(record: Any, key: str, *, visible: bool, is_start: bool) -> dict[str, Any]:
    kind = link_type(record)
    node: dict[str, Any] = {"key": key, "kind": kind, "number": _number(record), "redacted": not visible}
    if not visible:
        return node
    state = getattr(record, "state", "")
    amount = getattr(record, "gross", None) or getattr(record, "amount", None)
    currency = getattr(record, "currency", "") or (record.item.currency if isinstance(record, Allocation) else "")
    return {
        **node,
        "id": str(record.pk),
        "title": _title(record),
        "state": state,
        "state_label": str(record.get_state_display()) if state else "",
        "on": _day(record),
        "amount": None if amount is None else str(amount),
        "currency": currency if amount is not None else "",
        "channel": record.channel.code if isinstance(record, Lead) and record.channel_id else None,
        "is_start": is_start,
    }


def _number(record: Any) -> str:
    if isinstance(record, (ReceivableItem, Allocation)):
        return str(record) if isinstance(record, ReceivableItem) else str(record).rpartition(":")[0]
    return str(getattr(record, "number", None) or "")


def _title(record: Any) -> str:
    if isinstance(record, (Opportunity, Order)):
        return f"{record.name} · {record.customer}" if isinstance(record, Opportunity) else str(record.customer)
    if isinstance(record, Payment):
        return record.payer_name
    if isinstance(record, Shipment):
        return record.carrier
    if isinstance(record, (Acceptance, Invoice, ReceivableItem)):
        return str(record.get_kind_display())
    if isinstance(record, Allocation):
        return str(record.get_method_display())
    return str(record)


DAY_OF: Final = {
    Lead: "captured_at", Opportunity: "won_at", Order: "order_date", Shipment: "pod_at", Acceptance: "accepted_on",
    Invoice: "invoice_date", ReceivableItem: "due_date", Allocation: "date", Payment: "received_on",
}  # fmt: skip


def _day(record: Any) -> str | None:
    value = getattr(record, DAY_OF[type(record)])
    if value is None:
        return None
    return (timezone.localdate(value) if isinstance(value, datetime) else value).isoformat()


def _links(chain: Chain) -> Iterator[tuple[Any, Any]]:
    for deal in chain.of(Opportunity):
        yield (Lead, deal.lead_id), (Opportunity, deal.pk)
    for order in chain.of(Order):
        yield (Opportunity, order.opportunity_id), (Order, order.pk)
        yield (Lead, order.lead_id), (Order, order.pk)
    for shipment in chain.of(Shipment):
        yield (Order, shipment.order_id), (Shipment, shipment.pk)
    for acceptance in chain.of(Acceptance):
        yield (Shipment, acceptance.shipment_id), (Acceptance, acceptance.pk)
    for invoice in chain.of(Invoice):
        yield (Order, invoice.order_id), (Invoice, invoice.pk)
    for item in chain.of(ReceivableItem):
        yield (Invoice, item.invoice_id), (ReceivableItem, item.pk)
    for allocation in chain.of(Allocation):
        yield (ReceivableItem, allocation.item_id), (Allocation, allocation.pk)
        yield (Allocation, allocation.pk), (Payment, allocation.payment_id)


def cash_by_origin(payments: Iterable[Payment]) -> dict[Any, tuple[Portion, ...]]:
    """How much of each posted payment stems from which lead and channel, in its currency and in base; the parts sum to the payment."""
    posted = [payment for payment in payments if payment.amount_base is not None and payment.state != Payment.State.REVERSED]
    found: dict[Any, list[tuple[Origin, Decimal]]] = {payment.pk: [] for payment in posted}
    allocations = Allocation.objects.filter(payment__in=posted, active=True).order_by("created_at", "pk")
    order = "item__invoice__order__"
    paths = ("lead", "lead__channel", "opportunity", "opportunity__lead", "opportunity__channel")
    for payment, amount, lead, channel, deal, deals_lead, deals_channel in allocations.values_list(
        "payment", "amount", *(order + path for path in paths)
    ):
        found[payment].append((Origin(lead=deals_lead or lead, channel=deals_channel or channel, opportunity=deal), amount))
    places = exponent(own_company().base_currency)
    return {
        payment.pk: attribute(amount=payment.amount, amount_base=payment.amount_base, places=places, allocations=found[payment.pk])
        for payment in posted
        if payment.amount_base is not None
    }


def _cash(chain: Chain, keys: dict[Any, str], seen: dict[Any, set[Any]]) -> list[dict[str, Any]]:
    payments = [payment for payment in chain.of(Payment) if payment.pk in seen[Payment]]
    if not payments:
        return []
    portions, base = cash_by_origin(payments), own_company().base_currency
    channels = {channel.pk: channel for channel in Channel.objects.all()}
    return [
        {
            "payment": keys[Payment, payment.pk],
            "number": payment.number,
            "amount": str(payment.amount),
            "currency": payment.currency,
            "amount_base": str(payment.amount_base),
            "base_currency": base,
            "portions": [_portion(portion, keys, seen, channels) for portion in portions.get(payment.pk, ())],
        }
        for payment in payments
    ]


def _portion(portion: Portion, keys: dict[Any, str], seen: dict[Any, set[Any]], channels: dict[Any, Channel]) -> dict[str, Any]:
    """A part of a payment. The lead is named by its node's key, if it stands in this chain and the actor sees it."""
    origin = portion.origin
    lead = origin.lead if origin and origin.lead in seen[Lead] else None
    channel = channels.get(origin.channel) if origin else None
    return {
        "allocated": origin is not None,
        "lead": keys.get((Lead, lead)) if lead else None,
        "channel": channel.code if channel else None,
        "channel_name": channel.name if channel else None,
        "amount": str(portion.amount),
        "amount_base": str(portion.amount_base),
    }
