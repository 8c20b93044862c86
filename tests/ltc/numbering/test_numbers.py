"""Numbers of documents under load: without gaps where that is promised, without waiting where it is not."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection

from ltc.numbering.models import NumberBlock, NumberSequence
from ltc.numbering.patterns import BadPattern
from ltc.numbering.services import BLOCK, NumberingMixed, next_number, shape_numbers
from ltc.refusals import Forbidden
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.users.actors import SYSTEM
from ltc.users.models import Membership
from tests import make

DAY = date(2026, 6, 5)


class RolledBack(Exception):
    """The posting failed after its number was given."""


def post(tenant: Tenant, *, gap_free: bool, fails: bool = False) -> str | None:
    """Post one document; its number, or None if the transaction was rolled back."""
    try:
        with acting_for(tenant):
            number = next_number("invoice" if gap_free else "quote", on=DAY, gap_free=gap_free)
            if fails:
                raise RolledBack
            return number
    except RolledBack:
        return None


def in_threads(threads: int, job: Callable[[int], Any]) -> list[Any]:
    def run(worker: int) -> Any:
        try:
            return job(worker)
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(run, range(threads)))


@pytest.fixture
def committed(transactional_db: None) -> Tenant:
    return make.tenant("numbers")


def test_an_invoice_and_its_successor_are_numbered_in_order(inside: Tenant) -> None:
    assert [next_number("invoice", on=DAY, gap_free=True) for _ in range(3)] == ["INV-2026-000001", "INV-2026-000002", "INV-2026-000003"]


def test_one_user_gets_consecutive_numbers_also_where_gaps_are_allowed(inside: Tenant) -> None:
    numbers = [next_number("quote", on=DAY, gap_free=False) for _ in range(2 * BLOCK + 1)]
    assert numbers == [f"QT-2026-{n:06d}" for n in range(1, 2 * BLOCK + 2)]


def test_each_year_and_each_series_starts_at_one_and_looks_as_before(inside: Tenant) -> None:
    next_number("contract", on=DAY, gap_free=False)
    shape_numbers("contract", actor=SYSTEM, on=DAY, gap_free=False, prefix="C", pattern="{prefix}{yy}-{seq:04d}")
    assert next_number("contract", on=DAY, gap_free=False) == "C26-0002"
    assert next_number("contract", on=date(2027, 1, 1), gap_free=False) == "C27-0001"
    assert next_number("contract", on=DAY, gap_free=False, series="HK") == "HT-2026-000001"


def test_a_series_without_gaps_never_gives_numbers_with_gaps(inside: Tenant) -> None:
    next_number("invoice", on=DAY, gap_free=True)
    with pytest.raises(NumberingMixed):
        next_number("invoice", on=DAY, gap_free=False)
    next_number("quote", on=DAY, gap_free=False)
    with pytest.raises(NumberingMixed):
        next_number("quote", on=DAY, gap_free=True)
    assert next_number("invoice", on=DAY, gap_free=True) == "INV-2026-000002"


def test_only_an_administrator_chooses_how_numbers_look(rep: Membership) -> None:
    look: dict[str, Any] = {"on": DAY, "gap_free": True, "prefix": "FP"}
    with pytest.raises(Forbidden):
        shape_numbers("invoice", actor=rep, pattern="{prefix}{yyyy}{seq}", **look)
    with pytest.raises(BadPattern):
        shape_numbers("invoice", actor=SYSTEM, pattern="{prefix}-{seq}", **look)
    assert next_number("invoice", on=DAY, gap_free=True) == "INV-2026-000001"
    shape_numbers("invoice", actor=make.member("adm"), pattern="{prefix}{yyyy}{seq}", **look)
    assert next_number("invoice", on=DAY, gap_free=True) == "FP20262"


def test_tenants_are_numbered_apart(tenant: Tenant, other_tenant: Tenant) -> None:
    for each in (tenant, other_tenant):
        assert post(each, gap_free=True) == "INV-2026-000001"
        assert post(each, gap_free=False) == "QT-2026-000001"


def test_eight_threads_with_rollbacks_post_invoices_one_to_n(committed: Tenant) -> None:
    def fifty(worker: int) -> list[str | None]:
        dice = random.Random(worker)
        return [post(committed, gap_free=True, fails=dice.random() < 0.2) for _ in range(50)]

    numbers = [number for results in in_threads(8, fifty) for number in results if number]
    assert 250 < len(numbers) < 400
    assert sorted(numbers) == [f"INV-2026-{n:06d}" for n in range(1, len(numbers) + 1)]


def test_eight_threads_with_rollbacks_never_number_two_quotes_alike(committed: Tenant) -> None:
    def fifty(worker: int) -> list[str | None]:
        dice = random.Random(worker)
        return [post(committed, gap_free=False, fails=dice.random() < 0.2) for _ in range(50)]

    numbers = [number for results in in_threads(8, fifty) for number in results if number]
    assert len(set(numbers)) == len(numbers) > 250
    with acting_for(committed):
        given = int(max(numbers)[-6:])
        unused = sum(block.last_value - block.next_value + 1 for block in NumberBlock.objects.all())
        assert NumberSequence.objects.get().next_value - 1 == len(numbers) + unused
        assert given <= len(numbers) + 8 * BLOCK


def test_a_long_import_does_not_hold_up_a_quote(committed: Tenant) -> None:
    post(committed, gap_free=False)
    drawn, done = Event(), Event()
    waited: list[Any] = []

    def long_import() -> None:
        with acting_for(committed):
            next_number("quote", on=DAY, gap_free=False)
            drawn.set()
            waited.append(done.wait(20))
        connection.close()

    def twenty_more() -> None:
        waited.extend(post(committed, gap_free=False) for _ in range(3))
        done.set()
        connection.close()

    importing, entering = Thread(target=long_import), Thread(target=twenty_more)
    importing.start()
    assert drawn.wait(10)
    entering.start()
    entering.join(10)
    importing.join(25)
    assert waited == ["QT-2026-000021", "QT-2026-000022", "QT-2026-000023", True]
