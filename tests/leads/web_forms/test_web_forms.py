from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from leads.models import FormSubmission, Lead, LeadEvent, LeadTouch, WebForm
from leads.public_forms import stamp_of
from leads.web_forms import create_form, retry, update_form
from ltc.automation.services import create_field
from ltc.events.outbox import run_pending
from ltc.refusals import Forbidden, Refusal
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.timeline.services import history
from ltc.users.actors import SYSTEM
from ltc.workflow.engine import perform
from tests import make
from tests.leads import make as leads
from tests.pages import Browser

SITE = "https://www.example.com"


@pytest.fixture
def form(tenant: Tenant) -> WebForm:
    with acting_for(tenant):
        return create_form(
            actor=SYSTEM,
            name="Contact",
            asked=["contact_name", "company_name", "email", "phone", "need"],
            required=["contact_name", "email"],
            consent_text="You may write to me.",
            channel=leads.channel("website"),
            origins=[SITE],
        )


def path(form: WebForm) -> str:
    return f"/f/{form.tenant.code}/{form.token}/"


def sent(form: WebForm, *, after: float = 10, client: Client | None = None, origin: str = "", kind: str = "", **more: Any) -> Any:
    """A visitor fills the form in and sends it so many seconds after the page was made."""
    with time_machine.travel(timezone.now() - timedelta(seconds=after), tick=False):
        stamp = stamp_of(form)
    answers = {"contact_name": "Ada", "email": "ada@example.org", "need": "A pump", "stamp": stamp, "as": kind}
    headers = {"Origin": origin} if origin else {}
    return (client or Client()).post(path(form), {**answers, **more}, headers=headers)


def outcomes(form: WebForm) -> list[str]:
    with acting_for(form.tenant):
        return list(FormSubmission.objects.order_by("created_at").values_list("outcome", flat=True))


def worked_off(form: WebForm) -> None:
    with acting_for(form.tenant):
        run_pending()


def test_a_visitor_becomes_a_lead_with_trail_and_consent(form: WebForm) -> None:
    page = Client().get(path(form) + "?utm_source=baidu&utm_campaign=spring&gclid=x1", headers={"Referer": "https://baidu.com/"})
    assert page.status_code == 200 and b"utm_campaign" in page.content and b"You may write to me." in page.content
    answer = sent(
        form, utm_source="baidu", gclid="x1", landing="https://www.example.com/pumps", referrer="https://baidu.com/", consent="on"
    )
    assert (answer.status_code, b"Thank you" in answer.content) == (200, True)
    worked_off(form)
    with acting_for(form.tenant):
        lead, touch = Lead.objects.get(), LeadTouch.objects.get()
        assert (lead.contact_name, lead.email, lead.need, lead.channel.code) == ("Ada", "ada@example.org", "A pump", "website")
        assert (touch.kind, touch.utm, touch.url) == ("form", {"source": "baidu"}, "https://www.example.com/pumps")
        assert (touch.referrer, touch.click_id) == ("https://baidu.com/", "gclid:x1")
        assert lead.source_detail["clicks"] == {"gclid": "x1"} and lead.source_detail["referrer"] == "https://baidu.com/"
        assert (lead.consent_marketing, lead.source_detail["consent"]["version"]) == ("given", 1)
        assert LeadEvent.objects.get().type == "form_submit"


def test_what_no_database_takes_is_left_out_of_the_trail(form: WebForm) -> None:
    assert sent(form, utm_source="bai\0du", landing="\0", referrer="https://\0x.example/").status_code == 200
    with acting_for(form.tenant):
        trail = FormSubmission.objects.get().trail
    assert (trail["utm"], trail["referrer"]) == ({"utm_source": "baidu"}, "https://x.example/")


def test_without_the_tick_no_consent_is_kept(form: WebForm) -> None:
    sent(form)
    worked_off(form)
    with acting_for(form.tenant):
        assert Lead.objects.get().consent_marketing == "unknown"


def test_another_text_of_consent_is_another_version(form: WebForm) -> None:
    with acting_for(form.tenant):
        assert update_form(form, actor=SYSTEM, consent_text="Write and call.").consent_version == 2
        assert update_form(form, actor=SYSTEM, name="Contact us").consent_version == 2


def test_the_same_page_sent_twice_counts_once(form: WebForm) -> None:
    stamp = stamp_of(form)
    with time_machine.travel(timezone.now() + timedelta(seconds=9), tick=False):
        for _time in range(2):
            sent(form, stamp=stamp)
    assert outcomes(form) == ["waiting"]


@pytest.mark.parametrize("trick", [{"homepage": "http://spam.example"}, {"after": 0}])
def test_a_robot_is_thanked_and_makes_no_lead(form: WebForm, trick: dict[str, Any]) -> None:
    assert sent(form, **trick).status_code == 200
    worked_off(form)
    assert outcomes(form) == ["spam"]
    with acting_for(form.tenant):
        assert not Lead.objects.exists()


@pytest.mark.parametrize("wrong", [{"email": "nonsense"}, {"contact_name": ""}, {"stamp": "forged"}])
def test_what_is_filled_in_wrongly_is_said(form: WebForm, wrong: dict[str, Any]) -> None:
    assert sent(form, **wrong).status_code == 422
    assert outcomes(form) == []


def test_what_cannot_become_a_lead_waits_to_be_corrected(form: WebForm) -> None:
    sent(form, phone="12")
    worked_off(form)
    assert outcomes(form) == ["failed"]
    with acting_for(form.tenant):
        kept = FormSubmission.objects.get()
        assert kept.error
        with pytest.raises(Forbidden):
            retry(kept, actor=make.member("rep"))
        retry(kept, actor=make.member("mkt"), values={"phone": "13800008000"})
        run_pending()
        kept.refresh_from_db()
        assert (kept.outcome, kept.error, kept.lead and kept.lead.phone) == ("done", "", "+8613800008000")
        with pytest.raises(Refusal):
            retry(kept, actor=SYSTEM)


def test_with_double_opt_in_the_lead_is_made_by_the_link(form: WebForm) -> None:
    with acting_for(form.tenant):
        update_form(form, actor=SYSTEM, double_opt_in=True)
    sent(form)
    worked_off(form)
    assert outcomes(form) == ["unconfirmed"]
    link = next(word for word in mail.outbox[-1].body.split() if "/f/" in word)
    assert mail.outbox[-1].to == ["ada@example.org"]
    assert Client().get(link).status_code == 200
    assert outcomes(form) == ["unconfirmed"], "programs that look at e-mails follow links too"
    assert Client().post(link).status_code == 200
    worked_off(form)
    assert outcomes(form) == ["done"]
    assert Client().post(link.rstrip("/") + "x/").status_code == 404


def test_nobody_has_us_write_to_somebody_else_again_and_again(form: WebForm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("leads.public_forms.PER_RECIPIENT", (2, 3600.0))
    with acting_for(form.tenant):
        update_form(form, actor=SYSTEM, double_opt_in=True)
    told = [sent(form, email=email).status_code for email in ("v@example.org", "V@example.org", "v@example.org", "w@example.org")]
    assert told == [200, 200, 429, 200]
    worked_off(form)
    assert sorted(letter.to[0].lower() for letter in mail.outbox) == ["v@example.org", "v@example.org", "w@example.org"]


def test_only_allowed_websites_build_it_in(form: WebForm) -> None:
    asked = Client().get(path(form) + "?as=json", headers={"Origin": SITE})
    assert asked["Access-Control-Allow-Origin"] == SITE
    assert [field["name"] for field in asked.json()["fields"]] == form.asked
    assert "Access-Control-Allow-Origin" not in Client().get(path(form) + "?as=json", headers={"Origin": "https://evil.example"})
    answer = sent(form, origin=SITE, kind="json")
    assert (answer.status_code, answer["Access-Control-Allow-Origin"], "thanks" in answer.json()) == (200, SITE, True)
    assert sent(form, origin="https://evil.example").status_code == 403
    assert outcomes(form) == ["waiting"]


def test_one_address_sends_five_a_minute(form: WebForm) -> None:
    cache.clear()
    assert [sent(form).status_code for _time in range(6)] == [200] * 5 + [429]
    assert len(outcomes(form)) == 5


def test_behind_our_proxy_each_visitor_counts_alone(form: WebForm) -> None:
    for number in range(6):
        assert sent(form, client=Client(headers={"X-Forwarded-For": f"203.0.113.99, 198.51.100.{number}"})).status_code == 200
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")  # no proxy of ours: what it says of itself does not count
    for number in range(6):
        answer = elsewhere.post(path(form), {"stamp": "x"}, headers={"X-Forwarded-For": f"198.51.100.{number}"})
    assert answer.status_code == 429


def test_the_address_is_no_other_tenants_and_cannot_be_guessed(form: WebForm, other_tenant: Tenant) -> None:
    for wrong in (f"/f/{other_tenant.code}/{form.token}/", f"/f/{form.tenant.code}/{form.token[:-1]}/", f"/f/nobody/{form.token}/"):
        assert Client().get(wrong).status_code == 404
    with acting_for(form.tenant):
        update_form(form, actor=SYSTEM, active=False)
    assert Client().get(path(form)).status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"required": ["contact_name"]},
        {"asked": ["email", "shoe_size"]},
        {"origins": ["example.com"]},
        {"double_opt_in": True, "required": ["phone"]},
    ],
)
def test_a_form_that_makes_no_sense_is_refused(form: WebForm, wrong: dict[str, Any]) -> None:
    with acting_for(form.tenant), pytest.raises(Refusal):
        update_form(form, actor=SYSTEM, **wrong)


def test_marketing_builds_a_form_and_sees_what_was_sent(form: WebForm) -> None:
    with acting_for(form.tenant):
        browser, rep = Browser(make.member("mkt")), Browser(make.member("rep"))
        channel = form.channel_id
    sent(form, phone="12")
    worked_off(form)
    assert browser.get("/web-forms/").status_code == 200 and rep.get("/web-forms/").status_code == 403
    new: dict[str, Any] = {
        "name": "Fair",
        "asked": ["contact_name", "phone"],
        "required": ["phone"],
        "channel": str(channel),
        "origins": SITE,
        "active": "on",
    }
    assert browser.post("/web-forms/new/", **new).status_code in (200, 204, 302)
    with acting_for(form.tenant):
        assert WebForm.objects.get(name="Fair").origins == [SITE]
        kept = FormSubmission.objects.get()
    assert b"data-ltc-form" in browser.get(f"/web-forms/{form.pk}/").content
    assert b"Ada" in browser.get("/form-submissions/").content
    assert b"Try again" in browser.get(f"/form-submissions/{kept.pk}/").content
    assert browser.get(f"/form-submissions/{kept.pk}/retry/").status_code == 200


def test_who_may_not_reveal_leads_sees_no_contact_data(form: WebForm) -> None:
    sent(form, phone="12")
    worked_off(form)
    with acting_for(form.tenant):
        kept, browser = FormSubmission.objects.get(), Browser(make.member("exec"))
    page = browser.get(f"/form-submissions/{kept.pk}/").content.decode()
    assert "Ada" in page and "a***@example.org" in page
    assert "ada@example.org" not in page and "A pump" not in page


def test_a_form_asks_for_the_companys_own_attributes(form: WebForm) -> None:
    with acting_for(form.tenant):
        create_field(actor=SYSTEM, label="Course", kind="choice", options=["MBA", "Law"])
        create_field(actor=SYSTEM, label="Years", kind="number")
        create_field(actor=SYSTEM, label="Evening classes", kind="flag")
        own = ["attributes.course", "attributes.years", "attributes.evening_classes"]
        update_form(form, actor=SYSTEM, asked=[*form.asked, *own], required=["contact_name", "email", "attributes.course"])
        with pytest.raises(Refusal):
            update_form(form, actor=SYSTEM, asked=["email", "attributes.shoe_size"])
    page = Client().get(path(form))
    assert b"Evening classes" in page.content and b'<option value="MBA">' in page.content
    [course] = [each for each in Client().get(path(form) + "?as=json").json()["fields"] if each["name"] == "attributes.course"]
    assert (course["kind"], course["options"], course["required"]) == ("choice", ["MBA", "Law"], True)
    assert sent(form).status_code == 422
    wrong = {"attributes.course": "Cooking"}
    assert sent(form, **wrong).status_code == 422
    right = {"attributes.course": "Law", "attributes.years": "3", "attributes.evening_classes": "on"}
    assert sent(form, **right).status_code == 200
    worked_off(form)
    with acting_for(form.tenant):
        assert Lead.objects.get().attributes == {"course": "Law", "years": 3, "evening_classes": True}
        builder = Browser(make.member("adm"))
    assert b"Evening classes" in builder.get(f"/web-forms/{form.pk}/edit/").content


def test_a_closed_lead_that_sends_a_form_comes_back(form: WebForm) -> None:
    with acting_for(form.tenant):
        lead = leads.lead(email="ada@example.org", need="A valve")
        perform(lead, "disqualify", actor=SYSTEM, reason=leads.close_reason())
    sent(form)
    worked_off(form)
    with acting_for(form.tenant):
        assert Lead.objects.get().state == "new" and FormSubmission.objects.get().lead == lead
        assert (LeadTouch.objects.filter(lead=lead).count(), LeadEvent.objects.get().lead) == (2, lead)
        assert "A pump" in [entry.body for entry in history(lead)]
        perform(lead, "disqualify", actor=SYSTEM, reason=leads.close_reason(), at=timezone.now() - timedelta(days=181))
    sent(form, client=Client(REMOTE_ADDR="10.0.0.9"))
    worked_off(form)
    with acting_for(form.tenant):
        assert Lead.objects.count() == 2, "after half a year they are somebody new"
