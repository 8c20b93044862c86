"""Random promises and deliveries through the import, beside a plain reckoning over what was told."""

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.callers import caller_of
from tests.ltc.analytics.test_history_gold import Line, answer_of, company

pytestmark = pytest.mark.django_db
START = date(2026, 3, 1)


@dataclass
class Promise:
    """What was promised of an order, what became of it, day by day."""

    order: str
    quantity: int
    is_milestone: bool
    dates: list[tuple[date, date, str]]  # known from, promised for, asked by
    delivered: list[tuple[date, int, date | None]] = field(default_factory=list)  # on, how much, sent back on
    ended: tuple[date, str] | None = None

    def baseline(self, today: date) -> date:
        return next(to for known, to, who in reversed(self.dates) if known <= today and who != "us")

    def current(self, today: date) -> date:
        return next(to for known, to, _who in reversed(self.dates) if known <= today)

    def standing(self, today: date) -> list[tuple[date, int]]:
        return [(on, part) for on, part, back in self.delivered if on <= today and not (back and back <= today)]

    def done(self, today: date) -> date | None:
        count = 0
        for on, part in self.standing(today):
            count += part
            if count >= self.quantity:
                return on
        if self.ended and self.ended[0] <= today and self.ended[1] == "closed_short" and self.standing(today):
            return self.standing(today)[-1][0]
        return None

    def counts(self, today: date) -> bool:
        return not (self.ended and self.ended[0] <= today and self.ended[1] in ("cancelled", "waived"))


def story(seed: int, zone: ZoneInfo) -> tuple[list[Line], list[Promise]]:
    chance, promises = random.Random(seed), list[Promise]()
    lines: list[Line] = [{"object": "customer", "ref": "C", "name": "C", "at": "2026-01-05T09:00:00Z"}]

    def noon(day: date) -> str:
        return datetime.combine(day, time(12), zone).isoformat()

    for order in range(12):
        lines.append({"object": "order", "ref": f"A{order}", "at": "2026-02-01T09:00:00Z", "customer": "C", "gross": "100.00"})
        for number in range(chance.randint(1, 3)):
            milestone, ref = chance.random() < 0.3, f"D{order}-{number}"
            due = START + timedelta(days=chance.randrange(70))
            promise = Promise(f"A{order}", 1 if milestone else chance.randint(2, 9), milestone, [(date(2026, 2, 1), due, "")])
            promises.append(promise)
            lines.append({"object": "commitment", "ref": ref, "order": promise.order, "kind": "milestone" if milestone else "shipment",
                          "quantity": str(promise.quantity), "promised_on": due.isoformat()})  # fmt: skip
            day, left = due - timedelta(days=chance.randrange(20)), promise.quantity
            for _step in range(chance.randrange(5)):
                day += timedelta(days=chance.randint(1, 9))
                what = chance.choice(["deliver", "deliver", "deliver", "move", "end"])
                if what == "move":
                    to, who = day + timedelta(days=chance.randrange(15)), chance.choice(["us", "customer", "force_majeure"])
                    promise.dates.append((day, to, who))
                    lines.append(
                        {"object": "promise_change", "commitment": ref, "at": noon(day), "to": to.isoformat(), "requested_by": who}
                    )
                elif what == "deliver":
                    part = left if milestone or chance.random() < 0.6 else chance.randint(1, left)
                    back = day + timedelta(days=1) if milestone and chance.random() < 0.4 else None
                    promise.delivered.append((day, part, back))
                    line: Line = {"object": "delivery", "commitment": ref, "on": day.isoformat(), "quantity": str(part)}
                    lines.append({**line, "rejected_on": back.isoformat()} if back else line)
                    left -= 0 if back else part
                    day = back or day
                elif what == "end":
                    how = chance.choice(["cancelled", "waived", "closed_short"])
                    if how == "closed_short" and (milestone or left == promise.quantity):
                        continue
                    promise.ended = day, how
                    lines.append({"object": "commitment_end", "commitment": ref, "on": day.isoformat(), "how": how})
                if not left or promise.ended:
                    break
    return lines, promises


def reckoned(promises: list[Promise], first: date, last: date, today: date) -> dict[str, tuple[int, int]]:
    """Numerator and denominator of each, by hand."""
    live = [promise for promise in promises if promise.counts(today)]

    def due(day: date, promise: Promise) -> bool:
        return first <= day <= last and (day < today or promise.done(today) is not None)

    def on_time(promise: Promise, day: date) -> bool:
        return (done := promise.done(today)) is not None and done <= day

    def full(promise: Promise) -> bool:
        if promise.is_milestone:
            return on_time(promise, promise.baseline(today))
        return sum(part for on, part in promise.standing(today) if on <= promise.baseline(today)) >= promise.quantity

    lines = [promise for promise in live if due(promise.baseline(today), promise)]
    current = [promise for promise in live if due(promise.current(today), promise)]
    late = [promise for promise in lines if promise.done(today) and not on_time(promise, promise.baseline(today))]
    orders: dict[str, list[Promise]] = {}
    for promise in live:
        orders.setdefault(promise.order, []).append(promise)
    whole, delivered, punctual = 0, 0, 0
    for parts in orders.values():
        latest, complete = max(part.baseline(today) for part in parts), all(part.done(today) for part in parts)
        if first <= latest <= last and (latest < today or complete):
            whole += 1
            delivered += complete
            punctual += all(on_time(part, part.baseline(today)) for part in parts)
    return {
        "otd.line": (sum(on_time(promise, promise.baseline(today)) for promise in lines), len(lines)),
        "otd.line.current_promise": (sum(on_time(promise, promise.current(today)) for promise in current), len(current)),
        "otif.line": (sum(full(promise) for promise in lines), len(lines)),
        "delivery.late_days": (sum((done - each.baseline(today)).days for each in late if (done := each.done(today))), len(late)),
        "otd.order": (punctual, whole),
        "otd.order.delivered_basis": (punctual, delivered),
    }


@pytest.mark.parametrize(("seed", "zone"), [(1, "America/Los_Angeles"), (2, "Europe/Berlin"), (3, "Asia/Shanghai")])
def test_random_deliveries_count_as_they_were_told(seed: int, zone: str) -> None:
    where = ZoneInfo(zone)
    lines, promises = story(seed, where)
    tenant: Any = company(lines, zone=zone, currency="EUR")
    for first, last in ((date(2026, 3, 1), date(2026, 3, 31)), (date(2026, 4, 1), date(2026, 5, 15))):
        for today in (date(2026, 3, 20), date(2026, 4, 20), date(2026, 9, 1)):
            caller = caller_of(tenant)
            as_of = datetime.combine(today, time(23, 59, 59), where).astimezone(UTC)
            query = f"from={first}&to={last}&as_of={as_of:%Y-%m-%dT%H:%M:%SZ}"
            for code, (above, below) in reckoned(promises, first, last, today).items():
                answer = answer_of(caller, code, query)
                assert (Decimal(answer["numerator"]), Decimal(answer["denominator"])) == (above, below), (code, query)
