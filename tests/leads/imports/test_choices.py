"""What one may choose for an import beside its columns: attributes at one stroke, a day for rows without one, rows that name nobody,
distribution by the rules; and what the dry run knows of customers and of similar names."""

from datetime import date
from typing import Any

import pytest

from leads.assignment import create_rule
from leads.imports.checking import map_import, run
from leads.imports.correcting import undo_import
from leads.imports.reading import read_table
from leads.imports.taking import start_import
from leads.models import ImportBatch, Lead, LeadAssignment
from ltc.automation.models import CustomField
from ltc.customers.services import create_customer
from ltc.events.outbox import run_pending
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.users.actors import SYSTEM
from ltc.users.models import Membership
from tests import make
from tests.callers import caller_of
from tests.leads import make as leads
from tests.pages import Browser

COURSES = b"""Prospect ID,Lead Number,Lead Source,Converted,TotalVisits,Last Activity,Gender
a1,660737,Google,1,5,SMS Sent,f
a2,660728,Direct Traffic,0,0,Email Opened,m
a3,660727,Google,0,2.5,,f
"""
PEOPLE = b"""Name,Company,Email,Created
Ada,Harbor Tools Ltd,ada@example.org,2026-05-01
Bo,Riverbank Machines International,bo@example.org,
Cy,Cy Works,zhang@harbor.example,
Di,Something New,di@example.org,
"""


@pytest.fixture
def admin(inside: Tenant) -> Membership:
    return make.member("adm")


def started(actor: Membership, data: bytes, **choices: Any) -> ImportBatch:
    return start_import(actor=actor, table=read_table(data), source_system="old", **choices)


def ran(batch: ImportBatch, actor: Membership) -> ImportBatch:
    run(batch, actor=actor)
    run_pending()
    batch.refresh_from_db()
    return batch


def warnings(batch: ImportBatch) -> dict[int, set[str]]:
    return {row.line: {code for code, *_rest in row.warnings} for row in batch.rows.order_by("line")}


def test_rows_that_name_nobody_are_left_out_unless_one_says_so(admin: Membership) -> None:
    batch = started(admin, COURSES)
    assert all([code for code, *_rest in row.errors] == ["no_name", "unreachable"] for row in batch.rows.all())
    batch = map_import(batch, actor=admin, nameless=True)
    assert warnings(batch)[2] >= {"stand_in"} and not batch.rows.exclude(errors=[]).exists()
    ran(batch, admin)
    lead = Lead.objects.get(external_ref="660737")
    assert (lead.contact_name, lead.wecom, lead.state) == ("660737", "660737", "converted")


def test_all_columns_without_a_field_become_attributes_at_one_stroke_and_the_score_may_learn_from_them(admin: Membership) -> None:
    batch = started(admin, COURSES, nameless=True)
    assert batch.columns["Converted"] == "state" and batch.values["state"] == {"0": "", "1": "converted"}
    batch = map_import(batch, actor=admin, others="attributes", learn=True, captured_on=date(2025, 3, 1))
    assert batch.columns["TotalVisits"] == "attributes.totalvisits" and batch.columns["Lead Number"] == "external_ref"
    ran(batch, admin)
    known = {field.code: (field.kind, field.is_feature) for field in CustomField.objects.all()}
    assert known["totalvisits"] == ("number", True) and known["last_activity"] == ("text", True)
    assert known["gender"] == ("text", False), "nobody is scored by what they are"
    lead = Lead.objects.get(external_ref="660728")
    assert lead.attributes == {"prospect_id": "a2", "totalvisits": 0, "last_activity": "Email Opened", "gender": "m"}
    assert lead.local_day(lead.captured_at) == date(2025, 3, 1) == lead.local_day(Lead.objects.get(state="converted").converted_at)


def test_the_dry_run_knows_customers_their_people_and_similar_names(admin: Membership) -> None:
    create_customer(actor=SYSTEM, name="Harbor Tools", contacts=[{"name": "Zhang", "email": "zhang@harbor.example"}])
    leads.lead(company_name="Riverbank Machines Internationa")
    batch = started(admin, PEOPLE)
    assert warnings(batch) == {2: {"known_customer"}, 3: {"similar"}, 4: {"known_customer"}, 5: set()}


def test_imported_leads_are_given_out_by_the_rules_if_one_wants_it(admin: Membership, rep: Membership) -> None:
    create_rule(actor=SYSTEM, name="All to one", position=1, member=rep)
    ran(started(admin, PEOPLE), admin)
    assert not Lead.objects.filter(owner__isnull=False).exists()
    batch = ran(started(admin, PEOPLE.replace(b"example.org", b"example.net"), distribute=True), admin)
    given = Lead.objects.filter(owner=rep)
    assert given.count() == 4 == LeadAssignment.objects.filter(method="rule", to_member=rep).count()
    assert all(lead.first_response_due_at is None or lead.state == "assigned" for lead in given)
    undo_import(batch, actor=admin)
    run_pending()
    assert dict(batch.rows.values_list("line", "outcome")) == dict.fromkeys(range(2, 6), "undone")


def test_the_choices_are_offered_by_rest_and_in_the_wizard(tenant: Tenant) -> None:
    caller = caller_of(tenant, role="adm")
    batch = caller.post("lead-imports/", {"rows": [{"external_ref": "1", "Shoe size": "42"}], "nameless": True}).json()
    choices = {"others": "attributes", "learn": True, "captured_on": "2025-01-01", "distribute": True}
    mapped = caller.patch(f"lead-imports/{batch['id']}/", choices).json()
    assert mapped["columns"]["Shoe size"] == "attributes.shoe_size"
    assert (mapped["learn"], mapped["captured_on"], mapped["distribute"], mapped["nameless"]) == (True, "2025-01-01", True, True)
    with acting_for(tenant):
        admin = make.member("adm")
        browser, waiting = Browser(admin), started(admin, COURSES)
    page = f"/leads/import/{waiting.pk}/"
    assert b"Make attributes of all columns" in browser.get(page).content
    form = {
        **{f"column-{number}": waiting.columns[header] for number, header in enumerate(waiting.headers)},
        **{"channel": str(waiting.channel_id), "on_duplicate": "create", "date_order": "ymd", "others": "on", "nameless": "on"},
    }
    assert browser.post(page, **form).status_code in (200, 204, 302)
    with acting_for(tenant):
        waiting.refresh_from_db()
        assert waiting.nameless and waiting.columns["Last Activity"] == "attributes.last_activity"
