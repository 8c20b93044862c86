"""F12: twenty members take the same transition of the same record at the same moment. It moves once, and its history says so once."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from leads.models import Lead
from ltc.refusals import Refusal
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.timeline.models import Entry
from ltc.users.actors import SYSTEM
from ltc.users.models import Membership
from ltc.workflow.engine import perform
from tests import make
from tests.faults.outcome import Outcome
from tests.leads import make as leads

pytestmark = pytest.mark.django_db(transaction=True)
RACERS = 20


def owned(owner: Membership) -> Lead:
    return leads.lead(owner=owner, **leads.UNDERSTOOD)


def worked(owner: Membership) -> Lead:
    return perform(owned(owner), "log_first_contact", actor=SYSTEM)


RACES: dict[str, tuple[Callable[[Membership], Lead], Callable[[], dict[str, Any]]]] = {
    "claim": (lambda owner: leads.lead(), dict),
    "log_first_contact": (owned, dict),
    "nurture": (owned, lambda: {"until": timezone.localdate() + timedelta(days=30), "reason": "Next budget"}),
    "qualify": (worked, dict),
    "disqualify": (worked, lambda: {"reason": leads.close_reason()}),
    "return_to_pool": (worked, lambda: {"reason": "Wrong region"}),
    "merge": (owned, lambda: {"survivor": leads.lead()}),
}


def race(tenant: Tenant, lead: Lead, name: str, actors: list[Any], inputs: dict[str, Any]) -> Counter[str]:
    """All at once, each with a copy of the record loaded before the start; how often each thing came out."""
    with acting_for(tenant):
        copies = [Lead.objects.get(pk=lead.pk) for _ in actors]
    ready, came_out = threading.Barrier(len(actors)), Counter[str]()

    def take(copy: Lead, actor: Any) -> None:
        ready.wait()
        try:
            with acting_for(tenant):
                perform(copy, name, actor=actor, **inputs)
            came_out["moved"] += 1
        except Refusal as refusal:
            came_out[type(refusal).__name__] += 1
        except Exception as error:
            came_out[f"unexpected {type(error).__name__}: {error}"] += 1
        finally:
            connections.close_all()

    threads = [threading.Thread(target=take, args=pair) for pair in zip(copies, actors, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return came_out


@pytest.mark.parametrize("name", RACES)
def test_a_record_moves_once_however_many_move_it(name: str) -> None:
    tenant = make.tenant("north")
    prepare, inputs = RACES[name]
    with acting_for(tenant):
        owner = make.member("rep")
        lead = prepare(owner)
        told = inputs()
        actors: list[Any] = [make.member("rep") for _ in range(RACERS)] if name == "claim" else [SYSTEM] * RACERS
        before = Entry.objects.filter(subject=lead.pk, kind=Entry.Kind.TRANSITION).count()
    came_out = race(tenant, lead, name, actors, told)
    with acting_for(tenant):
        moves = Entry.objects.filter(subject=lead.pk, kind=Entry.Kind.TRANSITION).count() - before
    refused = sum(number for what, number in came_out.items() if what != "moved" and not what.startswith("unexpected"))
    Outcome(
        lost=int(came_out["moved"] == 0),
        duplicated=max(came_out["moved"], moves) - 1,
        unexpected=RACERS - came_out["moved"] - refused,
        note=f"{RACERS} at once: {dict(came_out)}",
    ).judge(f"F12 {name}", 0)
