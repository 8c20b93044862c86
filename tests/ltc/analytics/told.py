"""A past, told as a history file tells it: rows with the lines of their timeline, at the instants that are said."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from leads.models import Channel, Lead, MarketingSpend
from ltc.customers.models import Customer
from ltc.timeline.models import Entry
from ltc.timeline.services import record
from ltc.users.actors import SYSTEM
from ltc.users.models import Membership
from opportunities import path
from opportunities.models import Opportunity, SalesCost
from tests import make
from tests.contracts.rows import make_row
from tests.leads.make import close_reason

ZONE = ZoneInfo("Asia/Shanghai")
STAGES = dict(zip(("S1", "S2", "S3", "S4", "S5"), path.PATH, strict=True))


def moment(text: str) -> datetime:
    """`04-02` is nine in the morning of that day of 2026 in Shanghai; a whole instant is itself."""
    if len(text) > 10:
        return datetime.fromisoformat(text)
    day = date.fromisoformat(text if len(text) == 10 else f"2026-{text}")
    return datetime(day.year, day.month, day.day, 9, tzinfo=ZONE)


class Past:
    """Tells a tenant's history."""

    def __init__(self, owner: Membership | None = None) -> None:
        self.owner = owner or make.member("rep")
        self.leads: dict[str, Lead] = {}
        self.deals: dict[str, Opportunity] = {}
        self.customers: dict[str, Customer] = {}

    def channel(self, code: str) -> Channel:
        return Channel.objects.filter(code=code).first() or Channel.objects.create(code=code, name=code.title())

    def spend(self, code: str, amount: str, day: str = "05-01") -> None:
        on = moment(day).date()
        money = Decimal(amount)
        MarketingSpend.objects.create(channel=self.channel(code), spend_date=on, amount=money, currency="CNY", base_amount=money)

    def lead(self, ref: str, channel: str, at: str, **states: str) -> Lead:
        """A lead with its states and the days on which they began: `disqualified="04-10"`; `merged="06-20 L10"`."""
        captured, owner = moment(at), self.owner
        row = make_row(Lead, number=ref, channel=self.channel(channel), captured_at=captured, owner=owner, email=f"{ref}@example.com")
        record(row, kind=Entry.Kind.TRANSITION, name="capture", to_state="new", actor=SYSTEM, at=captured, data={"channel": channel})
        before, changes = "new", dict[str, Any]()
        for state, when in states.items():
            day, _space, other = when.partition(" ")
            instant, data = moment(day), dict[str, Any]()
            changes |= {"state": state}
            if state == "converted":
                changes |= {"customer": make_row(Customer, name=f"Customer of {ref}"), "converted_at": instant, "closed_at": instant}
            elif state == "disqualified":
                changes |= {"close_reason": close_reason(), "closed_at": instant}
            elif state == "merged":
                survivor = self.leads[other]
                changes |= {"merged_into": survivor, "closed_at": instant}
                data = {"survivor": str(survivor.pk)}
                if captured < survivor.captured_at:
                    Lead.objects.filter(pk=survivor.pk).update(captured_at=captured, channel=row.channel)
            elif state == "qualified":
                changes |= {"qualified_at": instant}
            name = "merge" if state == "merged" else state
            record(row, kind=Entry.Kind.TRANSITION, name=name, from_state=before, to_state=state, actor=SYSTEM, at=instant, data=data)
            before = state
        Lead.objects.filter(pk=row.pk).update(**changes) if changes else None
        self.leads[ref] = Lead.objects.get(pk=row.pk)
        return self.leads[ref]

    def deal(self, ref: str, amount: str, *steps: str, lead: str = "", **fields: Any) -> Opportunity:
        """A deal with its steps: `"04-08 S1"`, `"05-15 won"`, `"05-12 S2"` (back), `"06-12 S3"` after a closure (reopened)."""
        known = self.leads.get(lead)
        fields = {"currency": "CNY", "fx_rate": Decimal(1), "amount_base": Decimal(amount), "amount": Decimal(amount), **fields}
        customer = fields.pop("customer", None) or (known and known.customer) or make_row(Customer, name=f"Customer of {ref}")
        start, stage, state, closed = moment(steps[0].split()[0]), path.DISCOVERY, "open", None
        lines: list[tuple[datetime, str, str, str, dict[str, Any]]] = []
        for step in steps:
            day, what = step.split()
            at = moment(day)
            if what in STAGES and not lines:
                stage = STAGES[what]
                lines.append((at, "created", "", stage, {}))
            elif what in STAGES and state in ("won", "lost", "cancelled"):
                lines.append((at, "reopen", state, "open", {"stage": STAGES[what]}))
                stage, state, closed = STAGES[what], "open", None
            elif what in STAGES:
                lines.append((at, "advance", stage, STAGES[what], {}))
                stage = STAGES[what]
            else:
                lines.append((at, what, state, what, {}))
                state, closed = what, at if what in ("won", "lost", "cancelled") else None
        row = make_row(
            Opportunity, number=ref, name=ref, customer=customer, lead=known, channel=known.channel if known else None,
            owner=fields.pop("owner", self.owner), stage=stage, state=state, closed_at=closed, stage_entered_at=start,
            won_at=closed if state == "won" else None,
            lost_reason=close_reason("price", "lost") if state in ("lost", "cancelled") else None,
            probability=fields.pop("probability", path.PROBABILITY[stage]),
            forecast_category=fields.pop("forecast_category", path.CATEGORY[stage]), **fields,
        )  # fmt: skip
        for at, name, before, after, data in lines:
            kind = Entry.Kind.SYSTEM if name == "created" else Entry.Kind.TRANSITION
            record(row, kind=kind, name=name, from_state=before, to_state=after, actor=SYSTEM, at=at, data=data)
        self.deals[ref] = row
        return row


def gold_sales() -> Past:
    """Data set GD-2 of the domain rules."""
    past = Past()
    past.lead("L00", "partner", "03-10", converted="04-28")
    past.lead("L0", "partner", "02-20", converted="04-25")
    past.lead("L1", "web", "04-02", converted="04-08")
    past.lead("L2", "web", "04-03", disqualified="04-10")
    past.lead("L3", "web", "2026-03-31T16:30:00+00:00", converted="04-20")
    past.lead("L4", "exhibition", "04-10", converted="04-15")
    past.lead("L5", "exhibition", "04-11", converted="05-30")
    past.lead("L6", "exhibition", "04-12", disqualified="04-20")
    past.lead("L7", "referral", "05-06", converted="05-08")
    past.lead("L8", "referral", "05-20", nurturing="05-25")
    past.lead("L9", "baidu", "05-21", converted="07-05")
    past.lead("L10", "baidu", "06-15")
    past.lead("L11", "baidu", "06-20", merged="06-21 L10")
    past.lead("L12", "baidu", "2026-06-30T16:30:00+00:00")
    past.deal("O1", "300000", "04-08 S1", "04-12 S2", "04-20 S3", "05-05 S4", "05-10 S5", "05-15 won", lead="L1")
    past.deal("O2", "200000", "04-20 S1", "04-28 S2", "05-10 S3", "05-25 lost", lead="L3")
    past.deal(
        "O3", "500000", "04-15 S1", "04-25 S2", "05-06 S3", "05-12 S2", "05-20 S3", "06-01 S4", "06-08 S5", "06-10 won", lead="L4"
    )  # fmt: skip
    past.deal("O4", "400000", "05-30 S1", "06-10 S2", lead="L5", close_date=date(2026, 8, 31))
    Customer.objects.filter(pk=past.leads["L7"].customer_id).update(first_order_at=moment("2025-03-01"))
    past.deal("O5", "100000", "05-08 S1", "05-12 S4", "05-16 S5", "05-18 won", lead="L7")
    past.deal("O6", "250000", "07-05 S1", lead="L9")
    past.deal(
        "O7", "50000", "04-25 S1", "05-02 S2", "05-15 S3", "05-28 lost", "06-12 S3", "06-18 S4", "06-22 S5", "06-25 won",
        lead="L0", currency="USD", fx_rate=Decimal("7.20"), amount_base=Decimal(360000),
    )  # fmt: skip
    past.deal("O8", "150000", "04-28 S1", "05-20 cancelled", lead="L00")
    for code, amount in (("web", "20000"), ("exhibition", "60000"), ("referral", "5000"), ("baidu", "13000"), ("email", "2000")):
        past.spend(code, amount)
    SalesCost.objects.create(cost_date=date(2026, 6, 30), amount=200_000, currency="CNY", base_amount=200_000)
    return past
