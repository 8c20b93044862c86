"""One lead's way as far as it goes: captured, worked, converted, won, ordered, delivered, billed, paid. Every step through `perform`."""

import random
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from delivery.models import Acceptance, Shipment
from delivery.services import plan_shipment
from leads.models import Channel, CloseReason, Lead
from leads.services import capture_lead, record_event
from ltc.activities.models import Activity
from ltc.activities.services import log_activity
from ltc.catalog.models import Product
from ltc.users.actors import SYSTEM
from ltc.users.models import Membership
from ltc.workflow.engine import perform
from opportunities.models import Opportunity
from opportunities.services import update_opportunity
from orders.models import Order, PaymentTerm
from orders.services.drafts import update_order
from receivables.demo.companies import Company, Good, Source
from receivables.models import Invoice, Payment, ReceivableItem
from receivables.services.receipts import record_payment

STAGE_DAYS = (8, 14, 16, 10, 6)
LOST_AT = (0.22, 0.28, 0.32, 0.15, 0.03)


@dataclass
class Cast:
    """Who plays: the tenant's people, goods and sources, the dice, and the day on which the story ends."""

    company: Company
    anchor: datetime
    dice: random.Random
    people: dict[str, list[Membership]]
    products: dict[str, Product]
    channels: dict[str, Channel]
    used: set[str] = field(default_factory=set)
    number: int = 0

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.company.time_zone)

    def anyone(self, role: str) -> Membership:
        return self.dice.choice(self.people[role])

    def lag(self, median: float, spread: float = 0.6) -> timedelta:
        return timedelta(days=median * self.dice.lognormvariate(0, spread))

    def office(self, moment: datetime) -> datetime:
        """The same day in working hours."""
        local = moment.astimezone(self.zone)
        return datetime.combine(local.date(), time(9 + self.dice.randrange(8), self.dice.randrange(60)), self.zone)

    def is_past(self, moment: datetime) -> bool:
        return moment < self.anchor - timedelta(minutes=10)

    def day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()


def source_of(cast: Cast) -> Source:
    sources = cast.company.sources
    return cast.dice.choices(sources, weights=[source.share for source in sources])[0]


def capture(cast: Cast, at: datetime, source: Source, owner: Membership | None) -> Lead:
    """Somebody becomes known. Names are made so that no two companies are the same."""
    dice, company = cast.dice, cast.company
    cast.number += 1
    chinese = company.locale.startswith("zh")
    base, city = dice.choice(company.customers), dice.choice(company.cities)
    name = f"{city}{base}有限公司" if chinese else f"{base} {city}"
    while name in cast.used:
        base, city = dice.choice(company.customers), dice.choice(company.cities)
        name = f"{city}{base}{cast.number}有限公司" if chinese else f"{base} {city} {cast.number}"
    cast.used.add(name)
    good = dice.choice(company.goods)
    person = dice.choice(company.contacts)
    return capture_lead(
        actor=cast.anyone("mkt"),
        channel=cast.channels[source.code],
        at=at,
        owner=owner,
        country=company.country,
        title=good.name,
        company_name=name,
        contact_name=person,
        email=f"lead{cast.number}@{company.domain}",
        phone=f"{company.phone}{cast.number:04d}",
        region=city,
        industry=dice.choice(company.industries),
        industry_match=dice.choices(["target", "adjacent", "other"], weights=[5, 3, 2])[0],
        size_employees=dice.choice([8, 35, 120, 320, 1500]),
        seniority=dice.choice(["decision_maker", "manager", "engineer", "unknown"]),
        budget=dice.choice(["approved", "planned", "unknown"]),
        authority=dice.choice(["decision_maker", "influencer", "unknown"]),
        need=good.name,
        need_level=dice.choice(["clear", "vague", "unknown"]),
        timeline=dice.choice(["le3m", "m4_6", "m7_12", "unknown"]),
        product_interest=good.name,
        est_amount=good.price,
        currency=company.currency,
        touch={"kind": "form", "url": f"https://www.{company.domain}/{source.code}", "utm": {"source": source.code}},
    )


def live(cast: Cast, at: datetime, source: Source | None = None, *, fate: str = "") -> Lead:
    """A lead captured at `at` goes as far as the dice (or `fate`: "cash") and the calendar let it."""
    source = source or source_of(cast)
    dice = cast.dice
    valid, converts = dice.random() < source.valid, dice.random() < 1.4 * source.converted
    if fate:
        valid = converts = True
    touched = cast.office(at + cast.lag(1.2))
    unowned = not fate and not cast.is_past(touched) and dice.random() < 0.6
    owner = None if unowned else cast.anyone("rep")
    lead = capture(cast, at, source, owner)
    for kind in dice.choices(["page_view", "page_view_pricing", "content_download", "form_submit", "quote_request"], k=dice.randrange(4)):
        seen = at + timedelta(hours=dice.randrange(1, 60))
        if cast.is_past(seen):
            record_event(lead, actor=SYSTEM, type=kind, occurred_at=seen, source="demo", dedupe_key=f"{lead.pk}-{seen.isoformat()}-{kind}")
    if owner is None or not cast.is_past(touched):
        return lead
    log_activity(lead, kind=Activity.Kind.CALL, actor=owner, at=touched, result=lead.need, direction="out")
    lead.refresh_from_db()
    decided = cast.office(touched + cast.lag(4))
    if not cast.is_past(decided):
        return lead
    if not valid:
        reason = dice.choice(list(CloseReason.objects.filter(kind="disqualify")))
        perform(lead, "disqualify", actor=owner, at=decided, reason=reason)
        return lead
    if not converts:
        if dice.random() < 0.4:
            perform(
                lead,
                "nurture",
                actor=owner,
                at=decided,
                until=cast.day(decided) + timedelta(days=dice.randrange(30, 170)),
                reason=lead.timeline,
            )
        return lead
    return _convert(cast, lead, owner, decided, source, fate)


def _convert(cast: Cast, lead: Lead, owner: Membership, at: datetime, source: Source, fate: str) -> Lead:
    from_lead = {"budget": "approved", "authority": "decision_maker", "need_level": "clear", "timeline": "le3m"}
    Lead.objects.filter(pk=lead.pk).update(**from_lead)
    lead.refresh_from_db()
    perform(lead, "qualify", actor=owner, at=at)
    good = next(good for good in cast.company.goods if good.name == lead.product_interest)
    amount = _amount(cast, good)
    opened = cast.office(at + cast.lag(2))
    if not cast.is_past(opened):
        return lead
    closes = cast.day(opened + timedelta(days=sum(STAGE_DAYS) + cast.dice.randrange(-8, 25)))
    perform(lead, "convert", actor=owner, at=opened, name=good.name, amount=amount, create_customer=True, close_date=closes)
    deal = Opportunity.objects.get(lead=lead)
    units = max(1, round(amount / good.price))
    line = {
        "product": cast.products[good.sku],
        "qty": Decimal(units),
        "unit_price": good.price,
        "discount_rate": Decimal(cast.dice.choice(["0", "0.03", "0.05"])),
    }
    update_opportunity(deal, actor=owner, lines=[line], next_step=good.name, next_step_on=closes)
    deal.refresh_from_db()
    _sell(cast, deal, owner, opened, source, fate)
    return lead


def _amount(cast: Cast, good: Good) -> Decimal:
    return good.price * cast.dice.choice([1, 1, 1, 2, 3])


def _sell(cast: Cast, deal: Opportunity, owner: Membership, at: datetime, source: Source, fate: str) -> None:
    dice = cast.dice
    wins = bool(fate) or dice.random() < min(0.9, cast.company.win * source.win)
    loses_at = dice.choices(range(5), weights=LOST_AT)[0]
    for index, median in enumerate(STAGE_DAYS):
        at = cast.office(at + cast.lag(median * (0.5 if fate else 1), 0.4))
        if not cast.is_past(at):
            return
        if not wins and index == loses_at:
            reason = dice.choice(list(CloseReason.objects.filter(kind="lost")))
            perform(deal, "lose", actor=owner, at=at, lost_reason=reason)
            return
        if index < len(STAGE_DAYS) - 1:
            perform(deal, "advance", actor=owner, at=at)
        if dice.random() < 0.5:
            log_activity(deal, kind=dice.choice([Activity.Kind.MEETING, Activity.Kind.CALL]), actor=owner, at=at, result=deal.name)
    deal.refresh_from_db()
    perform(deal, "win", actor=owner, at=at)
    _fulfil(cast, Order.objects.get(opportunity=deal), owner, at, good_days=dice.randrange(7, 40), fate=fate)


def _fulfil(cast: Cast, order: Order, owner: Membership, at: datetime, *, good_days: int, fate: str) -> None:
    dice, delivery, warehouse = cast.dice, cast.anyone("dm"), cast.office(at + cast.lag(1.0))
    if not cast.is_past(warehouse):
        return
    names = [code for code, _weight in cast.company.terms]
    term = PaymentTerm.objects.get(code=dice.choices(names, weights=[weight for _code, weight in cast.company.terms])[0])
    promised = cast.day(warehouse) + timedelta(days=good_days)
    lines = [
        {"product": line.product, "description": line.description, "qty": line.qty, "unit_price": line.unit_price,
         "discount_rate": line.discount_rate, "tax_code": line.tax_code, "promised_on": promised}
        for line in order.lines.all()
    ]  # fmt: skip
    update_order(order, actor=owner, payment_term=term, lines=lines, customer_po_no=f"PO-{cast.number:05d}")
    order.refresh_from_db()
    perform(order, "confirm", actor=owner, at=warehouse)
    _bill(cast, order)
    shipped = cast.office(
        datetime.combine(promised, time(8), cast.zone) - timedelta(days=3) + timedelta(days=dice.choice([0, 0, 0, 0, 2, 9]))
    )
    if not cast.is_past(shipped) or order.plan_lines.filter(gate="before_shipment", collected_on__isnull=True).exists():
        return
    shipment = plan_shipment(order=order, actor=delivery, planned_on=promised, at=warehouse)
    perform(shipment, "release", actor=delivery, at=shipped - timedelta(hours=4))
    perform(shipment, "ship", actor=delivery, at=shipped, carrier="SF Express", on=cast.day(shipped))
    arrived = cast.office(shipped + cast.lag(2, 0.3))
    if not cast.is_past(arrived):
        return
    _accept(cast, order, shipment, delivery, arrived)


def _accept(cast: Cast, order: Order, shipment: Shipment, delivery: Membership, at: datetime) -> None:
    perform(shipment, "confirm_pod", actor=delivery, at=at, signed_by=cast.dice.choice(cast.company.contacts), on=cast.day(at))
    order.refresh_from_db()
    _bill(cast, order)
    agreed = cast.office(at + cast.lag(6, 0.5))
    while cast.is_past(agreed):
        waiting = Acceptance.objects.filter(order=order, state="pending").first()
        if waiting is None:
            break
        perform(waiting, "accept", actor=delivery, at=agreed, signed_by=cast.dice.choice(cast.company.contacts), on=cast.day(agreed))
    order.refresh_from_db()
    _bill(cast, order)


def _bill(cast: Cast, order: Order) -> None:
    """Finance issues what was proposed, sends it, and books the money when it comes."""
    for invoice in Invoice.objects.filter(order=order, state="draft").order_by("created_at"):
        clerk, approver = cast.people["fin"][0], cast.people["fin"][-1]
        part = invoice.plan_line
        assert part is not None
        assert part.triggered_at is not None
        issued = cast.office(part.triggered_at + timedelta(days=1))
        if not cast.is_past(issued):
            continue
        perform(invoice, "submit", actor=clerk, at=issued)
        if invoice.state == "in_approval":
            perform(invoice, "approve", actor=approver if approver != clerk else SYSTEM, at=issued)
        perform(invoice, "issue", actor=clerk, at=issued)
        perform(invoice, "mark_sent", actor=clerk, at=issued, channel="email", recipient=f"finance@{cast.company.domain}")
        _collect(cast, invoice, clerk)


def _collect(cast: Cast, invoice: Invoice, clerk: Membership) -> None:
    for item in ReceivableItem.objects.filter(invoice=invoice, released=True, open_amount__gt=0):
        if item.due_date is None:
            continue
        late = cast.lag(14, 0.8) if cast.dice.random() < cast.company.late else timedelta(days=-cast.dice.randrange(4))
        due = datetime.combine(item.due_date, time(10), cast.zone)
        issued = datetime.combine(invoice.invoice_date or item.due_date, time(18), cast.zone)
        paid = cast.office(max(due + late, issued + timedelta(days=1)))
        if not cast.is_past(paid):
            continue
        cast.number += 1
        payment = record_payment(
            actor=clerk, amount=item.open_amount, currency=item.currency, received_on=cast.day(paid), customer=invoice.customer, at=paid,
            bank_ref=f"BANK-{cast.number:06d}", bank_account="DEMO", payer_name=invoice.customer.name, remittance_text=invoice.number or "",
        )  # fmt: skip
        if payment.state != Payment.State.POSTED:
            perform(payment, "post", actor=clerk, at=paid)
        payment.refresh_from_db()
        if payment.unallocated:
            perform(payment, "allocate", actor=clerk, at=paid, rows=[{"item": item, "amount": item.open_amount}])
