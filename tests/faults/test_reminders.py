"""Reminders under `kill -9` of the senders, with a mail server that refuses and falls silent: none is lost silently, none is sent twice."""

import json
import random
import time
from collections.abc import Iterator

import pytest

from tests.faults.mail_sink import MailSink
from tests.faults.outcome import Outcome
from tests.faults.site import Site, run

POST = """
INSERT INTO events_work (tenant_id, kind, key, payload, state, attempts, available_at, nudges, last_error, created_at)
VALUES (%s, %s, %s, %s, 'pending', 0, now(), 0, '', now())
"""
MESSAGES = "SELECT id::text, status, attempts FROM collections_dunningmessage WHERE tenant_id = %s"
UNSETTLED = "SELECT count(*) FROM collections_dunningmessage WHERE tenant_id = %s AND status IN ('queued', 'sending')"
PLANNED = "SELECT count(*) FROM collections_dunningmessage WHERE tenant_id = %s"
TWICE = """
SELECT count(*) FROM (SELECT 1 FROM collections_dunningnoticeitem WHERE tenant_id = %s AND state <> 'released'
                      GROUP BY item_id, epoch, level HAVING count(*) > 1) doubled
"""
# What waits for its next attempt waits no longer, and a claim whose worker is dead has outlived its lease: time goes faster here.
HURRY = "UPDATE collections_dunningmessage SET not_before = now() WHERE tenant_id = %s AND status = 'queued' AND not_before > now()"
EXPIRE = "UPDATE collections_dunningmessage SET lease_until = now() - interval '1 second' WHERE tenant_id = %s AND status = 'sending'"


@pytest.fixture
def sink() -> Iterator[MailSink]:
    server = MailSink(seed=7)
    yield server
    server.shutdown()
    server.server_close()


def ask(site: Site, tenant: int, kind: str, number: int) -> None:
    site.rows(POST, (tenant, f"collections.{kind}", f"{kind}-{number}-{time.monotonic_ns()}", json.dumps({"alone": True})))


def chase(site: Site, sink: MailSink, *, debtors: int, workers: int, kills: int, within: float, title: str) -> None:
    """Plan and send as many reminders as there are debtors while workers are killed; then judge what the mail server counted."""
    chance = random.Random(4)
    tenant = int(run(["-m", "tests.faults.debtors", str(debtors)], site.env).split()[-1])
    mail = {"EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend", "EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(sink.port)}
    site.env |= mail
    site.keep_running("worker", workers)
    site.keep_running("brisk relay", 1)
    ask(site, tenant, "plan_reminders", 0)
    assert site.wait_for(lambda: site.number(PLANNED, (tenant,)) == debtors, 300) is not None, site.logs()
    done = 0
    for number in range(kills):
        for sender in range(workers * 2):
            ask(site, tenant, "send_reminders", sender)
        goal = debtors * (number + 1) // (kills + 2)
        site.wait_for(lambda goal=goal: sum(sink.taken.values()) >= goal, 60, each=0.02)
        time.sleep(chance.uniform(0, 0.2))
        site.kill_and_restart("worker")
        done += 1
    began = time.monotonic()

    def settled() -> bool:
        site.rows(HURRY, (tenant,))
        if time.monotonic() - began > 5:
            site.rows(EXPIRE, (tenant,))
        for sender in range(workers * 2):
            ask(site, tenant, "send_reminders", sender)
        return site.number(UNSETTLED, (tenant,)) == 0

    recovered = site.wait_for(settled, within, each=2.0)
    judge(site, sink, tenant, debtors, recovered, within, f"{title}: {done} workers killed")


def judge(site: Site, sink: MailSink, tenant: int, debtors: int, recovered: float | None, within: float, title: str) -> None:
    messages = {key: status for key, status, _attempts in site.rows(MESSAGES, (tenant,))}
    statuses = {status: list(messages.values()).count(status) for status in sorted(set(messages.values()))}
    twice = sum(count - 1 for count in sink.taken.values())
    sent_without = [key for key, status in messages.items() if status == "sent" and not sink.taken[key]]
    taken_unknown = [key for key in sink.taken if messages.get(key) not in ("sent", "uncertain")]
    lost = debtors - len(messages) + len(sent_without)
    odd = len(taken_unknown) + site.number(TWICE, (tenant,)) + statuses.get("failed", 0)
    note = f"{debtors} reminders, {statuses}, {sink.refused} refusals, {sink.silent} silences"
    Outcome(lost, twice, odd, recovered, note).judge(title, within)
    assert statuses.get("uncertain", 0) <= sink.silent + 8 * 20


@pytest.mark.timeout(900)
def test_no_reminder_is_lost_silently_and_none_is_sent_twice(site: Site, sink: MailSink) -> None:
    chase(site, sink, debtors=150, workers=2, kills=3, within=120, title="reminders small")


@pytest.mark.faults_full
@pytest.mark.timeout(2400)
def test_ten_thousand_reminders_survive_twenty_kills_of_eight_senders(site: Site, sink: MailSink) -> None:
    chase(site, sink, debtors=10_000, workers=4, kills=20, within=900, title="reminders")
