"""The pages of nurturing and of mailboxes, as their people use them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from leads.models import Enrolment, InboundMail, Mailbox, NurtureSequence
from leads.nurturing.sequences import add_step, create_sequence
from ltc.events.outbox import run_pending
from ltc.tenancy.context import acting_for
from ltc.users.actors import SYSTEM
from tests import make
from tests.leads import make as leads
from tests.pages import Browser


@pytest.fixture
def marketing(tenant: Any) -> Browser:
    with acting_for(tenant):
        return Browser(make.member("mkt"))


def test_marketing_builds_a_sequence_and_sees_how_it_reads(tenant, marketing):
    assert marketing.post("/nurture-sequences/new/", name="Welcome", enrols_on="", active="on").status_code == 302
    with acting_for(tenant):
        sequence = NurtureSequence.objects.get()
    home = f"/nurture-sequences/{sequence.pk}/"
    wrong = marketing.post(f"{home}steps/new/", kind="email", wait="0", unit="hours", subject_en="Hi {{ pay }}", body_en="x", active="on")
    assert wrong.status_code == 422 and b"pay" in wrong.content
    right = {
        "kind": "email",
        "wait": "2",
        "unit": "business_days",
        "subject_en": "Hi {{ contact_name }}",
        "body_en": "Hello.",
        "active": "on",
    }
    assert marketing.post(f"{home}steps/new/", **right).status_code == 302
    page = marketing.get(home).content.decode()
    assert "Hi Ada Example" in page and "2 business days" in page and "No more of these mails" in page
    with acting_for(tenant):
        step = sequence.steps.get()
    assert marketing.get(f"{home}steps/{step.pk}/", htmx=True).status_code == 200
    assert marketing.post(f"{home}steps/{step.pk}/", **{**right, "subject_en": "Welcome", "position": "1"}).status_code == 302
    with acting_for(tenant):
        assert sequence.steps.get().subject_en == "Welcome"
    assert marketing.get("/nurture-sequences/consent/").status_code == 403


def test_a_rep_puts_many_of_their_leads_on_a_sequence_at_once(tenant):
    with acting_for(tenant):
        rep = make.member("rep")
        sequence = create_sequence(actor=SYSTEM, name="Welcome")
        add_step(actor=SYSTEM, sequence=sequence, subject_en="Hello", body_en="Hello.")
        made = [leads.lead(owner=rep, consent_marketing="given") for _number in range(3)]
        leads.lead(owner=rep)  # has not agreed
        browser = Browser(rep)
    answer = browser.post("/leads/bulk/", action="enrol", all="1", query="view=mine", asked="1", sequence=str(sequence.pk))
    assert answer.status_code in (200, 204, 302), answer.content
    with acting_for(tenant):
        assert set(Enrolment.objects.values_list("lead", flat=True)) == {each.pk for each in made}
        enrolment = Enrolment.objects.first()
    assert "Welcome" in browser.get(f"/leads/{enrolment.lead_id}/").content.decode()
    assert browser.get(f"/enrolments/{enrolment.pk}/").status_code == 200


def test_an_administrator_connects_a_mailbox_and_marketing_retries_a_mail(tenant, marketing, settings):
    settings.OWN_SERVERS = frozenset({"127.0.0.1:1143"})
    with acting_for(tenant):
        admin, channel = Browser(make.member("adm")), leads.channel("mail")
    place = {"host": "127.0.0.1", "port": "1143", "security": "none", "login": "a", "folder": "INBOX", "starts_on": "2026-11-01"}
    told = {"name": "Sales", "address": "sales@north.example", "channel": str(channel.pk), "active": "on", **place}
    assert admin.post("/mailboxes/new/", **told).status_code == 422  # no password
    assert admin.post("/mailboxes/new/", **{**told, "host": "10.0.0.1"}, password="open sesame").status_code == 422
    assert admin.post("/mailboxes/new/", **told, password="open sesame").status_code == 302
    with acting_for(tenant):
        mailbox = Mailbox.objects.get()
        known = {"key": "k", "uid": 1, "outcome": "failed", "sender": "", "subject": "Pumps", "received_at": datetime.now(UTC)}
        mail = InboundMail.objects.create(mailbox=mailbox, **known)
    page = admin.get(f"/mailboxes/{mailbox.pk}/edit/").content
    assert b"open sesame" not in page and mailbox.secret.encode() not in page
    assert marketing.get(f"/mailboxes/{mailbox.pk}/").status_code == 200 and marketing.get("/mailboxes/new/").status_code == 403
    assert b"Pumps" in marketing.get("/inbound-mails/").content
    assert marketing.get(f"/inbound-mails/{mail.pk}/retry/").status_code == 200
    marketing.post(f"/inbound-mails/{mail.pk}/retry/", sender="ada@example.org", sender_name="Ada", subject="Pumps")
    with acting_for(tenant):
        run_pending()
        assert InboundMail.objects.get().outcome == "lead"
        viewer = Browser(make.member("exec"))
    assert b"ada@example.org" not in viewer.get(f"/inbound-mails/{mail.pk}/").content
