"""Service after the sale: cases with their clocks, and what customers answer when they are asked."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from delivery.after_sales import close_old_cases, open_case, record_answer, send_survey
from delivery.models import Case, Survey
from ltc.customers.models import Customer
from ltc.refusals import Forbidden, Refusal
from ltc.tenancy.models import Tenant
from ltc.users.models import Membership
from ltc.workflow.engine import TransitionRefused, perform
from tests import make
from tests.contracts.rows import make_row

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 16, 1, tzinfo=UTC)  # nine o'clock in Shanghai


@pytest.fixture
def agent(inside: Tenant) -> Membership:
    return make.member("dm")


@pytest.fixture
def customer(inside: Tenant) -> Customer:
    found: Customer = make_row(Customer)
    return found


def test_an_urgent_case_wants_an_answer_in_an_hour_and_a_solution_in_a_working_day(agent: Membership, customer: Customer) -> None:
    case = open_case(actor=agent, customer=customer, title="Pump stands still", priority="P1", at=MONDAY)
    assert case.sla_response_due == MONDAY + timedelta(hours=1)
    assert case.sla_resolve_due == MONDAY + timedelta(hours=8)


def test_the_time_that_the_customer_takes_is_added_to_the_deadline(agent: Membership, customer: Customer) -> None:
    case = open_case(actor=agent, customer=customer, title="Noise", priority="P2", at=MONDAY)
    due: Any = case.sla_resolve_due
    perform(case, "start", actor=agent, at=MONDAY + timedelta(hours=1))
    perform(case, "wait", actor=agent, at=MONDAY + timedelta(hours=2), reason="Photo asked for")
    perform(case, "resume", actor=agent, at=MONDAY + timedelta(hours=5))
    assert case.sla_resolve_due == due + timedelta(hours=3)
    assert case.first_response_at == MONDAY + timedelta(hours=1)


def test_a_resolved_case_asks_the_customer_once_and_closes_after_five_working_days(agent: Membership, customer: Customer) -> None:
    case = open_case(actor=agent, customer=customer, title="Noise", at=MONDAY)
    perform(case, "start", actor=agent, at=MONDAY)
    perform(case, "resolve", actor=agent, at=MONDAY, resolution="Bearing changed")
    assert Survey.objects.get(case=case).kind == "csat"
    assert close_old_cases(at=MONDAY + timedelta(days=6)) == 0
    assert close_old_cases(at=MONDAY + timedelta(days=7)) == 1
    case.refresh_from_db()
    assert case.state == "closed"


def test_a_case_is_reopened_within_a_fortnight_and_gets_a_new_clock(agent: Membership, customer: Customer) -> None:
    now = timezone.now()
    case = open_case(actor=agent, customer=customer, title="Noise", at=now - timedelta(days=20))
    perform(case, "start", actor=agent, at=now - timedelta(days=20))
    perform(case, "resolve", actor=agent, at=now - timedelta(days=3), resolution="Bearing changed")
    perform(case, "reopen", actor=agent, reason="Noise again")
    assert (case.state, case.reopened_count, case.resolved_at) == ("in_progress", 1, None)
    assert case.sla_resolve_due is not None and case.sla_resolve_due > now
    perform(case, "resolve", actor=agent, at=now - timedelta(days=15), resolution="Bearing changed again")
    with pytest.raises(TransitionRefused):
        perform(case, "reopen", actor=agent, reason="Once more")


def test_an_answer_stays_in_its_range_and_may_be_corrected_for_a_day(agent: Membership, customer: Customer) -> None:
    survey = send_survey(actor=agent, kind="csat", customer=customer, sent_at=MONDAY)
    with pytest.raises(ValidationError):
        record_answer(survey, actor=agent, score=6, at=MONDAY + timedelta(hours=1))
    record_answer(survey, actor=agent, score=4, at=MONDAY + timedelta(hours=1))
    assert record_answer(survey, actor=agent, score=5, at=MONDAY + timedelta(hours=20)).score == 5
    with pytest.raises(Refusal):
        record_answer(survey, actor=agent, score=1, at=MONDAY + timedelta(days=3))


def test_who_only_reads_opens_no_cases_and_asks_nobody(customer: Customer) -> None:
    reader = make.member("exec")
    with pytest.raises(Forbidden):
        open_case(actor=reader, customer=customer, title="Noise")
    with pytest.raises(Forbidden):
        send_survey(actor=reader, kind="nps", customer=customer)
    assert not Case.objects.exists() and not Survey.objects.exists()
