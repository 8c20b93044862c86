"""A history that comes through the browser or by REST."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from leads.models import Lead
from ltc.events.outbox import run_pending
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from receivables.models import HistoryImport, HistoryPart
from tests import make as making
from tests.callers import Caller
from tests.collections.history import gold
from tests.pages import Browser

pytestmark = pytest.mark.django_db


def file_of(lines: list[dict[str, Any]]) -> SimpleUploadedFile:
    return SimpleUploadedFile("past.jsonl", "".join(json.dumps(line) + "\n" for line in lines).encode())


def send(caller: Caller, lines: list[dict[str, Any]], **more: str) -> Any:
    return caller.client.post("/api/v1/history-imports/", {"file": file_of(lines), **more})


def test_a_file_sent_by_rest_is_imported_in_the_background(tenant: Tenant, caller: Caller) -> None:
    sent = send(caller, gold.sales(), dry_run="true")
    assert sent.status_code == 202, sent.content
    run = sent.json()["id"]
    with acting_for(tenant):
        run_pending()
        assert not Lead.objects.exists()
    told = caller.get(f"history-imports/{run}/").json()
    assert (told["state"], told["dry_run"], told["fault_count"], told["added"]) == ("done", True, 0, len(gold.sales()))
    again = send(caller, gold.sales())
    assert again.status_code == 202
    with acting_for(tenant):
        run_pending()
        assert Lead.objects.count() == 14 and not HistoryPart.objects.exists()


def test_faults_are_read_by_rest_and_on_the_page(tenant: Tenant, caller: Caller) -> None:
    lines = [*gold.channels(), {"object": "lead", "ref": "L"}]
    sent = send(caller, lines)
    run = sent.json()["id"]
    with acting_for(tenant):
        run_pending()
    told = caller.get(f"history-imports/{run}/").json()
    assert (told["state"], told["fault_count"]) == ("faulty", 4)
    faults = caller.get(f"history-imports/{run}/faults/?limit=2").json()
    assert faults["has_more"] and faults["data"][0]["line"] == 7 and faults["data"][0]["remedy"]
    with acting_for(tenant):
        admin = making.member("adm")
    page = Browser(admin).get(f"/history-imports/{run}/")
    assert page.status_code == 200 and b"faults.csv" in page.content
    table = Browser(admin).get(f"/history-imports/{run}/faults.csv")
    assert b"channel" in b"".join(table.streaming_content)


def test_an_administrator_uploads_a_file_in_the_browser_and_nobody_else_may(tenant: Tenant) -> None:
    with acting_for(tenant):
        admin, rep = making.member("adm"), making.member("rep")
    assert Browser(rep).get("/history-imports/").status_code == 403
    browser = Browser(admin)
    assert browser.get("/history-imports/").status_code == 200
    sent = browser.post("/history-imports/", file=file_of(gold.sales()))
    assert sent.status_code == 302
    with acting_for(tenant):
        run = HistoryImport.objects.get()
        assert (run.state, run.owner) == ("waiting", admin)
    assert b"progress" in browser.get(f"/history-imports/{run.pk}/").content
    with acting_for(tenant):
        run_pending()
    assert b"5" in browser.get(f"/history-imports/{run.pk}/").content
    with acting_for(tenant):
        assert HistoryImport.objects.get().state == "done" and Lead.objects.count() == 14
