"""F1 to F3: jobs under `kill -9` of workers, relay, broker and database. None is lost and none is done twice."""

import random
import time

import pytest

from tests.faults.outcome import Outcome
from tests.faults.site import Site, a_tenant

POST = """
INSERT INTO events_work (tenant_id, kind, key, payload, state, attempts, available_at, nudges, last_error, created_at)
SELECT %s, 'faults.errand', n::text, jsonb_build_object('number', n), 'pending', 0, now(), 0, '', now() FROM generate_series(1, %s) n
"""
DONE = "SELECT count(*) FROM events_work WHERE kind = 'faults.errand' AND state = 'done'"
EFFECTS = "SELECT subject, count(*) FROM timeline_entry WHERE subject_type = 'faults.errand' GROUP BY subject"


def open_for_business(site: Site, relay: str, jobs: int) -> None:
    """Empty ledgers, two workers, a relay, and the jobs of a tenant."""
    site.rows("TRUNCATE events_work, timeline_entry")
    site.rows(POST, (a_tenant(site), jobs))
    site.keep_running("worker", 2)
    site.keep_running(relay, 1)


def wait_until_done(site: Site, share: int) -> None:
    assert site.wait_for(lambda: site.number(DONE) >= share, 60) is not None, site.logs()


def judge(site: Site, title: str, jobs: int, within: float, note: str) -> None:
    recovered = site.wait_for(lambda: site.number(DONE) == jobs, within)
    effects = dict(site.rows(EFFECTS))
    wrong = site.number("SELECT count(*) FROM events_work WHERE kind = 'faults.errand' AND state NOT IN ('done', 'pending')")
    waiting = site.number("SELECT count(*) FROM events_work WHERE kind = 'faults.errand' AND state = 'pending'")
    nudges = site.number("SELECT sum(nudges) FROM events_work WHERE kind = 'faults.errand'")
    doubled = sum(count - 1 for count in effects.values())
    told = f"{jobs} jobs, {waiting} still waiting, {note}, {nudges} rings"
    outcome = Outcome(jobs - waiting - len(effects), doubled, wrong, recovered, told)
    outcome.judge(title, within)


def test_jobs_survive_workers_and_a_relay_that_are_killed(site: Site) -> None:
    open_for_business(site, "brisk relay", 300)
    for share in (30, 90):
        wait_until_done(site, share)
        site.kill_and_restart("worker")
    site.kill_and_restart("brisk relay")
    judge(site, "F1 small", 300, 60, "2 workers and 1 relay killed")


def test_jobs_survive_a_broker_that_forgets_everything(site: Site) -> None:
    open_for_business(site, "brisk relay", 300)
    wait_until_done(site, 30)
    site.wipe_broker()
    site.kill_and_restart("worker")
    judge(site, "F2 small", 300, 60, "1 worker killed, broker killed and wiped")


def test_jobs_survive_a_database_that_is_killed(site: Site) -> None:
    open_for_business(site, "brisk relay", 300)
    wait_until_done(site, 30)
    site.kill_database()
    judge(site, "F3 small", 300, 60, "database killed")


@pytest.mark.faults_full
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("title", "broker_wipes", "database_kills", "within"), [("F1", 0, 0, 60), ("F2", 1, 0, 120), ("F3", 0, 2, 120)], ids=["F1", "F2", "F3"]
)
def test_ten_thousand_jobs_survive(site: Site, title: str, broker_wipes: int, database_kills: int, within: float) -> None:
    jobs, kills, chance = 10_000, 20, random.Random(4)
    open_for_business(site, "relay", jobs)
    wait_until_done(site, 200)
    began = time.monotonic()
    wait_until_done(site, 700)
    pace = 500 / (time.monotonic() - began)  # jobs a second while nobody is killed: a slower machine may take as much longer
    for step in range(kills):
        time.sleep(chance.uniform(1.0, 2.0))
        site.revive()
        site.kill_and_restart("worker")
        if step in (5, 10, 15):
            site.kill_and_restart("relay")
        if step == 8 and broker_wipes:
            site.wipe_broker()
        if step in (6, 13) and database_kills:
            site.kill_database()
    note = f"{kills} workers, 3 relays killed, broker wiped {broker_wipes}x, database killed {database_kills}x"
    left = jobs - site.number(DONE)
    judge(site, title, jobs, max(within, 30 + 1.5 * left / pace), f"{note}, {pace:.0f} a second in peace, {left} left after the last kill")
