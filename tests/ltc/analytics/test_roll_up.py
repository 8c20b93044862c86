"""The nightly roll-up follows what has changed, and agrees with a full count whatever happened."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leads.models import Lead
from ltc.analytics.models import FunnelDay, RollUp
from ltc.analytics.periods import Days, Period
from ltc.analytics.services import roll_up, roll_up_funnel, touched_days
from ltc.tenancy.models import Tenant
from ltc.users.actors import SYSTEM
from ltc.workflow.engine import perform
from opportunities.models import Opportunity
from opportunities.services import update_opportunity
from tests import make
from tests.leads import make as leads
from tests.opportunities import make as deals

ZONE = ZoneInfo("Asia/Shanghai")
FIRST = datetime(2026, 9, 1, 1, tzinfo=UTC)


def rows() -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """What the roll-up says, without the empty rows."""
    found = FunnelDay.objects.filter(count__gt=0).values_list("day", "channel", "step", "count", "amount", "days")
    return {row[:3]: row[3:] for row in found}


def counted_anew(now: datetime) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    FunnelDay.objects.all().delete()
    roll_up_funnel(Period((FIRST - timedelta(days=60)).date(), datetime(2026, 12, 31).date(), ZONE), now=now)
    return rows()


class Life:
    """A company in which things happen at random."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.owner = make.member("rep")
        self.at = FIRST

    def step(self) -> None:
        self.at += timedelta(hours=self.chance.randint(1, 40))
        happening = self.chance.choice(
            [self.capture, self.capture, self.work, self.convert, self.merge, self.correct, self.sell, self.sell]
        )
        happening()

    def capture(self) -> None:
        channel = leads.channel(self.chance.choice(["web", "fair", "partner"]))
        leads.lead(at=self.at - timedelta(days=self.chance.randint(0, 20)), channel=channel, owner=self.owner, **leads.UNDERSTOOD)

    def _any(self, model: Any, **narrowed: Any) -> Any:
        found = list(model.objects.filter(**narrowed).order_by("pk"))
        return self.chance.choice(found) if found else None

    def work(self) -> None:
        if lead := self._any(Lead, state="assigned"):
            perform(lead, "log_first_contact", actor=SYSTEM, at=self.at)
            perform(lead, "qualify", actor=SYSTEM, at=self.at)

    def convert(self) -> None:
        if lead := self._any(Lead, state="qualified"):
            perform(lead, "convert", actor=SYSTEM, at=self.at, amount=self.chance.randint(1, 9) * 1000, create_customer=True)

    def merge(self) -> None:
        lead, survivor = self._any(Lead, state="assigned"), self._any(Lead, state="assigned")
        if lead and survivor and lead != survivor:
            perform(lead, "merge", actor=SYSTEM, at=self.at, survivor=survivor)

    def correct(self) -> None:
        if lead := self._any(Lead):
            Lead.objects.filter(pk=lead.pk).update(channel=leads.channel("corrected"))
        if deal := self._any(Opportunity, state="open"):
            update_opportunity(deal, actor=SYSTEM, amount=self.chance.randint(1, 9) * 500)

    def sell(self) -> None:
        if deal := self._any(Opportunity, state="open"):
            if deal.stage in ("negotiation", "signing"):
                name, inputs = self.chance.choice([("win", {}), ("lose", {"lost_reason": deals.reason()})])
                perform(deal, name, actor=SYSTEM, at=self.at, **inputs)
            else:
                perform(deal, "advance", actor=SYSTEM, at=self.at)


@pytest.mark.parametrize("seed", range(4))
def test_the_roll_up_of_a_random_history_is_the_full_count(inside: Tenant, seed: int) -> None:
    life = Life(seed)
    for _round in range(6):
        for _step in range(life.chance.randint(1, 12)):
            life.step()
        roll_up(now=datetime.now(UTC), zone=ZONE)
        RollUp.objects.update(seen_until=datetime.now(UTC))  # as it would be if each round were a transaction of its own
        followed = rows()
        assert followed == counted_anew(datetime.now(UTC))


def test_a_night_without_changes_counts_nothing_and_one_change_counts_its_day(inside: Tenant) -> None:
    first = leads.lead(at=FIRST)
    leads.lead(at=FIRST + timedelta(days=3))
    assert roll_up(now=datetime.now(UTC), zone=ZONE) == 2
    RollUp.objects.update(seen_until=datetime.now(UTC))
    assert roll_up(now=datetime.now(UTC), zone=ZONE) == 0
    since = datetime.now(UTC)
    RollUp.objects.update(seen_until=since)
    Lead.objects.filter(pk=first.pk).update(channel=leads.channel("other"))
    assert touched_days(since, ZONE) == {FIRST.date()}
    assert roll_up(now=datetime.now(UTC), zone=ZONE) == 1
    assert {channel for _day, channel, step in rows() if step == "leads"} == {"website", "other"}


def test_a_capture_that_is_corrected_counts_the_old_day_and_the_new_one(inside: Tenant) -> None:
    lead = leads.lead(at=FIRST)
    roll_up(now=datetime.now(UTC), zone=ZONE)
    Lead.objects.filter(pk=lead.pk).update(captured_at=FIRST - timedelta(days=2))
    roll_up(now=datetime.now(UTC), zone=ZONE)
    assert {day for day, _channel, _step in rows()} == {(FIRST - timedelta(days=2)).date()}


def test_a_night_asks_as_many_queries_for_many_changes_as_for_one(inside: Tenant) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            roll_up(now=datetime.now(UTC), zone=ZONE)
        return len(captured)

    leads.lead(at=FIRST)
    queries()
    one = queries()
    for number in range(20):
        leads.lead(at=FIRST + timedelta(days=number))
    assert queries() == one


def test_days_that_follow_one_another_are_one_span() -> None:
    days = [datetime(2026, 9, day).date() for day in (3, 1, 2, 7)]
    assert [(period.first.day, period.last.day) for period in Days.of(days, ZONE).periods] == [(1, 3), (7, 7)]
    assert [day.day for day in Days.of(days, ZONE)] == [1, 2, 3, 7]
