from datetime import time, timedelta
from typing import Any

from django.utils import timezone

from ltc.events.outbox import work
from ltc.events.schedule import daily, every
from receivables.integrity import assert_ledger_holds
from receivables.services.dispatch import send_reminders
from receivables.services.promises import judge_promises
from receivables.services.reminders import plan_reminders


@work("collections.plan_reminders")
def plan(payload: dict[str, Any]) -> None:
    """Plan the tenant's reminders of today."""
    plan_reminders(now=timezone.now())


@work("collections.send_reminders")
def send(payload: dict[str, Any]) -> None:
    """Send what may go out now."""
    send_reminders(now=timezone.now(), clock=timezone.now, alone=bool(payload.get("alone")))


@work("collections.check_ledger")
def check(payload: dict[str, Any]) -> None:
    """Check that ledger, items and payments agree; a difference fails the job, so that the operator sees it."""
    assert_ledger_holds()


@work("collections.judge_promises")
def judge(payload: dict[str, Any]) -> None:
    """Judge the promises whose last day has passed."""
    judge_promises(at=timezone.now())


daily("collections.judge_promises", time(0, 10))
every("collections.plan_reminders", timedelta(hours=1))
every("collections.send_reminders", timedelta(minutes=1))
daily("collections.check_ledger", time(3, 0))
