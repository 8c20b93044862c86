"""Leads on sequences: what goes out when, to whom not, what stops it, and that each mail goes out once."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from leads.models import Enrolment, Lead, LeadEvent, MailOptOut, NurtureMessage, NurtureSequence
from leads.nurturing.consent import opt_out, set_consent_rule
from leads.nurturing.enrolling import enrol_by_rule
from leads.nurturing.figures import figures
from leads.nurturing.sending import SENDER
from leads.nurturing.sequences import add_step, change_step, create_sequence, update_sequence
from leads.nurturing.texts import write
from leads.nurturing.timing import due_at
from leads.services import update_lead
from ltc.activities.models import Activity
from ltc.calendars.business_days import WorkCalendar
from ltc.customers.models import Contact
from ltc.customers.services import create_customer
from ltc.events.outbox import run_pending
from ltc.notifications.providers import MailServer, NotAccepted
from ltc.refusals import Forbidden, Refusal
from ltc.tenancy.context import acting_for
from ltc.timeline.models import Entry
from ltc.users.actors import SYSTEM
from ltc.workflow.engine import perform
from tests import make
from tests.leads import make as leads

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # a Monday, ten o'clock in Shanghai
MAIL = {"subject_en": "Hello {{ contact_name }}", "body_en": "About {{ product_interest }}."}


@pytest.fixture
def sequence(inside: Any) -> NurtureSequence:
    made = create_sequence(actor=SYSTEM, name="Welcome")
    add_step(actor=SYSTEM, sequence=made, **MAIL)
    add_step(actor=SYSTEM, sequence=made, kind="task", wait=2, subject_en="Call {{ contact_name }}")
    add_step(actor=SYSTEM, sequence=made, wait=24, unit="hours", subject_zh="您好{{ contact_name }}", body_zh="{{ company_name }}")
    return made


def agreed(**fields: Any) -> Lead:
    return leads.lead(**{"consent_marketing": "given", "product_interest": "pumps", **fields})


def put_on(lead: Lead, sequence: NurtureSequence, actor: Any = SYSTEM, at: datetime = NOW) -> Enrolment:
    perform(lead, "enrol", actor=actor, at=at, sequence=sequence)
    return Enrolment.objects.get(lead=lead, sequence=sequence, state="active")


def contact(consent: str) -> None:
    known = {"name": "Ada", "email": "ada@example.org", "consent_marketing": consent}
    create_customer(actor=SYSTEM, name="Engines Ltd", contacts=[known])


@pytest.fixture
def send(django_capture_on_commit_callbacks: Any) -> Any:
    def run(at: datetime) -> int:
        with django_capture_on_commit_callbacks(execute=True):
            return SENDER.send(now=at)

    return run


def test_a_sequence_goes_its_way_step_by_step(sequence, rep, send):
    lead = agreed(owner=rep, email="ada@example.org", contact_name="Ada")
    enrolment = put_on(lead, sequence, actor=rep)
    assert (enrolment.how, enrolment.language) == ("user", "en")
    assert send(NOW) == 1
    (letter,) = mail.outbox
    first = NurtureMessage.objects.get(status="sent")
    assert (letter.to, letter.subject, letter.reply_to) == (["ada@example.org"], "Hello Ada", [rep.email])
    assert letter.body.startswith("About pumps.") and f"/u/north/{first.token}/" in letter.body
    assert letter.extra_headers["List-Unsubscribe"].endswith(f"/u/north/{first.token}/>")
    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert Entry.objects.filter(subject=lead.pk, name="nurture_sent").count() == 1
    task = NurtureMessage.objects.get(status="queued")
    assert task.not_before == NOW + timedelta(days=2)
    assert send(NOW + timedelta(days=1)) == 0
    send(NOW + timedelta(days=2))
    assert Activity.objects.get(kind="task").result == "Call Ada" and len(mail.outbox) == 1
    send(NOW + timedelta(days=3))
    assert mail.outbox[1].subject == "您好Ada" and "不再接收" in mail.outbox[1].body
    enrolment.refresh_from_db()
    assert (enrolment.state, enrolment.ended_at) == ("finished", NOW + timedelta(days=3))
    assert send(NOW + timedelta(days=30)) == 0


def test_business_days_keep_the_time_of_day_within_working_hours():
    calendar = WorkCalendar()
    friday = datetime(2026, 11, 27, 20, 0, tzinfo=UTC)
    assert due_at(calendar, friday, 1, "business_days", UTC) == datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
    assert due_at(calendar, friday.replace(hour=10), 1, "business_days", UTC) == datetime(2026, 11, 30, 10, 0, tzinfo=UTC)
    assert due_at(calendar, friday, 36, "hours", UTC) == datetime(2026, 11, 29, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"consent_marketing": "unknown"}, "no_consent"),
        ({"consent_marketing": "withdrawn"}, "opted_out"),
        ({"email": "", "phone": "13800008000"}, "no_address"),
    ],
)
def test_nobody_is_written_to_who_may_not_be(sequence, fields, code):
    lead = agreed(**fields)
    with pytest.raises(Refusal) as refusal:
        put_on(lead, sequence)
    assert refusal.value.code == code and not Enrolment.objects.exists()


def test_a_company_may_write_to_all_who_have_not_objected(sequence):
    with pytest.raises(Forbidden):
        set_consent_rule(actor=make.member("mkt"), rule="not_withdrawn")
    set_consent_rule(actor=make.member("adm"), rule="not_withdrawn")
    assert put_on(agreed(consent_marketing="unknown"), sequence).state == "active"


def test_who_withdraws_before_a_mail_is_due_does_not_get_it(sequence, send):
    lead = agreed()
    enrolment = put_on(lead, sequence)
    update_lead(lead, actor=SYSTEM, consent_marketing="withdrawn")
    send(NOW)
    enrolment.refresh_from_db()
    assert (enrolment.state, enrolment.stop_reason, mail.outbox) == ("stopped", "opted_out", [])
    assert NurtureMessage.objects.get().status == "cancelled"


def test_a_contact_that_objected_is_not_written_to_as_a_lead_either(sequence):
    contact("withdrawn")
    with pytest.raises(Refusal) as refusal:
        put_on(agreed(email="ada@example.org"), sequence)
    assert refusal.value.code == "opted_out"


@pytest.mark.parametrize(("one_click", "body"), [(True, {"List-Unsubscribe": "One-Click"}), (False, {})])
def test_the_link_of_a_mail_needs_no_login_and_ends_everything(sequence, send, one_click, body):
    lead, twin = agreed(email="ada@example.org"), agreed(email="ada@example.org")
    contact("given")
    enrolment, other = put_on(lead, sequence), put_on(twin, sequence)
    send(NOW)
    token = NurtureMessage.objects.get(enrolment=enrolment, status="sent").token
    visitor = Client(enforce_csrf_checks=True)
    page = visitor.get(f"/u/north/{token}/")
    assert page.status_code == 200 and b"a***@example.org" in page.content
    assert MailOptOut.objects.count() == 0  # looking is not saying so
    assert visitor.post(f"/u/north/{token}/", body).status_code == 200
    assert visitor.post(f"/u/north/{token}/", body).status_code == 200
    assert visitor.get("/u/north/wrong/").status_code == 404 and visitor.get(f"/u/south/{token}/").status_code == 404
    for each in (enrolment, other):
        each.refresh_from_db()
        assert (each.state, each.stop_reason) == ("stopped", "opted_out")
    assert set(Lead.objects.values_list("consent_marketing", flat=True)) == {"withdrawn"}
    assert Contact.objects.get().consent_marketing == "withdrawn"
    assert LeadEvent.objects.get(type="unsubscribe").lead_id == lead.pk
    assert Entry.objects.filter(subject=lead.pk, name="unsubscribed").count() == 1
    assert sum(each.opted_out for each in figures(sequence)) == 2
    with pytest.raises(Refusal):
        put_on(agreed(email="ada@example.org"), sequence)


def test_who_agrees_anew_after_objecting_may_be_written_to(sequence):
    opt_out("ada@example.org", at=NOW)
    detail = {"consent": {"version": 1, "at": (NOW + timedelta(days=1)).isoformat()}}
    assert put_on(agreed(email="ada@example.org", source_detail=detail), sequence).state == "active"


def test_conversion_and_disqualification_stop_it_and_say_why(sequence, send, rep):
    bought, wrong = agreed(owner=rep, **leads.UNDERSTOOD), agreed(owner=rep)
    first, second = put_on(bought, sequence), put_on(wrong, sequence)
    send(NOW)
    perform(bought, "log_first_contact", actor=rep)
    perform(bought, "qualify", actor=rep)
    perform(bought, "convert", actor=rep, name="Pumps", amount=Decimal(100), create_customer=True)
    perform(wrong, "disqualify", actor=rep, reason=leads.close_reason())
    assert [Enrolment.objects.get(pk=each.pk).stop_reason for each in (first, second)] == ["converted", "disqualified"]
    assert not NurtureMessage.objects.filter(status="queued").exists()
    assert send(NOW + timedelta(days=9)) == 0 and len(mail.outbox) == 2


def test_a_mail_with_a_hole_is_not_sent_and_a_person_looks(sequence, send, rep):
    lead = agreed(owner=rep, product_interest="")
    enrolment = put_on(lead, sequence)
    send(NOW)
    assert mail.outbox == [] and "product_interest" in NurtureMessage.objects.get().error
    assert Activity.objects.filter(kind="task", assignee=rep).count() == 1
    update_lead(lead, actor=rep, product_interest="valves")
    perform(enrolment, "resend", actor=rep, at=NOW)
    send(NOW)
    assert mail.outbox[0].body.startswith("About valves.")


def test_a_refused_mail_is_tried_again_and_an_unclear_one_never(sequence, send, monkeypatch, rep):
    enrolment = put_on(agreed(owner=rep), sequence)
    monkeypatch.setattr(MailServer, "send", lambda *_given: (_ for _ in ()).throw(NotAccepted("busy")))
    send(NOW)
    message = NurtureMessage.objects.get()
    assert (message.status, message.attempts, message.not_before) == ("queued", 1, NOW + timedelta(minutes=1))
    monkeypatch.setattr(MailServer, "send", lambda *_given: (_ for _ in ()).throw(TimeoutError("no answer")))
    send(NOW + timedelta(minutes=1))
    message.refresh_from_db()
    assert (message.status, message.attempts) == ("uncertain", 2)
    assert send(NOW + timedelta(days=9)) == 0
    perform(enrolment, "confirm", actor=rep, at=NOW + timedelta(hours=1))
    message.refresh_from_db()
    assert message.status == "sent" and NurtureMessage.objects.filter(status="queued").count() == 1


def test_a_sequence_whose_last_mail_was_in_doubt_ends_when_a_person_knows_that_it_went_out(inside, send, monkeypatch, rep):
    only = create_sequence(actor=SYSTEM, name="One mail")
    add_step(actor=SYSTEM, sequence=only, **MAIL)
    lead = agreed(owner=rep)
    enrolment = put_on(lead, only)
    monkeypatch.setattr(MailServer, "send", lambda *_given: (_ for _ in ()).throw(TimeoutError("no answer")))
    send(NOW)
    perform(enrolment, "confirm", actor=rep, at=NOW + timedelta(hours=1))
    run_pending()
    enrolment.refresh_from_db()
    assert (enrolment.state, NurtureMessage.objects.get().status) == ("finished", "sent")
    assert Entry.objects.filter(subject=lead.pk, name="nurture_sent").count() == 1
    assert put_on(lead, only).pk != enrolment.pk


def test_a_worker_that_died_while_sending_leaves_a_doubt_and_no_second_mail(sequence, send, rep):
    put_on(agreed(owner=rep), sequence)
    found, parcel = SENDER.claim(NOW)
    assert found and parcel
    assert send(NOW + timedelta(minutes=5)) == 0
    send(NOW + timedelta(minutes=11))
    assert NurtureMessage.objects.get().status == "uncertain" and mail.outbox == []


def test_by_rule_a_lead_comes_on_a_sequence_once(sequence, send, rep):
    lead = agreed(owner=rep)
    update_sequence(sequence, actor=SYSTEM, enrols_on="nurtured", grades=["D"], channels=["website"])
    perform(lead, "nurture", actor=rep, until=lead.local_day() + timedelta(days=30), reason="Later")
    run_pending()
    assert Enrolment.objects.get().how == "system"
    perform(Enrolment.objects.get(), "stop", actor=rep)
    assert enrol_by_rule(lead.pk, "nurtured", at=NOW) == 0
    assert enrol_by_rule(agreed(channel=leads.channel("fair")).pk, "nurtured", at=NOW) == 0


def test_a_sequence_that_is_switched_off_sends_nothing_and_a_step_is_passed_over(sequence, send):
    put_on(agreed(), sequence)
    update_sequence(sequence, actor=SYSTEM, active=False)
    assert send(NOW) == 0
    update_sequence(sequence, actor=SYSTEM, active=True)
    change_step(sequence.steps.first(), actor=SYSTEM, active=False)
    send(NOW)
    assert mail.outbox == [] and NurtureMessage.objects.get(status="queued").step.kind == "task"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"subject_en": "Hi {{ salary }}", "body_en": "x"}, "subject_en"),
        ({"subject_en": "Hi", "body_en": "{% load i18n %}"}, "body_en"),
        ({"subject_en": "Hi", "body_en": "{{ contact_name|upper }}"}, "body_en"),
        ({"subject_en": "Hi", "body_en": "{% for a in contact_name %}{% for b in contact_name %}x{% endfor %}{% endfor %}"}, "body_en"),
        ({"subject_zh": "您好"}, "body_zh"),
        ({"body_en": "x"}, "subject_en"),
        ({"subject_en": "Hi", "body_en": "x", "wait": 501}, "wait"),
    ],
)
def test_a_text_that_could_not_be_written_is_refused_when_it_is_saved(sequence, fields, field):
    with pytest.raises(Refusal) as refusal:
        add_step(actor=SYSTEM, sequence=sequence, **fields)
    assert refusal.value.field == field and sequence.steps.count() == 3


def test_a_rep_puts_only_their_own_leads_on_a_sequence(sequence, rep):
    with pytest.raises(Forbidden):
        put_on(agreed(owner=make.member("rep")), sequence, actor=rep)
    with pytest.raises(Forbidden):
        create_sequence(actor=rep, name="Mine")
    with pytest.raises(Forbidden):
        add_step(actor=rep, sequence=sequence, **MAIL)
    assert not Enrolment.objects.exists()


def test_rest_does_all_of_it(tenant, caller, django_capture_on_commit_callbacks):
    with acting_for(tenant):
        lead = agreed()
    made = caller.post("nurture-sequences/", {"name": "By REST", "channels": ["website"], "grades": ["A", "B"]}).json()
    assert caller.post("nurture-sequences/", {"name": "x", "channels": ["nowhere"]}).status_code == 409
    step = caller.post("nurture-steps/", {"sequence": made["id"], **MAIL}).json()
    assert (step["position"], step["unit"]) == (1, "business_days")
    assert "About pumps." in caller.get(f"nurture-steps/{step['id']}/preview/").json()["data"][0]["body"]
    done = caller.post(f"leads/{lead.pk}/actions/enrol/", {"sequence": made["id"]})
    assert done.status_code == 200, done.content
    again = caller.post(f"leads/{lead.pk}/actions/enrol/", {"sequence": made["id"]})
    assert (again.status_code, again.json()["code"]) == (409, "already_enrolled")
    (row,) = caller.get(f"enrolments/?lead={lead.pk}").json()["data"]
    assert (row["state"], row["how"]) == ("active", "api")
    with acting_for(tenant), django_capture_on_commit_callbacks(execute=True):
        SENDER.send(now=datetime.now(UTC) + timedelta(minutes=1))
    (sent,) = caller.get(f"nurture-messages/?enrolment={row['id']}").json()["data"]
    assert (sent["status"], sent["recipient"]) == ("sent", lead.email)
    assert caller.get(f"nurture-sequences/{made['id']}/figures/").json()["data"][0]["sent"] == 1
    assert caller.get(f"enrolments/{row['id']}/").json()["state"] == "finished"


def test_a_mail_shows_what_was_written_and_its_links_can_be_followed():
    values = {"contact_name": "<Ada>", "our_company": "North", "unsubscribe_link": "https://ltc.example/u/1/"}
    _subject, text, html = write("Hi", 'Dear {{ contact_name }},\n{% if contact_name != "x" %}5 < 6{% endif %}', "en", values)
    assert text.startswith("Dear <Ada>,\n5 < 6\n") and not hasattr(text, "__html__")
    assert html.startswith("<p>Dear &lt;Ada&gt;,<br>5 &lt; 6</p>")
    assert '<a href="https://ltc.example/u/1/"' in html
