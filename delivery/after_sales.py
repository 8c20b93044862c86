"""Commands of service after the sale: cases with their clocks, and asking customers how content they are."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from delivery.models import Case, Survey
from ltc.calendars.business_days import add_business_days, add_business_minutes
from ltc.calendars.selectors import today, work_calendar, zone_of
from ltc.customers.models import Customer
from ltc.numbering.services import next_number
from ltc.refusals import Forbidden, Refusal
from ltc.tenancy.context import current_tenant_id
from ltc.tenancy.models import Tenant
from ltc.timeline.models import Entry
from ltc.timeline.services import record
from ltc.users.actors import SYSTEM, Actor
from ltc.users.models import Membership
from ltc.workflow.engine import perform

# Business hours until the first answer and until the solution, by priority (rules 3.13).
ANSWER_HOURS: Final = {"P1": 1, "P2": 4, "P3": 8, "P4": 16}
SOLUTION_HOURS: Final = {"P1": 8, "P2": 24, "P3": 72, "P4": 120}
CLOSED_AFTER: Final = 5
EDITABLE: Final = frozenset({"title", "description", "contact", "order", "product", "serial", "type"})
ANSWER_CHANGES_FOR: Final = timedelta(hours=24)


def due_times(priority: str, at: datetime) -> tuple[datetime, datetime]:
    """By when a case of this priority wants an answer and a solution, in the tenant's working hours."""
    zone, calendar = zone_of(Tenant.objects.get(pk=current_tenant_id())), work_calendar()
    answer = add_business_minutes(calendar, at, ANSWER_HOURS[priority] * 60, zone)
    return answer, add_business_minutes(calendar, at, SOLUTION_HOURS[priority] * 60, zone)


@transaction.atomic
def open_case(
    *,
    actor: Actor,
    customer: Customer,
    title: str,
    priority: str = Case.Priority.P3,
    owner: Membership | None = None,
    at: datetime | None = None,
    **fields: Any,
) -> Case:
    """A customer asks something of us; the clocks of answer and solution begin to run. Raises Forbidden, Refusal, ValidationError."""
    if not actor.has_perm("service.add"):
        raise Forbidden(_("You may not open service cases. Ask service."))
    if unknown := fields.keys() - EDITABLE:
        raise TypeError(f"A case's {', '.join(sorted(unknown))} cannot be set.")
    at = at or timezone.now()
    case = Case(customer=customer, title=title.strip(), priority=priority, opened_at=at, owner=owner, team=owner.team if owner else None)
    for name, value in fields.items():
        setattr(case, name, value)
    case.sla_response_due, case.sla_resolve_due = due_times(priority, at)
    case.number = next_number("case", on=today(Tenant.objects.get(pk=current_tenant_id()), at=at), gap_free=False)
    _check(case)
    case.save()
    record(case, kind=Entry.Kind.SYSTEM, name="created", to_state=case.state, actor=actor, at=at)
    if owner is not None:
        perform(case, "assign", actor=SYSTEM, at=at, owner=owner)
    return case


@transaction.atomic
def update_case(case: Case, *, actor: Actor, **changes: Any) -> Case:
    """Correct what a case says. Raises Forbidden, ValidationError."""
    locked = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    if not actor.has_perm("service.change", locked):
        raise Forbidden(_("You may not change this case. Ask its owner."))
    for name, value in changes.items():
        if name not in EDITABLE:
            raise TypeError(f"A case's {name} cannot be set.")
        setattr(locked, name, value)
    _check(locked)
    locked.save()
    return locked


def _check(case: Case) -> None:
    if case.contact is not None and case.contact.customer_id != case.customer_id:
        raise Refusal(_("Choose a contact of this customer."), code="invalid_input", field="contact")
    if case.order is not None and case.order.customer_id != case.customer_id:
        raise Refusal(_("Choose an order of this customer."), code="invalid_input", field="order")
    case.full_clean(exclude=["number"])


def new_clock(case: Case, *, actor: Actor, at: datetime, **inputs: Any) -> dict[str, Any]:
    """A case that is opened again gets a new time for its solution."""
    return {**inputs, "sla_resolve_due": due_times(case.priority, at)[1]}


@transaction.atomic
def close_old_cases(*, at: datetime) -> int:
    """Close what was resolved five business days ago and on which nobody came back; how many."""
    tenant = Tenant.objects.get(pk=current_tenant_id())
    calendar, zone, day, closed = work_calendar(), zone_of(tenant), today(tenant, at=at), 0
    for case in Case.objects.filter(state=Case.State.RESOLVED, resolved_at__lt=at - timedelta(days=CLOSED_AFTER)).order_by("pk"):
        assert case.resolved_at is not None
        if add_business_days(calendar, case.resolved_at.astimezone(zone).date(), CLOSED_AFTER) <= day:
            perform(case, "close", actor=SYSTEM, at=at)
            closed += 1
    return closed


@transaction.atomic
def send_survey(
    *, actor: Actor, kind: str, customer: Customer, case: Case | None = None, order: Any = None, sent_at: datetime | None = None
) -> Survey:
    """Ask a customer how content they are. Raises Forbidden, Refusal, ValidationError."""
    if not actor.has_perm("surveys.add"):
        raise Forbidden(_("You may not ask customers. Ask service."))
    for record_of, name in ((case, "case"), (order, "order")):
        if record_of is not None and record_of.customer_id != customer.pk:
            raise Refusal(_("This belongs to another customer."), code="invalid_input", field=name)
    survey = Survey(kind=kind, customer=customer, case=case, order=order, sent_at=sent_at or timezone.now())
    survey.full_clean()
    survey.save()
    return survey


@transaction.atomic
def record_answer(survey: Survey, *, actor: Actor, score: int, comment: str = "", at: datetime | None = None) -> Survey:
    """Note what the customer answered; for a day it may be corrected. Raises Forbidden, Refusal, ValidationError."""
    survey = Survey.objects.select_for_update(of=("self",)).get(pk=survey.pk)
    if not actor.has_perm("surveys.answer", survey):
        raise Forbidden(_("You may not note answers. Ask service."))
    at = at or timezone.now()
    if survey.responded_at is not None and at - survey.responded_at > ANSWER_CHANGES_FOR:
        raise Refusal(_("This was answered more than a day ago. Ask again instead."), code="answered")
    survey.score, survey.comment, survey.responded_at = score, comment, survey.responded_at or at
    survey.full_clean()
    survey.save()
    return survey


def ask_after(case: Case, *, at: datetime) -> None:
    """A case was resolved: the customer is asked once how content they are."""
    if not Survey.objects.filter(case=case).exists():
        Survey.objects.create(kind=Survey.Kind.CSAT, customer_id=case.customer_id, case=case, sent_at=at)
