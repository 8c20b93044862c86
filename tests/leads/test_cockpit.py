"""The list as the rep's cockpit: views of their own with counts, columns of their choice, many at once, out as a file."""

import csv
import io
from typing import Any

import pytest

from leads.models import Lead
from ltc.automation.models import SavedView
from ltc.events.outbox import run_pending
from ltc.notifications.models import Notification
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.users.models import Membership
from ltc.web import actions, bulk
from tests import make
from tests.leads import make as leads
from tests.pages import Browser


@pytest.fixture
def boss(tenant: Tenant) -> Membership:
    with acting_for(tenant):
        team = make.team("South")
        return make.member("mgr", team=team)


@pytest.fixture
def reps(tenant: Tenant, boss: Membership) -> list[Membership]:
    with acting_for(tenant):
        return [make.member("rep", team=boss.team) for _ in range(2)]


def test_a_list_is_kept_under_a_name_with_its_count(tenant: Tenant, boss: Membership, reps: list[Membership]) -> None:
    with acting_for(tenant):
        for region in ("Hunan", "Hunan", "Hubei"):
            leads.lead(region=region, owner=reps[0])
    browser, query = Browser(boss), "view=all&cols=state,region&region=Hunan"
    assert browser.post(f"/leads/views/save/?{query}", name="Hunan", shared="on").status_code == 302
    shown = browser.get(f"/leads/?{query}").context["page"]
    tab = next(view for view in shown["views"] if view["label"] == "Hunan")
    assert (tab["count"], tab["current"], len(shown["rows"])) == (2, True, 2)
    assert [column["name"] for column in shown["columns"]] == ["company", "state", "region"]
    assert [view["label"] for view in Browser(reps[0]).get("/leads/").context["page"]["views"]][-1] == "Hunan"
    assert browser.post(f"/leads/views/save/?{query}", name="Hunan").status_code == 422
    with acting_for(tenant):
        saved = SavedView.objects.get()
    assert Browser(reps[0]).post(f"/leads/views/{saved.pk}/delete/").status_code == 404
    assert browser.post(f"/leads/views/{saved.pk}/delete/").status_code == 302
    with acting_for(tenant):
        assert not SavedView.objects.exists()


def test_a_rep_saves_for_themselves_only(tenant: Tenant, reps: list[Membership]) -> None:
    browser = Browser(reps[0])
    assert browser.post("/leads/views/save/?view=mine", name="Mine", shared="on").status_code == 422
    assert browser.post("/leads/views/save/?view=mine", name="Mine").status_code == 302
    assert "Mine" not in [view["name"] for view in Browser(reps[1]).get("/leads/").context["page"]["views"]]
    with acting_for(tenant):
        assert SavedView.objects.get().shared is False


def test_a_cell_is_edited_where_it_stands_by_who_may(tenant: Tenant, boss: Membership, reps: list[Membership]) -> None:
    with acting_for(tenant):
        own = leads.lead(owner=reps[0], region="Hunan")
    page = Browser(reps[0]).get("/leads/?view=all&cols=region").content.decode()
    assert f"/leads/{own.pk}/edit/?field=region" in page
    edited = Browser(reps[0]).post(f"/leads/{own.pk}/edit/?field=region", region="Hubei")
    with acting_for(tenant):
        admin = make.member("adm")
        own.refresh_from_db()
    assert (edited.status_code, own.region) == (302, "Hubei")
    assert "field=region" not in Browser(admin).get("/leads/?view=all&cols=region").content.decode()


def assign_all(browser: Browser, owner: Membership, query: str, **more: Any) -> Any:
    return browser.post("/leads/bulk/", action="assign", all="1", query=query, asked="1", owner=str(owner.pk), **more)


def test_all_that_match_are_assigned_and_no_others(tenant: Tenant, boss: Membership, reps: list[Membership]) -> None:
    with acting_for(tenant):
        for region in ("Hunan", "Hunan", "Hubei"):
            leads.lead(region=region)
    browser = Browser(boss)
    asked = browser.post("/leads/bulk/", action="assign", all="1", query="view=pool&region=Hunan")
    assert b"2 records" in asked.content and b'name="all"' in asked.content
    assert assign_all(browser, reps[0], "view=pool&region=Hunan").status_code == 302
    with acting_for(tenant):
        assert set(Lead.objects.filter(owner=reps[0]).values_list("region", flat=True)) == {"Hunan"}


def test_more_than_anyone_waits_for_are_done_in_the_background(
    tenant: Tenant, boss: Membership, reps: list[Membership], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "MOST_AT_ONCE", 3)
    monkeypatch.setattr(bulk, "STEP", 2)
    with acting_for(tenant):
        for _ in range(5):
            leads.lead()
        Membership.objects.filter(pk=reps[0].pk).update(capacity=4)
    assert assign_all(Browser(boss), reps[0], "view=pool").status_code == 302
    with acting_for(tenant):
        assert not Lead.objects.filter(owner=reps[0]).exists()
        run_pending()
        assert Lead.objects.filter(owner=reps[0]).count() == 4
        assert "4" in Notification.objects.filter(recipient=boss).latest("id").title


def rows(response: Any) -> list[dict[str, str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    for close in response._resource_closers[:1]:  # what response.close() does, but for closing the test's own connection
        close()
    return list(csv.DictReader(io.StringIO(text)))


def test_all_that_match_go_out_as_a_file_with_contact_data_only_for_who_may(tenant: Tenant, reps: list[Membership]) -> None:
    rep = reps[0]
    with acting_for(tenant):
        leads.lead(owner=rep, region="Hunan", company_name="=cmd()", email="zhang@x.cn")
        leads.lead(owner=rep, region="Hubei")
    [line] = rows(Browser(rep).get("/leads/export.csv?view=mine&region=Hunan"))
    assert (line["company"], line["e-mail"], line["region"]) == ("'=cmd()", "z***@x.cn", "Hunan")
    with acting_for(tenant):
        Membership.objects.filter(pk=rep.pk).update(capabilities=["export_pii"])
    [line] = rows(Browser(rep).get("/leads/export.csv?view=mine&region=Hunan"))
    assert line["e-mail"] == "zhang@x.cn"
