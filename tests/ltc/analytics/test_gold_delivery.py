"""GD-4 of the domain rules, through REST: punctuality of June 2026."""

from decimal import Decimal
from typing import Any

import pytest

from delivery.models import CommitmentChange, DeliveryCommitment, Shipment, ShipmentLine
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.timeline.models import Entry
from ltc.timeline.services import record
from ltc.users.actors import SYSTEM
from orders.models import Order, OrderLine
from tests import make
from tests.callers import Caller, caller_of
from tests.collections.history import make as history
from tests.collections.history.gold import deliveries, service
from tests.contracts.rows import make_row
from tests.ltc.analytics.told import moment

JUNE = "from=2026-06-01&to=2026-06-30"


class Deliveries:
    """Tells what was promised and delivered."""

    def __init__(self) -> None:
        self.owner = make.member("dm")
        self.orders: dict[str, Order] = {}

    def promise(
        self, order: str, qty: str, baseline: str, *delivered: tuple[str, str], state: str = "", ended: str = "", kind: str = "shipment"
    ) -> DeliveryCommitment:
        if order not in self.orders:
            base = {"fx_rate": 1, "gross_base": 0, "confirmed_at": moment("05-01"), "state": "confirmed", "owner": self.owner}
            self.orders[order] = make_row(Order, number=order, **base)
        of = self.orders[order]
        line = make_row(OrderLine, order=of, line_no=OrderLine.objects.filter(order=of).count() + 1, qty=Decimal(qty))
        days = {"promised_baseline": moment(baseline).date(), "promised_current": moment(baseline).date()}
        done = Decimal(sum(int(each) for _day, each in delivered))
        state = state or ("delivered" if done and done == Decimal(qty) else "partially_delivered" if done else "open")
        completed = moment(delivered[-1][0]).date() if state == "delivered" else None
        row: DeliveryCommitment = make_row(
            DeliveryCommitment, order_line=line, qty=Decimal(qty), state=state, kind=kind, completed_on=completed, **days
        )
        for day, part in delivered if kind == "shipment" else ():
            shipment = make_row(
                Shipment, order=of, state="delivered", shipped_at=moment("05-02"), pod_at=moment(day), pod_signed_by="Ms Chen"
            )
            make_row(ShipmentLine, shipment=shipment, commitment=row, qty=Decimal(part))
        if ended:
            record(
                row, kind=Entry.Kind.TRANSITION, name="end", from_state="open", to_state=state, actor=SYSTEM, at=moment(ended)
            )  # fmt: skip
        return row

    def move(self, promise: DeliveryCommitment, to: str, who: str, at: str) -> None:
        CommitmentChange.objects.create(
            commitment=promise, old_date=promise.promised_current, new_date=moment(to).date(), requested_by=who, at=moment(at), reason="-"
        )
        promise.promised_current = moment(to).date()
        if who != "us":
            promise.promised_baseline = promise.promised_current
        promise.save()


def gold_deliveries() -> Deliveries:
    told = Deliveries()
    told.promise("A", "10", "06-05", ("06-04", "10"))
    told.promise("A", "20", "06-10", ("06-09", "12"), ("06-12", "8"))
    told.promise("B", "5", "06-15", ("06-15", "5"))
    told.promise("C", "8", "06-20")
    told.promise("D", "1", "06-25", ("06-24", "1"), kind="milestone")
    told.move(told.promise("E", "4", "06-28", ("07-08", "4")), "07-10", "customer", "06-20")
    told.move(told.promise("F", "6", "06-30", ("07-02", "6")), "07-03", "us", "06-25")
    told.promise("G", "3", "06-12", state="cancelled", ended="06-01")
    told.promise("H", "100", "06-18", ("06-17", "97"), state="closed_short", ended="06-18")
    return told


@pytest.fixture(params=["rows", "import"])
def company(request: pytest.FixtureRequest, db: None) -> Tenant:
    """The company of the golden set: once as rows, once through the history import."""
    if request.param == "import":
        found = history.tenant()
        assert not list(history.bring(found, [*deliveries(), *service()]).faults)
        return found
    found = make.tenant("gold")
    with acting_for(found):
        gold_deliveries()
    return found


@pytest.fixture
def gold(company: Tenant) -> Caller:
    return caller_of(company)


def ask(caller: Caller, code: str, as_of: str = "2026-07-05", period: str = JUNE) -> tuple[Any, Any, Any]:
    answer = caller.get(f"metrics/{code}/?{period}&as_of={as_of}").json()
    return answer["value"], answer["numerator"], answer["denominator"]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("otd.order", ("0.5000", "3", "6")),
        ("otd.order.delivered_basis", ("0.6000", "3", "5")),
        ("otd.line", ("0.5714", "4", "7")),
        ("otd.line.current_promise", ("0.6667", "4", "6")),
        ("otif.line", ("0.4286", "3", "7")),
        ("delivery.late_days", ("2.0000", "4", "2")),
    ],
)
def test_punctuality_in_june(gold: Caller, code: str, expected: tuple[str, str, str]) -> None:
    assert ask(gold, code) == expected


def test_a_tolerance_lets_a_line_that_is_nearly_full_count(gold: Caller, company: Tenant) -> None:
    company.settings = {"metrics": {"otif_tolerance": "0.05"}}
    company.save()
    assert ask(gold, "otif.line") == ("0.5714", "4", "7")


def test_a_line_promised_today_is_not_yet_due_and_tomorrow_it_is_late(gold: Caller) -> None:
    assert ask(gold, "otd.line", "2026-06-20")[2] == "4"
    assert ask(gold, "otd.line", "2026-06-21")[2] == "5"


def test_before_the_customer_asked_for_another_day_the_first_promise_stood(gold: Caller) -> None:
    last_week = "from=2026-06-28&to=2026-06-28"
    assert ask(gold, "otd.line", "2026-06-19", last_week) == (None, "0", "0")
    assert ask(gold, "otd.line", "2026-07-31", last_week) == (None, "0", "0")
    assert ask(gold, "otd.line", "2026-07-31", "from=2026-07-10&to=2026-07-10") == ("1.0000", "1", "1")
