"""The work of learning. leads/tasks.py imports it, so that it is found."""

from datetime import date, time
from typing import Any

from django.utils import timezone

from leads.learning.services import is_training_due, train_model, watch
from ltc.events.outbox import enqueue, work
from ltc.events.schedule import daily
from ltc.refusals import Refusal
from ltc.users.actors import SYSTEM

SUNDAY = 6
daily("leads.learn", at=time(3))


@work("leads.learn")
def learn(payload: dict[str, Any]) -> None:
    """On Sundays look how the model does; train again when it is due."""
    now, is_sunday = timezone.now(), date.fromisoformat(payload["slot"]).weekday() == SUNDAY
    if is_sunday:
        watch(now)
    if is_training_due(now, is_sunday=is_sunday):
        enqueue("leads.train", key=payload["slot"], payload={"slot": payload["slot"], "why": "schedule"})


@work("leads.train")
def train_again(payload: dict[str, Any]) -> None:
    """Learn from the leads; what is learned meanwhile by another worker is good enough."""
    try:
        train_model(actor=SYSTEM)
    except Refusal as refusal:
        if refusal.code != "conflict":
            raise
