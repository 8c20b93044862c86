"""What people did about records, and what they have still to do."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from ltc.activities.events import ActivityLogged
from ltc.activities.models import Activity
from ltc.activities.selectors import activities_about, open_tasks
from ltc.activities.services import complete_task, log_activity, reopen_task
from ltc.customers.models import Customer
from ltc.customers.services import create_customer
from ltc.events import bus
from ltc.refusals import Forbidden, Refusal
from ltc.timeline.services import history
from ltc.users.actors import SYSTEM
from ltc.users.models import Membership
from tests import make

Kind = Activity.Kind


@pytest.fixture
def pumps(rep: Membership) -> Customer:
    return create_customer(actor=SYSTEM, name="Alder Pumps", owner=rep)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[ActivityLogged]:
    news: list[ActivityLogged] = []
    monkeypatch.setitem(bus._subscribers, ActivityLogged, [news.append])
    return news


def test_a_call_stands_in_the_history_and_is_told(pumps: Customer, rep: Membership, told: list[ActivityLogged]) -> None:
    at = timezone.now() - timedelta(hours=2)
    call = log_activity(pumps, kind=Kind.CALL, actor=rep, at=at, result="They want 40 pumps.", direction="out")
    entry = history(pumps).get(name="call")
    assert (entry.body, entry.at, entry.actor_name) == ("They want 40 pumps.", at, rep.name)
    assert [(news.record, news.subject, news.kind, news.direction) for news in told] == [(call.pk, pumps.pk, "call", "out")]
    assert list(activities_about(pumps)) == [call]


def test_a_moment_in_the_future_is_refused(pumps: Customer, rep: Membership, told: list[ActivityLogged]) -> None:
    log_activity(pumps, kind=Kind.CALL, actor=rep, at=timezone.now() + timedelta(minutes=4))
    with pytest.raises(Refusal) as refused:
        log_activity(pumps, kind=Kind.CALL, actor=rep, at=timezone.now() + timedelta(minutes=6))
    assert refused.value.code == "in_the_future"
    assert Activity.objects.count() == len(told) == 1


def test_a_next_action_with_a_date_becomes_a_task(pumps: Customer, rep: Membership) -> None:
    on = timezone.now() + timedelta(days=3)
    log_activity(pumps, kind=Kind.CALL, actor=rep, result="Asked for a quote.", next_action="Send the quote", next_at=on)
    task = open_tasks(rep).get()
    assert (task.result, task.due_at, task.subject_name) == ("Send the quote", on, "Alder Pumps")


def test_a_task_is_open_until_it_is_ticked_and_told_then(pumps: Customer, rep: Membership, told: list[ActivityLogged]) -> None:
    task = log_activity(pumps, kind=Kind.TASK, actor=rep, result="Send the quote")
    assert told == []
    complete_task(task, actor=rep)
    complete_task(task, actor=rep)
    assert not open_tasks(rep).exists()
    assert [news.kind for news in told] == ["task"]
    reopen_task(task, actor=rep)
    assert open_tasks(rep).get() == task


def test_nobody_ticks_off_the_task_of_someone_else(pumps: Customer, rep: Membership) -> None:
    task = log_activity(pumps, kind=Kind.TASK, actor=rep, result="Send the quote")
    with pytest.raises(Forbidden):
        complete_task(task, actor=make.member("rep"))
    assert open_tasks(rep).get() == task


def test_who_only_reads_logs_nothing(pumps: Customer) -> None:
    with pytest.raises(Forbidden):
        log_activity(pumps, kind=Kind.NOTE, actor=make.member("exec"), result="Hello")
    assert not Activity.objects.exists()


@pytest.mark.parametrize("kind", [Kind.NOTE, Kind.TASK])
def test_a_note_or_a_task_needs_words(pumps: Customer, rep: Membership, kind: Any) -> None:
    with pytest.raises(Refusal):
        log_activity(pumps, kind=kind, actor=rep, result=" ")
    assert not Activity.objects.exists()


def test_a_customer_knows_when_someone_last_dealt_with_it(pumps: Customer, rep: Membership) -> None:
    at = timezone.now() - timedelta(hours=2)
    log_activity(pumps, kind=Kind.CALL, actor=rep, at=at, result="They want 40 pumps.")
    pumps.refresh_from_db()
    assert (pumps.last_activity_at, pumps.version) == (at, 1)
