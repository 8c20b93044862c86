"""The settings of reminders in the browser and by REST."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from ltc.calendars.services import set_up_calendar
from ltc.refusals import Forbidden, Refusal
from ltc.tenancy.context import acting_for
from receivables.models import CustomerDunningSetting, DunningPolicy, DunningTemplate, ItemStop
from receivables.services.policies import policy_in_force, save_policy
from receivables.services.writing import save_text
from tests import make
from tests.callers import caller_of
from tests.collections.make import owed
from tests.pages import Browser


@pytest.fixture
def browser(inside):
    set_up_calendar("CN", years=[2026])
    policy_in_force()
    return Browser(make.member("fin"))


def steps(*levels: tuple[int, int]) -> dict[str, str]:
    """The rows of the form for these levels and days."""
    found = {"steps-TOTAL_FORMS": str(len(levels)), "steps-INITIAL_FORMS": "0"}
    for number, (level, offset) in enumerate(levels):
        row = {"level": level, "offset_days": offset, "channels": "email", "channel_mode": "all", "template_code": "L3", "cc": "owner"}
        found |= {f"steps-{number}-{name}": str(value) for name, value in row.items()}
    return found


FIELDS = {
    "name": "Careful", "min_interval_days": "5", "min_amount": "50", "windows": "10:00–11:00, 15:00-16:00", "consolidate": "on",
    "blackouts": "2026-12-24–2026-12-31", "business_days_only": "on", "import_mode": "catch_up", "dispute_mode": "whole_item",
    "interest": "show", "for_classes": "large, government",
}  # fmt: skip


def test_finance_makes_a_policy_and_changes_it(browser):
    made = browser.post("/reminder-policies/new/", **FIELDS, **steps((2, 9), (1, 2)))
    assert made.status_code == 302, made.content[:900]
    policy = DunningPolicy.objects.get(name="Careful")
    assert [(step.level, step.offset_days, step.text, step.cc) for step in policy.steps.all()] == [
        (1, 2, "L3", ["owner"]), (2, 9, "L3", ["owner"]),
    ]  # fmt: skip
    assert (policy.windows, policy.for_classes) == ([["10:00", "11:00"], ["15:00", "16:00"]], ["large", "government"])
    assert "Careful" in browser.get(f"/reminder-policies/{policy.pk}/").content.decode()
    assert "10:00–11:00" in browser.get(f"/reminder-policies/{policy.pk}/edit/").content.decode()
    refused = browser.post(f"/reminder-policies/{policy.pk}/edit/", **FIELDS, **steps((1, 9), (2, 2)))
    assert refused.status_code == 422
    assert [step.offset_days for step in policy.steps.all()] == [2, 9]


def test_there_is_always_one_default_policy(browser):
    fin = make.member("fin")
    default = policy_in_force()
    with pytest.raises(Refusal):
        save_policy(default, actor=fin, is_default=False)
    other = save_policy(None, actor=fin, name="Other", is_default=True)
    default.refresh_from_db()
    assert (default.is_default, other.is_default, other.steps.count()) == (False, True, 7)
    with pytest.raises(Forbidden):
        save_policy(other, actor=make.member("rep"), name="Mine")


def test_a_text_is_checked_when_it_is_saved_and_can_be_given_back(browser):
    page = "/reminder-texts/L3/en/"
    assert "we have not yet seen the payment" in browser.get(page).content.decode()
    wrong = browser.post(page, subject="Pay {{ total_overdue }}", body="Dear {{ first_name }}, {% include 'x' %}")
    assert wrong.status_code == 422 and "first_name" in wrong.content.decode()
    assert browser.post(page, subject="Pay {{ total_overdue }}", body="Dear {{ contact_name }}, {{ rows }}").status_code == 302
    assert DunningTemplate.objects.get().subject == "Pay {{ total_overdue }}"
    assert "Your own" in browser.get("/reminder-texts/").content.decode()
    browser.post(page, restore="1")
    assert not DunningTemplate.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        "{{ items.0.secret }}",
        "{{ customer.owner }}",
        "{% load i18n %}",
        "{% debug %}",
        "{{ contact_name|safe }}",
        "{% if unknown %}x{% endif %}",
        "{% for item in items %}{{ item.password }}{% endfor %}",
        "{{ contact_name",
        "{% for x in y %}{% endfor %}",
        "{% for a in items %}{% for b in items %}x{% endfor %}{% endfor %}",
        '{% for a in "a long text" %}x{% endfor %}',
    ],
)
def test_a_text_names_nothing_but_the_variables_of_letters(inside, body):
    with pytest.raises(Refusal) as refusal:
        save_text(actor=make.member("adm"), code="L3", language="en", subject="Hello", body=body)
    assert refusal.value.code == "template_variable_unknown"
    assert not DunningTemplate.objects.exists()


def test_a_customer_is_paused_and_an_item_stopped_from_their_pages(browser, rep):
    item = owed(rep, due=date(2026, 9, 30))
    soon = (timezone.localdate() + timedelta(days=9)).isoformat()
    customer = f"/customer-reminders/{item.customer_id}/"
    assert browser.post(customer, paused_until=soon).status_code == 422
    assert browser.post(customer, paused_until=soon, reason="Talks").status_code == 302
    assert CustomerDunningSetting.objects.get().reason == "Talks"
    assert soon in browser.get(customer).content.decode()
    stopped = browser.post(f"/stop-reminders/{item.invoice_id}/", item=str(item.pk), until=soon, reason="Parts are missing")
    assert stopped.status_code == 302, stopped.content[:500]
    assert ItemStop.objects.get().until.isoformat() == soon
    assert "Not reminded of until" in browser.get(f"/invoices/{item.invoice_id}/").content.decode()


def test_the_dry_run_in_the_browser_and_by_rest(tenant):
    with acting_for(tenant):
        set_up_calendar("CN", years=[2026])
        item = owed(make.member("rep"), due=date(2026, 9, 30))
        page = Browser(make.member("fin")).get("/reminder-plan/?from=2026-10-08&to=2026-10-08")
        assert page.status_code == 200
        text = page.content.decode()
        assert item.invoice.number in text and "On these days 1 message would go out." in text
        assert (
            Browser(make.member("rep")).get("/reminder-plan/?from=2026-10-08&to=2026-10-08").content.decode().count(item.invoice.number)
            == 0
        )
    answer = caller_of(tenant).get("reminder-plan/?from=2026-10-08&to=2026-10-09").json()["data"]
    assert [(line["level"], line["outcome"]) for line in answer] == [(1, "superseded"), (2, "superseded"), (3, "superseded"), (4, "sent")]
    assert answer[-1] == {"date": "2026-10-08", "invoice": item.invoice.number, "seq": 1, "level": 4, "outcome": "sent", "reason": None}
    assert caller_of(tenant).get("reminder-plan/?from=2026-10-08&to=2026-10-01").status_code == 409


def test_policies_settings_stops_and_texts_by_rest(tenant):
    with acting_for(tenant):
        item = owed(make.member("rep"), due=date(2026, 9, 30))
    fin = caller_of(tenant, role="fin")
    body = {"name": "Mild", "steps": [{"level": 1, "offset_days": 20, "channels": ["email"]}], "windows": [["09:00", "18:00"]]}
    made = fin.post("reminder-policies/", body)
    assert made.status_code == 201, made.content
    assert made.json()["steps"][0]["offset_days"] == 20
    assert fin.post("reminder-policies/", {**body, "windows": [["18:00", "09:00"]]}).status_code == 400
    assert fin.post("reminder-settings/", {"customer": str(item.customer_id), "policy": made.json()["id"]}).status_code == 201
    until = (timezone.localdate() + timedelta(days=3)).isoformat()
    assert fin.post("reminder-stops/", {"item": str(item.pk), "until": until, "reason": "Talks"}).status_code == 201
    text = {"code": "L3", "language": "en", "subject": "Hello {{ contact_name }}", "body": "{{ rows }}"}
    assert fin.post("reminder-texts/", text).status_code == 201
    assert fin.post("reminder-texts/", {**text, "body": "{{ nobody }}"}).status_code == 409
