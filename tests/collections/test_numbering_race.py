"""Fifty clerks issue an invoice at once, and a third of the issues is rolled back: the numbers are 1 to n without gap or double."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.users.actors import SYSTEM
from ltc.workflow.engine import perform
from receivables.integrity import assert_ledger_holds
from receivables.models import Invoice, JournalEntry
from tests import make
from tests.collections import make as cash
from tests.collections.make import NOON

ISSUES, THREADS = 50, 8


class GivenUp(Exception):
    """A posting that fails after it has taken its number."""


@pytest.fixture
def approved(transactional_db: None) -> Iterator[tuple[Tenant, list[Invoice]]]:
    tenant = make.tenant("race")
    with acting_for(tenant):
        rep = make.member("rep")
        for _number in range(ISSUES):
            cash.order(rep)
        invoices = [perform(invoice, "submit", actor=SYSTEM, at=NOON) for invoice in Invoice.objects.all()]
    yield tenant, invoices


def test_fifty_issues_at_once_leave_no_gap(approved: tuple[Tenant, list[Invoice]]) -> None:
    tenant, invoices = approved

    def issue(number: int) -> bool:
        try:
            with acting_for(tenant):
                issued = perform(invoices[number], "issue", actor=SYSTEM, at=NOON)
                assert issued.number
                if number % 3 == 0:
                    raise GivenUp
            return True
        except GivenUp:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        kept = list(pool.map(issue, range(ISSUES))).count(True)
    with acting_for(tenant):
        numbers = sorted(Invoice.objects.exclude(number=None).values_list("number", flat=True))
        assert numbers == [f"INV-2026-{number:06d}" for number in range(1, kept + 1)]
        assert sorted(JournalEntry.objects.values_list("number", flat=True)) == [f"JE-2026-{n:06d}" for n in range(1, kept + 1)]
        assert_ledger_holds()
        assert kept == ISSUES - len(range(0, ISSUES, 3))
