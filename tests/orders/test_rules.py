from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest

from ltc.calendars.business_days import WorkCalendar
from orders import credit, plan
from orders.credit import Owed, Position
from orders.due_dates import due_date

CHINA = WorkCalendar(
    holidays=frozenset(date(2026, 10, day) for day in range(1, 8)), workdays=frozenset({date(2026, 9, 20), date(2026, 10, 10)})
)


@dataclass
class Term:
    offset_days: int = 0
    day_type: str = "calendar"
    eom: bool = False


@pytest.mark.parametrize(
    ("term", "on", "due"),
    [
        (Term(), date(2026, 6, 10), date(2026, 6, 10)),
        (Term(30), date(2026, 6, 10), date(2026, 7, 10)),
        (Term(60, eom=True), date(2026, 6, 10), date(2026, 8, 29)),
        (Term(5, "business"), date(2026, 9, 28), date(2026, 10, 10)),
        (Term(0, "business"), date(2026, 10, 3), date(2026, 10, 3)),
    ],
)
def test_a_part_is_due_by_its_term(term: Term, on: date, due: date) -> None:
    assert due_date(term, on, CHINA) == due


@pytest.mark.parametrize(
    ("gross", "shares", "parts"),
    [
        ("1130000.00", ("0.3", "0.6", "0.1"), ("339000.00", "678000.00", "113000.00")),
        ("99999.99", ("0.3", "0.3", "0.3", "0.1"), ("30000.00", "29999.99", "30000.00", "10000.00")),
    ],
)
def test_the_parts_of_a_price_sum_to_it(gross: str, shares: tuple[str, ...], parts: tuple[str, ...]) -> None:
    found = plan.amounts(Decimal(gross), [Decimal(share) for share in shares], "CNY")
    assert [str(part) for part in found] == list(parts)
    assert sum(found) == Decimal(gross)


def position(limit: str | None = "800000", unsecured: str = "0", **fields: object) -> Position:
    owed = Owed(receivables=Decimal(500_000), unallocated_advances=Decimal(100_000))
    known = {"on_hold": False, "owed": owed, "not_invoiced": Decimal(420_000), **fields}
    return Position(limit=None if limit is None else Decimal(limit), unsecured=Decimal(unsecured), **known)  # type: ignore[arg-type]


def test_exposure_above_the_limit_fails_the_credit_check() -> None:
    assert position().exposure == 820_000
    assert not position().passes
    assert position("820000").passes
    assert not position("820000", unsecured="0.01").passes
    assert position(None, unsecured="9999999").passes


def test_a_hold_or_an_old_debt_fails_the_credit_check_whatever_the_limit() -> None:
    assert not position(None, on_hold=True).passes
    assert position(None, owed=Owed(oldest_overdue_days=60)).passes
    assert not position(None, owed=Owed(oldest_overdue_days=61)).passes


def test_what_is_owed_comes_from_whoever_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credit, "_sources", [])
    assert credit.owed_by("customer") == Owed()
    credit.register_exposure(lambda customer: Owed(Decimal(5), Decimal(1), 3))
    credit.register_exposure(lambda customer: Owed(Decimal(7), Decimal(0), 9))
    assert credit.owed_by("customer") == Owed(Decimal(12), Decimal(1), 9)
