"""Random histories in three time zones: what the product answers, beside a plain reckoning over the lines of the file."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ltc.tenancy.models import Tenant
from tests.callers import caller_of
from tests.ltc.analytics.test_history_gold import Line, answer_of, company

pytestmark = pytest.mark.django_db
START, DAYS = date(2026, 2, 20), 130
STAGES = ("discovery", "solution", "bidding", "negotiation", "signing")
KEYS = ("S1", "S2", "S3", "S4", "S5")
CHANNELS = ("web", "fair", "baidu")


@dataclass
class Story:
    """A random past, with what is needed to reckon by hand."""

    zone: ZoneInfo
    chance: random.Random
    lines: list[Line] = field(default_factory=list)
    leads: dict[str, dict[str, Any]] = field(default_factory=dict)
    deals: dict[str, list[tuple[datetime, str, Decimal]]] = field(default_factory=dict)
    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    payments: list[dict[str, Any]] = field(default_factory=list)

    def moment(self, after: datetime | None = None, most: int = 25) -> datetime:
        """An instant, often right at a local midnight."""
        if after is None:
            day, clock = START + timedelta(days=self.chance.randrange(DAYS)), None
        else:
            day = after.astimezone(self.zone).date() + timedelta(days=1 + self.chance.randrange(most))
        clock = self.chance.choice([time(0, 0), time(23, 59, 59), time(2, 30), time(9, 0), time(13, 7)])
        return datetime.combine(day, clock, self.zone).astimezone(UTC)

    def day(self, after: date, most: int = 40) -> date:
        return after + timedelta(days=self.chance.randrange(most))

    def say(self, object: str, **values: Any) -> None:
        told = {key: value.isoformat() if isinstance(value, date) else value for key, value in values.items() if value is not None}
        self.lines.append({"object": object, **told})

    def tell(self) -> "Story":
        for channel in CHANNELS:
            self.say("channel", ref=channel, name=channel, kind="web")
        self.say("customer", ref="C", name="Buyer", at=datetime(2026, 1, 5, tzinfo=UTC))
        for number in range(14):
            self.lead(f"L{number}")
        for number in range(12):
            self.deal(f"O{number}")
        for number in range(10):
            self.bill(f"I{number}")
        return self

    def lead(self, ref: str) -> None:
        chance, at = self.chance, self.moment()
        known = {"at": at, "channel": chance.choice(CHANNELS), "test": chance.random() < 0.1, "states": [(at, "new", "")]}
        self.say("lead", ref=ref, at=at, channel=known["channel"], company_name=ref, contact_name=ref, email=f"{ref}@b.example".lower(),
                 test=known["test"] or None)  # fmt: skip
        for state in chance.choice([[], ["working"], ["working", "disqualified"], ["disqualified", "working"], ["nurturing"], ["merged"],
                                    ["disqualified"], ["spam"], ["converted"], ["working", "converted"]]):  # fmt: skip
            at = self.moment(at, 70)
            gone = ("merged", "converted")
            others = [
                other for other, told in self.leads.items() if told["at"] < at and told["states"][-1][1] not in gone and not told["test"]
            ]
            into = chance.choice(others) if others else ""
            if state == "merged" and (not into or known["test"]):
                continue
            reason = "spam" if state == "spam" else None
            name = "disqualified" if state == "spam" else state
            if state == "converted":
                self.say("opportunity", ref=f"{ref}-O", at=at, customer="C", lead=ref, amount="10.00", expected_close=date(2027, 1, 1))
                self.deals[f"{ref}-O"] = [(at, "discovery", Decimal(10))]
            self.say("lead_state", lead=ref, at=at, to=name, reason=reason, into=into if state == "merged" else None,
                     opportunity=f"{ref}-O" if state == "converted" else None)  # fmt: skip
            known["states"].append((at, state, into))
        self.leads[ref] = known

    def deal(self, ref: str) -> None:
        chance, at = self.chance, self.moment()
        amount = Decimal(chance.randrange(1, 90_000)) / 100 * 10
        history = self.deals[ref] = [(at, "discovery", amount)]
        self.say("opportunity", ref=ref, at=at, customer="C", amount=f"{amount:.2f}", expected_close=date(2027, 1, 1))
        stage, state = 0, "open"
        for _step in range(chance.randrange(7)):
            at = self.moment(at, 20)
            what = chance.choice(["stage", "stage", "stage", "won", "lost", "cancelled", "suspended", "amount"])
            if what == "amount" and state == "open":
                amount += 100
                self.say("opportunity_change", opportunity=ref, at=at, amount=f"{amount:.2f}")
                history.append((at, "amount", amount))
            elif what == "stage" and state != "suspended":
                stage = min(4, max(0, stage + chance.choice([1, 1, 1, 2, -1])))
                self.say("opportunity_stage", opportunity=ref, at=at, stage=STAGES[stage])
                history.append((at, STAGES[stage], amount))
                state = "open"
            elif state == "suspended":
                self.say("opportunity_status", opportunity=ref, at=at, to="open")
                history.append((at, "resume", amount))
                state = "open"
            elif what in ("won", "lost", "cancelled", "suspended") and state == "open":
                self.say("opportunity_status", opportunity=ref, at=at, to=what)
                history.append((at, what, amount))
                state = what

    def bill(self, ref: str) -> None:
        chance = self.chance
        on = self.day(START, 100)
        due, amount = self.day(on, 45), Decimal(chance.randrange(100, 900_00)) / 100
        self.say(
            "invoice", ref=ref, customer="C", invoice_date=on, items=[{"seq": 1, "due_date": due.isoformat(), "amount": f"{amount:.2f}"}]
        )
        item = self.items[ref] = {"on": on, "due": due, "amount": amount, "moves": [], "credited": []}
        left = amount
        if chance.random() < 0.2:
            part = (amount / 5).quantize(Decimal("0.01"))
            credited = self.day(on, 10)
            self.say("credit_note", ref=f"N{ref}", invoice=ref, date=credited, amount=f"{part:.2f}")
            item["credited"].append((credited, part))
            left -= part
        at = on + timedelta(days=11)
        for number in range(chance.randrange(3)):
            part = left if chance.random() < 0.6 else (left / 3).quantize(Decimal("0.01"))
            if part <= 0:
                break
            at = self.day(at, 25)
            name = f"P{ref}-{number}"
            self.say("payment", ref=name, customer="C", received_on=at, amount=f"{part:.2f}",
                     allocations=[{"invoice": ref, "seq": 1, "amount": f"{part:.2f}"}])  # fmt: skip
            back = None
            if chance.random() < 0.25:
                back = at = self.day(at + timedelta(days=1), 20)
                self.say("payment_reversal", payment=name, on=back)
            else:
                left -= part
            self.payments.append({"on": at if back is None else self.lines[-2]["received_on"], "amount": part, "back": back, "item": ref})
            paid = date.fromisoformat(str(self.payments[-1]["on"]))
            self.payments[-1]["on"] = paid
            item["moves"].append((paid, part, back))


@dataclass
class Reckoning:
    """The numbers of a story, reckoned from its lines: nothing of the product is used."""

    story: Story
    first: date
    last: date
    as_of: datetime

    def __post_init__(self) -> None:
        zone = self.story.zone
        self.start = datetime.combine(self.first, time(), zone).astimezone(UTC)
        self.end = datetime.combine(self.last + timedelta(days=1), time(), zone).astimezone(UTC)
        self.today = self.as_of.astimezone(zone).date()

    def within(self, at: datetime | None) -> bool:
        return at is not None and self.start <= at < self.end and at <= self.as_of

    def leads(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """The leads that count at `as_of`, survivors with the capture of what went into them."""
        then = {}
        for ref, told in self.story.leads.items():
            states = [state for state in told["states"] if state[0] <= self.as_of]
            if states and not told["test"]:
                then[ref] = {"at": told["at"], "channel": told["channel"], "state": states[-1][1], "into": states[-1][2], "all": states}
        for told in sorted(then.values(), key=lambda each: each["at"]):
            if told["state"] == "merged":
                target = then.get(told["into"])
                while target is not None and target["state"] == "merged":
                    target = then.get(target["into"])
                if target is not None and told["at"] < target["at"]:
                    target["at"], target["channel"] = told["at"], told["channel"]
        return ((ref, told) for ref, told in then.items() if told["state"] not in ("merged", "spam"))

    def of_leads(self) -> dict[str, tuple[int, int | None]]:
        known = list(self.leads())
        captured = [told for _ref, told in known if self.within(told["at"])]
        count = len(captured)

        def turned(told: dict[str, Any]) -> datetime | None:
            return next((at for at, state, _into in told["all"] if state == "converted"), None)

        in_time = sum(1 for told in captured if (at := turned(told)) and at - told["at"] <= timedelta(days=90))
        return {
            "lead.count": (count, None),
            "lead.conversion.cohort": (in_time, count),
            "lead.conversion.flow": (sum(1 for _ref, told in known if self.within(turned(told))), count),
            "lead.disqualified_rate": (sum(1 for told in captured if told["state"] == "disqualified"), count),
        }

    def deal(self, history: list[tuple[datetime, str, Decimal]]) -> dict[str, Any] | None:
        seen = [step for step in history if step[0] <= self.as_of]
        if not seen:
            return None
        told: dict[str, Any] = {"state": "open", "stage": "", "entered": {}, "closed": None, "amount": seen[-1][2], "created": seen[0][0]}
        told["ever_won"] = False
        for at, what, _amount in seen:
            if what in STAGES:
                told["entered"].setdefault(what, at)
                told.update(stage=what, state="open", closed=None)
            elif what in ("won", "lost", "cancelled"):
                told.update(state=what, closed=at)
                told["ever_won"] |= what == "won"
            elif what in ("suspended", "resume"):
                told["state"] = "open" if what == "resume" else what
        return told

    def of_deals(self) -> dict[str, Any]:
        deals = [told for history in self.story.deals.values() if (told := self.deal(history))]
        ended = [told for told in deals if self.within(told["closed"])]
        won = [told for told in ended if told["state"] == "won"]
        lost = [told for told in ended if told["state"] == "lost"]
        born = [told for told in deals if self.within(told["created"])]
        reached = {
            key: sum(1 for told in born if told["ever_won"] or any(STAGES.index(each) >= place for each in told["entered"]))
            for place, key in enumerate(KEYS)
        }
        flow = {key: sum(1 for told in deals if self.within(told["entered"].get(stage))) for key, stage in zip(KEYS, STAGES, strict=True)}
        zero = Decimal(0)
        return {
            "opp.win_rate": (len(won), len(won) + len(lost)),
            "opp.close_rate": (len(won), len(ended)),
            "opp.win_rate.amount": (sum((told["amount"] for told in won), zero), sum((told["amount"] for told in won + lost), zero)),
            "fc.closed": (sum((told["amount"] for told in won), zero), None),
            "pipeline.open": (sum((told["amount"] for told in deals if told["state"] == "open"), zero), None),
            "funnel.cohort": {"reached": {**reached, "won": sum(1 for told in born if told["state"] == "won")}},
            "funnel.flow": {**flow, "won": len(won)},
        }

    def of_money(self) -> dict[str, tuple[Decimal, Decimal | None]]:
        zero, end = Decimal(0), min(self.last, self.today)
        owed = {ref: item for ref, item in self.story.items.items() if item["on"] <= self.today}

        def open_on(item: dict[str, Any], day: date) -> Decimal:
            if item["on"] > day:
                return zero
            paid = sum((part for on, part, back in item["moves"] if on <= day and not (back and back <= min(day, self.today))), zero)
            return item["amount"] - paid - sum((part for on, part in item["credited"] if on <= day), zero)

        due = [item for item in owed.values() if self.first <= item["due"] <= end]

        def credited(item: dict[str, Any]) -> Decimal:
            return sum((part for on, part in item["credited"] if on <= self.today), zero)

        def paid_by(item: dict[str, Any], day: date) -> Decimal:
            return sum((part for on, part, back in item["moves"] if on <= day and not (back and back <= self.today)), zero)

        received = [
            each for each in self.story.payments if self.first <= each["on"] <= end and not (each["back"] and each["back"] <= self.today)
        ]
        days = sum((each["amount"] * (each["on"] - self.story.items[each["item"]]["on"]).days for each in received), zero)
        sales = sum((item["amount"] for item in owed.values() if self.first <= item["on"] <= end), zero)
        sales -= sum((part for item in owed.values() for on, part in item["credited"] if self.first <= on <= end), zero)
        return {
            "ar.closing": (sum((open_on(item, end) for item in owed.values()), zero), None),
            "ar.outstanding": (sum((open_on(item, self.today) for item in owed.values()), zero), None),
            "ar.overdue": (sum((open_on(item, self.today) for item in owed.values() if item["due"] < self.today), zero), None),
            "ar.sales": (sales, None),
            "coll.on_time": (
                Decimal(sum(1 for item in due if paid_by(item, item["due"]) >= item["amount"] - credited(item))),
                Decimal(len(due)),
            ),
            "cash.collected": (sum((each["amount"] for each in received), zero), None),
            "ar.days_to_pay": (days, sum((each["amount"] for each in received), zero)),
        }


@pytest.mark.parametrize(
    ("seed", "zone", "currency"),
    [(1, "America/Los_Angeles", "USD"), (2, "Europe/Berlin", "EUR"), (3, "Asia/Shanghai", "CNY")],
)
def test_a_random_history_counts_as_it_was_told(seed: int, zone: str, currency: str) -> None:
    story = Story(ZoneInfo(zone), random.Random(seed)).tell()
    tenant: Tenant = company(story.lines, zone=zone, currency=currency)
    instants = [datetime.combine(date(2026, 4, 30), time(23, 59, 59), story.zone), datetime(2026, 5, 20, 12, tzinfo=UTC),
                datetime.combine(date(2026, 9, 30), time(23, 59, 59), story.zone)]  # fmt: skip
    for first, last in ((date(2026, 3, 1), date(2026, 4, 30)), (date(2026, 5, 1), date(2026, 5, 31))):
        for as_of in instants:
            caller = caller_of(tenant)
            told = Reckoning(story, first, last, as_of.astimezone(UTC))
            query = f"from={first}&to={last}&as_of={as_of.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
            for code, expected in {**told.of_leads(), **told.of_deals(), **told.of_money()}.items():
                answer = answer_of(caller, code, query)
                if isinstance(expected, dict):
                    assert {name: answer["table"][name] for name in expected} == expected, (code, query)
                    continue
                above, below = expected
                assert Decimal(answer["numerator"]) == above, (code, query)
                assert below is None or Decimal(answer["denominator"]) == below, (code, query)
