"""Clerks allocate at once while the database is killed: every payment is allocated once, the books agree, the numbers have no gap."""

import json
import subprocess
import sys
import time

import pytest

from ltc.embedded.ground import PROJECT
from tests.faults.outcome import Outcome
from tests.faults.site import Site, run

MODULE = ["-m", "tests.faults.clerks"]
WAITING = "SELECT count(*) FROM collections_payment WHERE tenant_id = %s AND unallocated > 0"
DONE = "SELECT count(DISTINCT payment_id) FROM collections_allocation WHERE tenant_id = %s AND state = 'active'"
# More is allocated of a payment than came in, or an item is paid more than it is worth.
TOO_MUCH = """
WITH active AS (SELECT * FROM collections_allocation WHERE tenant_id = %s AND state = 'active')
SELECT (SELECT count(*) FROM (SELECT 1 FROM active a JOIN collections_payment p USING (tenant_id)
                               WHERE p.id = a.payment_id GROUP BY p.id, p.amount HAVING sum(a.amount) > p.amount) paid)
     + (SELECT count(*) FROM (SELECT 1 FROM active a JOIN collections_receivableitem i USING (tenant_id)
                               WHERE i.id = a.item_id GROUP BY i.id, i.amount HAVING sum(a.amount) > i.amount) owed)
"""
# Of every gap-free series: how many numbers there are must be the last of them.
GAPS = """
SELECT coalesce(sum(abs(last - held)), 0) FROM (
    SELECT max(right(number, 6)::int) AS last, count(*) AS held FROM collections_journalentry WHERE tenant_id = %s
     GROUP BY left(number, -6)) series
"""
UNBALANCED = """
SELECT count(*) FROM (SELECT 1 FROM collections_journalline WHERE tenant_id = %s GROUP BY entry_id
                      HAVING sum(amount_base) <> 0 OR sum(amount_doc) FILTER (WHERE account <> 'FX') <> 0) entries
"""


def allocate_under_fire(site: Site, *, payments: int, clerks: int, kills: int, within: float, title: str) -> None:
    tenant = int(run([*MODULE, "books", str(payments)], site.env).split()[-1])
    began = time.monotonic()
    working = subprocess.Popen(
        [sys.executable, *MODULE, "work", str(tenant), str(clerks)], cwd=PROJECT, env=site.env, stdout=subprocess.PIPE, text=True
    )
    killed = 0
    for number in range(kills):
        goal = payments * (number + 1) // (kills + 1)
        site.wait_for(lambda goal=goal: site.number(DONE, (tenant,)) >= goal or working.poll() is not None, 120, each=0.05)
        if working.poll() is None:
            site.kill_database()
            killed += 1
    last = time.monotonic()
    said, _error = working.communicate(timeout=within + 240)
    recovered = time.monotonic() - last
    came_out = json.loads(said.splitlines()[-1])
    findings = run([*MODULE, "check", str(tenant)], site.env).splitlines()
    odd = sum(number for what, number in came_out.items() if what.startswith("unexpected"))
    odd += len(findings) + site.number(GAPS, (tenant,)) + site.number(UNBALANCED, (tenant,)) + (killed == 0)
    took = f"{last - began + recovered:.0f} s, database killed {killed} times"
    note = f"{payments} payments on two desks each, {clerks} clerks, {took}, {came_out} {findings[:3]}"
    Outcome(site.number(WAITING, (tenant,)), site.number(TOO_MUCH, (tenant,)), odd, recovered, note).judge(title, within)


@pytest.mark.timeout(600)
def test_every_payment_is_allocated_once_though_the_database_dies(site: Site) -> None:
    allocate_under_fire(site, payments=60, clerks=6, kills=2, within=120, title="allocations small")


@pytest.mark.faults_full
@pytest.mark.timeout(2400)
def test_a_thousand_allocations_at_once_survive_a_database_that_dies_five_times(site: Site) -> None:
    allocate_under_fire(site, payments=1000, clerks=16, kills=5, within=600, title="allocations")
