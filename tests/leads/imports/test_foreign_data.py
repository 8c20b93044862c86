"""A file with columns of its own, as another system writes it: the past of its leads comes in, and a score is learned from it."""

import csv
import io
import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from leads.imports.checking import map_import, run
from leads.imports.reading import MAX_BYTES, read_table
from leads.imports.taking import start_import
from leads.learning.services import train_model
from leads.models import ImportBatch, Lead
from ltc.automation.models import CustomField
from ltc.automation.services import update_field
from ltc.customers.models import Customer
from ltc.events.outbox import run_pending
from ltc.refusals import Forbidden
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.users.actors import SYSTEM
from tests import make
from tests.callers import Caller, caller_of

COLUMNS = (
    *("Lead Number", "Name", "Email", "Lead Source", "Converted", "Created", "Total Visits", "Time on Website"),
    *("Last Notable Activity", "City", "Gender"),
)
FIRST = datetime(2025, 1, 1, tzinfo=UTC)


def foreign_file(count: int = 320) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for number in range(count):
        visits, seconds, activity = number % 11, (number * 83) % 1500, ("SMS Sent", "Email Opened", "Modified")[number % 3]
        chance = 1 / (1 + math.exp(-(-4 + seconds / 250 + 2 * (activity == "SMS Sent"))))
        won = int((number * 0.6180339887) % 1 < chance)
        day = f"{FIRST + timedelta(days=number):%Y-%m-%d}"
        source = ("Google", "Direct Traffic", "Olark Chat", "Reference")[number % 4]
        seen = visits if number % 13 else ""
        who = [660000 + number, f"P{number}", f"p{number}@mail{number}.example"]
        writer.writerow([*who, source, won, day, seen, seconds, activity, "Select", "x"])
    return out.getvalue().encode()


@pytest.fixture
def admin(tenant: Tenant) -> Caller:
    return caller_of(tenant, role="adm")


def upload(admin: Caller, data: bytes) -> Any:
    assert len(data) < MAX_BYTES
    file = io.BytesIO(data)
    file.name = "Leads.csv"
    return admin.client.post("/api/v1/lead-imports/", data={"file": file, "source_system": "other-crm"}).json()


def brought_in(admin: Caller, tenant: Tenant, data: bytes) -> Any:
    batch = upload(admin, data)
    own = dict.fromkeys(("Total Visits", "Time on Website", "Last Notable Activity", "Gender"), "attributes.*")
    columns = {**batch["columns"], "Lead Number": "external_ref", "Created": "captured_at", "Converted": "state", **own}
    mapped = admin.patch(f"lead-imports/{batch['id']}/", {"columns": columns, "states": {"1": "converted", "0": "disqualified"}})
    assert mapped.status_code == 200, mapped.content
    assert mapped.json()["columns"]["Time on Website"] == "attributes.time_on_website"
    assert admin.post(f"lead-imports/{batch['id']}/run/", {}).status_code == 202
    with acting_for(tenant):
        run_pending()
        return ImportBatch.objects.get(pk=batch["id"])


def test_its_columns_become_attributes_and_its_conversions_facts(admin: Caller, tenant: Tenant) -> None:
    batch = brought_in(admin, tenant, foreign_file(40))
    with acting_for(tenant):
        assert (batch.state, batch.rows.filter(outcome="created").count()) == ("done", 40)
        kinds = dict(CustomField.objects.values_list("code", "kind"))
        assert kinds == {"total_visits": "number", "time_on_website": "number", "last_notable_activity": "text", "gender": "text"}
        lead = Lead.objects.get(external_ref="660001")
        assert lead.attributes == {"total_visits": 1, "time_on_website": 83, "last_notable_activity": "Email Opened", "gender": "x"}
        won = Lead.objects.filter(state="converted")
        assert won.exists() and all(lead.converted_at == lead.captured_at for lead in won)
        assert Customer.objects.count() == won.count()
        assert not Lead.objects.exclude(state__in=["converted", "disqualified"]).exists()
        assert lead.closed_at == lead.captured_at


def test_a_score_is_learned_from_its_columns(admin: Caller, tenant: Tenant) -> None:
    brought_in(admin, tenant, foreign_file())
    with acting_for(tenant):
        for field in CustomField.objects.exclude(code="gender"):
            update_field(field, actor=SYSTEM, is_feature=True)
        model = train_model(actor=SYSTEM, as_of=timezone.now())
        assert model is not None and model.accepted, model and (model.metrics, model.objections)
        names = {column["name"] for column in model.coefficients["columns"]}
        assert {"attributes.time_on_website", "attributes.last_notable_activity=Modified"} <= names
        assert not any("gender" in name for name in names)


def test_the_same_file_again_doubles_nothing(admin: Caller, tenant: Tenant) -> None:
    brought_in(admin, tenant, foreign_file(12))
    batch = brought_in(admin, tenant, foreign_file(12))
    with acting_for(tenant):
        assert Lead.objects.count() == 12 and CustomField.objects.count() == 4
        assert batch.rows.filter(outcome="updated").count() == 12


def test_who_may_not_add_attributes_imports_none(tenant: Tenant) -> None:
    with acting_for(tenant):
        rep = make.member("rep")
        batch = start_import(actor=rep, table=read_table(foreign_file(3)))
        batch = map_import(batch, actor=rep, columns={**batch.columns, "Total Visits": "attributes.*"})
        with pytest.raises(Forbidden):
            run(batch, actor=rep)
        assert not CustomField.objects.exists() and not Lead.objects.exists()
