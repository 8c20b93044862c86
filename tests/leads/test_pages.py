from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import clear_script_prefix

from leads.models import Channel, ImportBatch, Lead
from ltc.activities.models import Activity
from ltc.activities.services import log_activity
from ltc.events.outbox import run_pending
from ltc.users.models import Membership
from ltc.workflow.engine import perform
from tests import make
from tests.leads import make as leads
from tests.pages import Browser


@pytest.fixture(autouse=True)
def no_prefix() -> Iterator[None]:
    clear_script_prefix()
    yield
    clear_script_prefix()


def text(response: Any) -> str:
    assert response.status_code == 200, response.content
    content: str = response.content.decode()
    return content


def titles(response: Any) -> list[str]:
    return [row["title"] for row in response.context["page"]["rows"]]


def test_the_list_shows_what_a_rep_owns_and_the_pool(rep: Membership) -> None:
    leads.lead(company_name="Mine", owner=rep)
    leads.lead(company_name="Nobody's")
    leads.lead(company_name="Theirs", owner=make.member("rep"))
    browser = Browser(rep)
    assert titles(browser.get("/leads/")) == ["Nobody's", "Mine"]
    assert titles(browser.get("/leads/", view="mine")) == ["Mine"]
    assert titles(browser.get("/leads/", view="pool")) == ["Nobody's"]
    assert titles(browser.get("/leads/", q="body")) == ["Nobody's"]
    assert titles(browser.get("/leads/", view="all", sort="company")) == ["Mine", "Nobody's"]


def test_hot_leads_that_nobody_has_spoken_to_have_a_view_and_stand_on_the_first_page(rep: Membership) -> None:
    hot = leads.lead(company_name="Hot", owner=rep)
    Lead.objects.filter(pk=hot.pk).update(grade="A")
    leads.lead(company_name="Cold", owner=rep)
    browser = Browser(rep)
    assert titles(browser.get("/leads/", view="hot")) == ["Hot"]
    assert [each.title for each in browser.get("/").context["page"]["next"]] == ["Hot"]


def test_the_list_costs_as_much_for_many_as_for_few(rep: Membership) -> None:
    browser = Browser(rep)

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            browser.get("/leads/")
        return len(found)

    leads.lead(owner=rep)
    queries()
    few = queries()
    for _ in range(12):
        leads.lead(owner=rep)
    assert queries() == few <= 14


def test_a_record_shows_its_score_with_reasons_and_where_it_came_from(rep: Membership) -> None:
    lead = leads.lead(owner=rep, industry_match="target", phone="13800008000")
    run_pending()
    page = text(Browser(rep).get(f"/leads/{lead.pk}/"))
    for shown in ("Target industry", "+15.0", "Unknown, and worth asking", "Website", "+8613800008000", "Grade D", "First contact made"):
        assert shown in page


def test_in_the_pool_contact_data_is_masked_and_no_link(rep: Membership) -> None:
    lead = leads.lead(phone="13800008000", email="zhang@x.cn")
    page = text(Browser(rep).get(f"/leads/{lead.pk}/"))
    assert "+86138****8000" in page and "z***@x.cn" in page
    assert "13800008000" not in page and "mailto:z" not in page


def test_a_lead_of_another_rep_is_not_there(rep: Membership) -> None:
    theirs = leads.lead(owner=make.member("rep"))
    browser = Browser(rep)
    assert browser.get(f"/leads/{theirs.pk}/").status_code == 404
    assert browser.get(f"/leads/{theirs.pk}/edit/").status_code == 404


def test_a_duplicate_is_pointed_at(rep: Membership) -> None:
    leads.lead(company_name="Yueheng", owner=make.member("rep", team=make.team("East")))
    lead = leads.lead(company_name="Yueheng", owner=rep)
    page = text(Browser(rep).get(f"/leads/{lead.pk}/"))
    assert "Possible duplicates" in page and "With East" in page


def test_a_rep_captures_a_lead_by_hand(rep: Membership) -> None:
    browser = Browser(rep)
    form: dict[str, Any] = {
        "contact_name": "Ada",
        "email": "ada@example.com",
        "channel": leads.channel().pk,
        "owner": rep.pk,
        "currency": "CNY",
    }
    choices = {"industry_match": "target", "seniority": "manager", "budget": "planned", "authority": "unknown"}
    values: dict[str, Any] = {**form, **choices, "need_level": "clear", "timeline": "le3m"}
    assert text(browser.get("/leads/new/"))
    refused = browser.post("/leads/new/", **{**values, "email": ""})
    assert (refused.status_code, Lead.objects.count()) == (422, 0)
    assert "Add a telephone number" in refused.content.decode()
    assert browser.post("/leads/new/", **values).status_code == 302
    lead = Lead.objects.get()
    assert (lead.owner, lead.state, lead.contact_name) == (rep, "assigned", "Ada")
    edited = browser.post(f"/leads/{lead.pk}/edit/?version={lead.version}", **{**values, "contact_name": "Ada Byron"})
    assert edited.status_code == 302
    lead.refresh_from_db()
    assert lead.contact_name == "Ada Byron"
    assert browser.post(f"/leads/{lead.pk}/edit/?version=1", **values).status_code == 409


def test_a_lead_is_worked_on_its_page(rep: Membership) -> None:
    lead = leads.lead(**leads.UNDERSTOOD)
    browser = Browser(rep)
    assert browser.post(f"/leads/{lead.pk}/do/claim/").status_code == 302
    assert "How" in text(browser.get(f"/leads/{lead.pk}/do/log_first_contact/"))
    browser.post(f"/leads/{lead.pk}/do/log_first_contact/", channel="call")
    browser.post(f"/leads/{lead.pk}/do/qualify/")
    lead.refresh_from_db()
    assert (lead.state, lead.owner) == ("qualified", rep)
    dialog = text(browser.get(f"/leads/{lead.pk}/do/convert/", htmx=True))
    assert "Existing customer" in dialog and "Opportunity" in dialog


def test_a_manager_assigns_many_at_once(inside: object) -> None:
    team = make.team("South")
    boss, rep = make.member("mgr", team=team), make.member("rep", team=team)
    pool = [leads.lead() for _ in range(3)]
    browser = Browser(boss)
    ids = [str(lead.pk) for lead in pool]
    assert "Owner" in text(browser.post("/leads/bulk/", action="assign", id=ids))
    browser.post("/leads/bulk/", action="assign", id=ids, asked="1", owner=rep.pk)
    assert set(Lead.objects.values_list("owner", "state")) == {(rep.pk, "assigned")}


def test_a_call_that_is_logged_is_the_first_contact(rep: Membership) -> None:
    lead = leads.lead(owner=rep)
    log_activity(lead, kind=Activity.Kind.NOTE, actor=rep, result="Looks good")
    lead.refresh_from_db()
    assert lead.state == "assigned", "a note is no contact"
    log_activity(lead, kind=Activity.Kind.CALL, actor=rep, result="Spoke to Ada")
    lead.refresh_from_db()
    assert lead.state == "working" and lead.first_response_at is not None
    first = lead.last_activity_at
    log_activity(lead, kind=Activity.Kind.CALL, actor=rep, result="And again")
    lead.refresh_from_db()
    assert first is not None and lead.last_activity_at is not None and lead.last_activity_at > first


def test_an_overdue_first_answer_is_said(rep: Membership) -> None:
    lead = leads.lead(owner=rep)
    Lead.objects.filter(pk=lead.pk).update(first_response_due_at=lead.captured_at)
    assert "The first answer is overdue" in text(Browser(rep).get(f"/leads/{lead.pk}/"))


def test_a_merged_lead_points_to_its_survivor(inside: object) -> None:
    gone, survivor = leads.lead(), leads.lead(company_name="Survivor")
    perform(gone, "merge", actor=make.member("mkt"), survivor=survivor)
    assert "Survivor" in text(Browser(make.member("mkt")).get(f"/leads/{gone.pk}/"))


CSV = b"LeadID,FullName,Email,LeadStatus,LeadSource\nL1,Ada,ada@example.com,New,Fair\nL2,,,New,Fair\n"


def test_a_file_is_imported_on_the_pages(inside: object) -> None:
    marketing = make.member("mkt")
    browser = Browser(marketing)
    assert "Second file" in text(browser.get("/leads/import/"))
    sent = browser.post("/leads/import/", file=SimpleUploadedFile("Leads.csv", CSV), source_system="old")
    batch = ImportBatch.objects.get()
    assert sent.status_code == 302 and sent["Location"].endswith(f"/leads/import/{batch.pk}/")
    page = text(browser.get(f"/leads/import/{batch.pk}/"))
    for shown in ("FullName", "Ada", "Their states", "New source: Fair", "There is no name", "Import 2 rows"):
        assert shown in page
    form: dict[str, Any] = {f"column-{number}": batch.columns[header] for number, header in enumerate(batch.headers)}
    settings: dict[str, Any] = {
        "channel": batch.channel_id,
        "lead_owner": "",
        "on_duplicate": "create",
        "date_order": "ymd",
        "state-0": "new",
        "channel-0": "fair",
    }
    checked = browser.post(f"/leads/import/{batch.pk}/", **form, **settings)
    assert checked.status_code == 302
    browser.post(f"/leads/import/{batch.pk}/", step="run")
    running = browser.get(f"/leads/import/{batch.pk}/", part="progress")
    assert "0 of 2 rows" in text(running)
    run_pending()
    result = text(browser.get(f"/leads/import/{batch.pk}/"))
    assert "All 2 rows are through" in result and "Download the failed rows" in result
    assert Lead.objects.get().channel == Channel.objects.get(code="fair")
    assert b"L2" in browser.get(f"/leads/import/{batch.pk}/failed.csv").content


def test_a_file_that_is_no_table_is_refused_in_words(rep: Membership) -> None:
    answer = Browser(rep).post("/leads/import/", file=SimpleUploadedFile("x.csv", b"Name\n"), source_system="old")
    assert answer.status_code == 422 and "a heading and no rows" in answer.content.decode()


def test_an_import_of_another_rep_is_not_there(rep: Membership) -> None:
    browser = Browser(rep)
    browser.post("/leads/import/", file=SimpleUploadedFile("Leads.csv", CSV), source_system="old")
    batch = ImportBatch.objects.get()
    other = Browser(make.member("rep"))
    assert other.get(f"/leads/import/{batch.pk}/").status_code == 404
    assert other.get(f"/leads/import/{batch.pk}/failed.csv").status_code == 404


def test_sources_are_kept_on_pages(inside: object) -> None:
    browser = Browser(make.member("mkt"))
    assert browser.post("/channels/new/", name="Canton Fair", kind="exhibition", active="on").status_code == 302
    channel = Channel.objects.get(name="Canton Fair")
    assert channel.code == "canton-fair"
    assert titles(browser.get("/channels/")) == ["Canton Fair"]
    browser.post(f"/channels/{channel.pk}/edit/?version=1", name="Canton Fair", kind="exhibition")
    channel.refresh_from_db()
    assert channel.active is False
    assert Browser(make.member("rep")).get("/channels/new/").status_code == 403


def test_finance_has_no_leads(inside: object) -> None:
    browser = Browser(make.member("fin"))
    assert [browser.get(path).status_code for path in ("/leads/", "/leads/new/", "/leads/import/")] == [403, 403, 403]
