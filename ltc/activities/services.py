from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ltc.activities.events import ActivityLogged
from ltc.activities.models import Activity
from ltc.events.bus import publish
from ltc.refusals import Forbidden, Refusal
from ltc.timeline.models import Entry
from ltc.timeline.services import record as write_history
from ltc.users.models import Membership

CLOCKS_MAY_DIFFER = timedelta(minutes=5)
TASK_DUE = timedelta(days=1)


@transaction.atomic
def log_activity(
    subject: Any,
    *,
    kind: Activity.Kind,
    actor: Any,
    at: datetime | None = None,
    result: str = "",
    direction: str = "",
    next_action: str = "",
    next_at: datetime | None = None,
    due_at: datetime | None = None,
    assignee: Membership | None = None,
) -> Activity:
    """Write down what someone did about a record, or a task that is to be done about it.

    `at` is when it happened (now if not given), at most five minutes ahead of our clock. A next action with a date becomes an open task of
    its own. Raises Refusal for a moment in the future, for a note without words, and Forbidden without the permission `activities.add`.
    """
    now = timezone.now()
    at = at or now
    if not actor.has_perm("activities.add"):
        raise Forbidden(_("Your role does not allow you to log activities."))
    if at > now + CLOCKS_MAY_DIFFER:
        sentence = _("This moment is in the future. Log what has happened, or make it a task.")
        raise Refusal(sentence, code="in_the_future", field="occurred_at")
    result = result.strip()
    if kind in {Activity.Kind.NOTE, Activity.Kind.TASK} and not result:
        raise Refusal(_("Write a few words first."), code="required", field="result")
    is_member = isinstance(actor, Membership)
    if kind == Activity.Kind.TASK:
        due_at = due_at or now + TASK_DUE
        assignee = assignee or (actor if is_member else getattr(subject, "owner", None))
    activity = Activity.objects.create(
        subject_type=subject._meta.label_lower,
        subject=subject.pk,
        subject_name=str(subject)[:200],
        kind=kind,
        direction=direction,
        occurred_at=at,
        result=result,
        next_action=next_action,
        next_at=next_at,
        due_at=due_at if kind == Activity.Kind.TASK else None,
        assignee=assignee if kind == Activity.Kind.TASK else None,
        owner=actor if is_member else None,
        team=actor.team if is_member else getattr(subject, "team", None),
    )
    write_history(
        subject,
        kind=Entry.Kind.NOTE if kind == Activity.Kind.NOTE else Entry.Kind.ACTIVITY,
        actor=actor,
        at=at,
        name=kind,
        body=result,
        data={"activity": str(activity.pk), "direction": direction, "next_action": next_action},
    )
    if kind != Activity.Kind.TASK:
        _tell(activity, actor)
    if next_action and next_at:
        log_activity(subject, kind=Activity.Kind.TASK, actor=actor, result=next_action, due_at=next_at, assignee=assignee)
    return activity


@transaction.atomic
def complete_task(task: Activity, *, actor: Any, at: datetime | None = None) -> Activity:
    """Tick a task off. Doing it twice changes nothing. Raises Forbidden if it is neither the actor's nor within reach of their role."""
    task = Activity.objects.select_for_update().get(pk=task.pk)
    if not actor.has_perm("activities.change", task):
        raise Forbidden(_("This task is someone else's."))
    if not task.is_open:
        return task
    task.done_at = at or timezone.now()
    task.save(update_fields=["done_at"])
    _tell(task, actor)
    return task


@transaction.atomic
def reopen_task(task: Activity, *, actor: Any) -> Activity:
    """Take back a tick."""
    task = Activity.objects.select_for_update().get(pk=task.pk)
    if not actor.has_perm("activities.change", task):
        raise Forbidden(_("This task is someone else's."))
    task.done_at = None
    task.save(update_fields=["done_at"])
    return task


def _tell(activity: Activity, actor: Any) -> None:
    publish(
        ActivityLogged(
            record=activity.pk,
            at=activity.done_at or activity.occurred_at,
            actor=actor,
            subject_type=activity.subject_type,
            subject=activity.subject,
            kind=activity.kind,
            direction=activity.direction,
        )
    )
