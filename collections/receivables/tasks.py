from datetime import time, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from ltc.events.outbox import enqueue, work
from ltc.events.schedule import daily, every
from receivables.history.uploads import carry_out
from receivables.integrity import LedgerBroken, check_books
from receivables.models import TaxInvoice
from receivables.services import sending, tax
from receivables.services.books import tell_finance
from receivables.services.dispatch import send_reminders
from receivables.services.promises import judge_promises
from receivables.services.reminders import plan_reminders
from receivables.services.subscriptions import issue_subscriptions


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
    """Check that ledger, items and payments agree. A difference is written down and told to finance, and a job of its own fails, so that
    the operator sees it; nothing is repaired."""
    run = check_books(at=timezone.now())
    if run.findings:
        tell_finance(run)
        enqueue("collections.report_broken_books", key=str(run.pk), payload={"findings": run.findings})


@work("collections.report_broken_books")
def report(payload: dict[str, Any]) -> None:
    """Fail with what does not agree: the operator's page shows it until somebody has looked."""
    raise LedgerBroken("; ".join(payload["findings"]))


@work(sending.SEND)
def send_invoice(payload: dict[str, Any]) -> None:
    """Hand one invoice over to the mail server."""
    sending.deliver(UUID(payload["link"]), at=timezone.now())


@work("collections.tax_invoice")
def ask_tax_platform(payload: dict[str, Any]) -> None:
    """Ask the tax platform for one document."""
    made = TaxInvoice.objects.filter(pk=payload["id"]).first()
    if made is not None:
        tax.carry_out(made, at=timezone.now())


@work("collections.follow_red_letters")
def follow_red_letters(payload: dict[str, Any]) -> None:
    """Ask the tax platform how the red letters under way stand."""
    tax.follow_reds(at=timezone.now())


@work("history.import")
def bring_history_in(payload: dict[str, Any]) -> None:
    """Import an uploaded history."""
    carry_out(UUID(payload["run"]))


every("collections.follow_red_letters", timedelta(minutes=10))


@work("collections.judge_promises")
def judge(payload: dict[str, Any]) -> None:
    """Judge the promises whose last day has passed."""
    judge_promises(at=timezone.now())


@work("collections.issue_subscriptions")
def issue_periods(payload: dict[str, Any]) -> None:
    """Issue the invoices of the periods that have begun."""
    issue_subscriptions(at=timezone.now())


daily("collections.issue_subscriptions", time(1, 0))
daily("collections.judge_promises", time(0, 10))
every("collections.plan_reminders", timedelta(hours=1))
every("collections.send_reminders", timedelta(minutes=1))
daily("collections.check_ledger", time(3, 0))
