from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from leads.assignment import distribute_these
from leads.escalation import pass_on_the_hot, tell_of_breaches
from leads.imports.checking import carry_on_check
from leads.imports.correcting import carry_on_undo
from leads.imports.running import run_import
from leads.learning import tasks as learning
from leads.mail import taking
from leads.mail.polling import poll, poll_all
from leads.models import Lead
from leads.nurturing.enrolling import end_if_through, enrol_by_rule
from leads.nurturing.sending import SENDER
from leads.rescoring import rescore_span, spans
from leads.sweeping import KINDS, Sweeper, sweep_span
from leads.waiting import score_waiting
from leads.waking import wake
from leads.web_forms import take_in
from ltc.events.outbox import enqueue, work
from ltc.events.schedule import daily, every

__all__ = ["learning"]

daily("leads.rescore_all", at=time(2))
daily("leads.wake", at=time(0, 10))
daily("pool.sweep", at=time(1))
every("leads.watch_answers", timedelta(minutes=5))
every("leads.send_nurturing", timedelta(minutes=1))
every("leads.poll_mailboxes", timedelta(minutes=2))


@work("leads.score")
def score(payload: dict[str, Any]) -> None:
    """Score a lead after a change or an event, and in the same pass up to a thousand others that wait for the same."""
    score_waiting(UUID(payload["lead"]))
    wake(at=timezone.now(), leads=Lead.objects.filter(pk=payload["lead"]))


@work("leads.rescore_all")
def rescore_all(payload: dict[str, Any]) -> None:
    """Let engagement decay: cut the open leads into spans, each a job of its own, so that nobody's edit waits long for a lock."""
    for after, upto in spans():
        enqueue("leads.rescore_span", key=f"{payload['slot']}:{upto}", payload={"after": str(after) if after else None, "upto": str(upto)})


@work("leads.rescore_span")
def rescore(payload: dict[str, Any]) -> None:
    """Score one span of the open leads."""
    rescore_span(UUID(payload["after"]) if payload["after"] else None, UUID(payload["upto"]), as_of=timezone.now())


@work("leads.check_import")
def carry_on_checking(payload: dict[str, Any]) -> None:
    """Check the next rows of an import."""
    carry_on_check(UUID(payload["batch"]), check=payload["check"], after=payload["after"])


@work("leads.distribute_imported")
def give_out_imported(payload: dict[str, Any]) -> None:
    """Give leads of an import out by the rules, as if they had just come."""
    distribute_these([UUID(lead) for lead in payload["leads"]])


@work("leads.import")
def carry_on_import(payload: dict[str, Any]) -> None:
    """Bring in the next rows of an import."""
    run_import(UUID(payload["batch"]))


@work("pool.sweep")
def sweep(payload: dict[str, Any]) -> None:
    """Cut what is held for too long into spans of a thousand, each a job of its own, so that nobody waits long for a lock."""
    for kind in KINDS:
        for after, upto in Sweeper(date.fromisoformat(payload["slot"])).spans(kind):
            span = {"kind": kind.key, "after": str(after) if after else None, "upto": str(upto), "on": payload["slot"]}
            enqueue("pool.sweep_span", key=f"{payload['slot']}:{kind.key}:{upto}", payload=span)
    pass_on_the_hot(at=timezone.now())


@work("pool.sweep_span")
def sweep_one_span(payload: dict[str, Any]) -> None:
    """Take back and warn of the records of one span."""
    kind = next(kind for kind in KINDS if kind.key == payload["kind"])
    after = UUID(payload["after"]) if payload["after"] else None
    sweep_span(kind, after, UUID(payload["upto"]), on=date.fromisoformat(payload["on"]), at=timezone.now())


@work("leads.wake")
def wake_up(payload: dict[str, Any]) -> None:
    """Take up the nurtured leads whose time has come."""
    wake(at=timezone.now())


@work("leads.watch_answers")
def watch_answers(payload: dict[str, Any]) -> None:
    """Escalate the leads whose first answer is overdue."""
    tell_of_breaches(at=timezone.now())


@work("leads.undo_import")
def carry_on_taking_back(payload: dict[str, Any]) -> None:
    """Take the next rows of an import back."""
    carry_on_undo(UUID(payload["batch"]), after=payload["after"])


@work("leads.form")
def take_in_submission(payload: dict[str, Any]) -> None:
    """Make a lead of what a visitor has sent."""
    take_in(UUID(payload["submission"]))


@work("leads.enrol")
def put_on_sequences(payload: dict[str, Any]) -> None:
    """Put a lead on the sequences that wait for such news."""
    enrol_by_rule(UUID(payload["lead"]), payload["news"], at=timezone.now())


@work("leads.end_sequence")
def end_sequence(payload: dict[str, Any]) -> None:
    """Take a lead off a sequence that it is through with."""
    end_if_through(UUID(payload["enrolment"]), at=timezone.now())


@work("leads.send_nurturing")
def send_nurturing(payload: dict[str, Any]) -> None:
    """Send what is due of the sequences."""
    SENDER.send(now=timezone.now(), clock=timezone.now, alone=bool(payload.get("alone")))


@work("leads.poll_mailboxes")
def look_into_mailboxes(payload: dict[str, Any]) -> None:
    """Have every active mailbox looked into."""
    poll_all(payload["slot"], now=timezone.now())


@work("leads.poll_mailbox")
def look_into_mailbox(payload: dict[str, Any]) -> None:
    """Look into one mailbox."""
    poll(UUID(payload["mailbox"]), now=timezone.now())


@work("leads.mail")
def take_in_mail(payload: dict[str, Any]) -> None:
    """Make of a mail what it is: an answer, a lead, or nothing."""
    taking.take_in(UUID(payload["mail"]))
