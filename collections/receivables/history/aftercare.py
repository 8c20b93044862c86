"""Service cases, and what customers answered when they were asked."""

from typing import Any

from django.utils.dateparse import parse_datetime

from delivery.after_sales import due_times
from delivery.models import Case, Survey
from ltc.timeline.models import Entry
from receivables.history.world import SOURCE, Fact, World


def bring_aftercare(world: World) -> None:
    """Cases and surveys of the file."""
    for fact in world.facts("object IN ('case', 'survey')", order="line"):
        _bring_case(world, fact) if fact.object == "case" else _bring_survey(world, fact)
    world.flush()


def _bring_case(world: World, fact: Fact) -> None:
    answered, resolved = (_moment(fact, name) for name in ("first_response_at", "resolved_at"))
    answer_due, solution_due = due_times(fact.data["priority"], fact.at)
    state = Case.State.RESOLVED if resolved else Case.State.IN_PROGRESS if answered else Case.State.NEW
    world.add(
        Case, id=fact.subject, number=world.number("case", world.day(fact.at)), title=fact.ref, customer_id=fact.id("customer"),
        priority=fact.data["priority"], state=state, opened_at=fact.at, sla_response_due=answer_due, sla_resolve_due=solution_due,
        first_response_at=answered, resolved_at=resolved, source_system=SOURCE, external_ref=fact.ref, created_at=fact.at,
    )  # fmt: skip
    world.enter(Case, fact.subject, fact.at, "created", kind=Entry.Kind.SYSTEM, becomes=Case.State.NEW, data={"owner": None})
    was = Case.State.NEW
    if answered:
        world.enter(Case, fact.subject, answered, "start", was=was, becomes=Case.State.IN_PROGRESS, data={"owner": None})
        was = Case.State.IN_PROGRESS
    if resolved:
        world.enter(Case, fact.subject, resolved, "resolve", was=was, becomes=Case.State.RESOLVED, data={"owner": None})


def _bring_survey(world: World, fact: Fact) -> None:
    world.add(
        Survey, id=fact.subject, kind=fact.data["kind"], customer_id=fact.id("customer"), sent_at=fact.at, score=fact.data.get("score"),
        responded_at=_moment(fact, "responded_at"), source_system=SOURCE, external_ref=fact.ref, created_at=fact.at,
    )  # fmt: skip


def _moment(fact: Fact, name: str) -> Any:
    return parse_datetime(fact.data[name]) if name in fact.data else None
