import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from leads.imports import checking, running
from leads.imports.checking import map_import, run
from leads.imports.correcting import correct_row, undo_import
from leads.imports.reading import joined, read_table, table_of
from leads.imports.running import failed_rows
from leads.imports.taking import start_import
from leads.models import Channel, ImportBatch, ImportRow, Lead, LeadTouch
from leads.selectors import source_trail
from ltc.activities.models import Activity
from ltc.activities.services import log_activity
from ltc.events.outbox import run_pending
from ltc.refusals import Forbidden, Refusal
from ltc.timeline.services import history
from ltc.users.actors import SYSTEM
from ltc.users.keys import issue_key
from ltc.users.models import Membership
from tests import make
from tests.leads import make as leads

pytestmark = pytest.mark.usefixtures("inside")

LEADS = b"""LeadID,ContactID,LeadSource,LeadStatus,CreatedDate,Notes
L1,C1,Email Campaign,Working,2025-02-05,Call back
L2,C2,Referral,New,2025-04-18,
L3,C1,Event,Lost,2025-05-04,No money
L4,C2,Referral,Qualified,2025-05-05,
L5,C9,Referral,New,2025-05-06,Nobody knows
"""
CONTACTS = b"""ContactID,FullName,Email,Phone,State,Country
C1,Ada Byron,ada@example.com,+1-395-557-1028x208,Texas,USA
C2,Bo Lin,bo@example.net,957.962.1534,Ohio,USA
"""


@pytest.fixture
def batch(rep: Membership) -> ImportBatch:
    table = joined(read_table(LEADS), read_table(CONTACTS), "ContactID")
    return start_import(actor=rep, table=table, file_name="Leads.csv", source_system="old-crm")


def outcomes(batch: ImportBatch) -> dict[int, str]:
    return dict(batch.rows.order_by("line").values_list("line", "outcome"))


def test_the_dry_run_makes_nothing_and_says_what_is_wrong_by_line(batch: ImportBatch) -> None:
    assert (batch.state, batch.total, Lead.objects.count()) == ("checked", 5, 0)
    assert batch.columns["FullName"] == "contact_name" and batch.columns["State"] == "region"
    assert batch.values["state"] == {"Lost": "disqualified", "New": "new", "Qualified": "qualified", "Working": "working"}
    assert batch.values["channel"]["Email Campaign"] == "", "a rep may not make channels"
    errors = {row.line: [code for code, *_rest in row.errors] for row in batch.rows.all() if row.errors}
    warnings = {row.line: {code for code, *_rest in row.warnings} - {"unknown_channel"} for row in batch.rows.all()}
    assert errors == {6: ["no_name", "unreachable"]}
    assert {line: codes for line, codes in warnings.items() if codes} == {5: {"not_understood"}}


def test_a_run_brings_every_row_as_far_as_the_rules_let_it(batch: ImportBatch, rep: Membership) -> None:
    leads.channel("referral")
    map_import(batch, actor=rep, channels={"Referral": "referral"})
    run(batch, actor=rep)
    run_pending()
    batch.refresh_from_db()
    assert (batch.state, outcomes(batch)) == ("done", {2: "created", 3: "created", 4: "created", 5: "created", 6: "failed"})
    one, two, three, four = (Lead.objects.get(external_ref=f"L{number}") for number in range(1, 5))
    assert [lead.state for lead in (one, two, three, four)] == ["working", "new", "disqualified", "working"]
    assert (one.owner, two.owner, three.close_reason and three.close_reason.name) == (rep, None, "Lost")
    assert (one.phone, one.region, one.captured_at.isoformat()) == ("+13955571028", "Texas", "2025-02-04T16:00:00+00:00")
    assert one.first_response_at is None, "a file does not say when they were first answered"
    assert one.source_detail["cells"] == {
        "ContactID": "C1", "phone_extension": "208", "country": "USA", "state": "Working", "channel": "Email Campaign",
    }  # fmt: skip
    assert "Call back" in [entry.body for entry in history(one)]
    assert (two.channel.code, one.channel.code) == ("referral", "import")
    assert source_trail(one).get().occurred_at == one.captured_at
    assert one.scored_at is not None
    assert [code for code, *_rest in batch.rows.get(line=5).warnings] == ["not_understood"], "said once"


def test_marketing_makes_the_channels_that_a_file_names(rep: Membership) -> None:
    table = read_table(b"Name,Email,Source\nAda,ada@example.com,Podcast\n")
    batch = start_import(actor=make.member("mkt"), table=table)
    run(batch, actor=SYSTEM)
    run_pending()
    assert Lead.objects.get().channel == Channel.objects.get(code="podcast", name="Podcast")


def test_a_second_run_of_the_same_file_makes_nothing_twice(batch: ImportBatch, rep: Membership) -> None:
    run(batch, actor=rep)
    run_pending()
    table = joined(read_table(LEADS.replace(b"Texas", b"Utah")), read_table(CONTACTS.replace(b"Texas", b"Utah")), "ContactID")
    again = start_import(actor=SYSTEM, table=table, source_system="old-crm")
    assert {code for row in again.rows.all() for code, *_rest in row.warnings} >= {"known_reference"}
    run(again, actor=SYSTEM)
    run_pending()
    assert outcomes(again) == {2: "updated", 3: "updated", 4: "updated", 5: "updated", 6: "failed"}
    assert Lead.objects.count() == 4 == LeadTouch.objects.count()
    assert Lead.objects.get(external_ref="L1").region == "Utah"


def test_a_broken_off_run_goes_on_where_it_was(batch: ImportBatch, rep: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "ROWS_AT_ONCE", 2)
    run(batch, actor=rep)
    run_pending(limit=1)
    assert list(outcomes(batch).values()) == ["created", "created", "waiting", "waiting", "waiting"]
    run_pending()
    batch.refresh_from_db()
    assert (batch.state, Lead.objects.count()) == ("done", 4)


def test_the_failed_rows_come_back_as_a_file(batch: ImportBatch, rep: Membership) -> None:
    run(batch, actor=rep)
    run_pending()
    [failed] = list(csv.DictReader(io.StringIO(failed_rows(batch).removeprefix("\ufeff"))))
    assert (failed["#line"], failed["LeadID"], failed["Notes"]) == ("6", "L5", "Nobody knows")
    assert "Contact: There is no name" in failed["#reason"]


def test_duplicates_are_left_out_if_one_wants_that(rep: Membership) -> None:
    known = leads.lead(email="ada@example.com")
    table = read_table(b"Name,Email\nAda,ada@example.com\nBo,bo@example.com\n")
    batch = start_import(actor=rep, table=table, on_duplicate="skip")
    assert [code for code, *_rest in batch.rows.get(line=2).warnings] == ["duplicate"]
    run(batch, actor=rep)
    run_pending()
    assert outcomes(batch) == {2: "skipped", 3: "created"}
    assert batch.rows.get(line=2).lead == known


def test_a_full_owner_leaves_the_rest_in_the_pool() -> None:
    rep = make.member("rep", capacity=1)
    table = read_table(b"Name,Email,Status\nAda,a@example.com,Working\nBo,b@example.com,Working\n")
    batch = start_import(actor=rep, table=table)
    run(batch, actor=rep)
    run_pending()
    assert list(Lead.objects.order_by("email").values_list("state", flat=True)) == ["working", "new"]
    assert "limit" in batch.rows.get(line=3).warnings[-1][2]


def test_the_mapping_can_be_corrected_before_the_run(batch: ImportBatch, rep: Membership) -> None:
    columns = {**batch.columns, "Notes": "need"}
    map_import(batch, actor=rep, columns=columns, states={"Working": "nurturing"})
    run(batch, actor=rep)
    run_pending()
    one = Lead.objects.get(external_ref="L1")
    assert (one.state, one.need) == ("nurturing", "Call back")


WRONG: list[dict[str, Any]] = [
    {"columns": {"Notes": "shoe_size"}},
    {"columns": {"Notes": "need", "FullName": "need"}},
    {"states": {"Working": "merged"}},
]


@pytest.mark.parametrize("wrong", WRONG)
def test_a_mapping_that_makes_no_sense_is_refused(batch: ImportBatch, rep: Membership, wrong: dict[str, Any]) -> None:
    with pytest.raises(Refusal):
        map_import(batch, actor=rep, **wrong)
    batch.refresh_from_db()
    assert batch.columns["Notes"] == "note"


def test_an_import_is_run_once_and_by_its_owner(batch: ImportBatch, rep: Membership) -> None:
    with pytest.raises(Forbidden):
        run(batch, actor=make.member("rep"))
    run(batch, actor=rep)
    with pytest.raises(Refusal):
        run(batch, actor=rep)


def test_finance_imports_no_leads() -> None:
    with pytest.raises(Forbidden):
        start_import(actor=make.member("fin"), table=table_of([{"contact_name": "Ada"}]))
    assert not ImportRow.objects.exists()


def test_a_rep_gives_no_leads_to_others_by_way_of_a_file(rep: Membership) -> None:
    other = make.member("rep")
    table = read_table(f"Name,Email,Owner\nAda,ada@example.com,{other.email}\nBo,bo@example.com,{rep.email}\n".encode())
    batch = start_import(actor=rep, table=table, lead_owner=other)
    run(batch, actor=rep)
    run_pending()
    assert [lead.owner for lead in Lead.objects.order_by("contact_name")] == [None, rep]


def test_a_file_does_not_tell_of_a_lead_that_one_does_not_see(rep: Membership) -> None:
    leads.lead(email="ada@example.com", owner=make.member("rep"))
    batch = start_import(actor=rep, table=read_table(b"Name,Email\nAda,ada@example.com\n"), on_duplicate="skip")
    run(batch, actor=rep)
    run_pending()
    assert [(row.outcome, row.lead) for row in batch.rows.all()] == [("skipped", None)]


def test_a_key_imports_leads_only_if_it_may_add_them(inside: object) -> None:
    key, _text = issue_key(created_by=SYSTEM, name="files", access=["imports:write"])
    with pytest.raises(Forbidden):
        start_import(actor=key, table=table_of([{"contact_name": "Ada"}]))


def test_no_formula_leaves_with_the_failed_rows_and_corrected_ones_come_back_as_they_were(rep: Membership) -> None:
    evil = '=HYPERLINK("http://evil.example","x")'
    batch = start_import(actor=rep, table=table_of([{"Notes": evil, "Score": "-1"}]))
    run(batch, actor=rep)
    run_pending()
    text = failed_rows(batch)
    [row] = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert (row["Notes"], row["Score"]) == ("'" + evil, "-1")
    assert read_table(text.encode()).rows[0].cells["Notes"] == evil


def test_a_row_is_corrected_in_place_and_then_comes_in(batch: ImportBatch, rep: Membership) -> None:
    row = correct_row(batch, actor=rep, line=6, cells={"FullName": "Cy Nam", "Email": "cy@example.org"})
    assert (row.errors, batch.rows.get(line=6).errors) == ([], [])
    run(batch, actor=rep)
    run_pending()
    assert Lead.objects.get(external_ref="L5").email == "cy@example.org"
    with pytest.raises(Refusal):
        correct_row(batch, actor=rep, line=6, cells={"Email": "dy@example.org"})


def test_a_duplicate_is_brought_up_to_date_if_one_wants_that(rep: Membership) -> None:
    known = leads.lead(email="ada@example.com", owner=rep)
    hidden = leads.lead(email="eve@example.com", owner=make.member("rep"))
    table = read_table(
        b"Name,Email,City\nAda,ada@example.com,Wuhan\nEve,eve@example.com,Wuhan\nBo,bo@example.com,\nBo,bo@example.com,Xian\n"
    )
    batch = start_import(actor=rep, table=table, on_duplicate="update", lead_owner=None)
    run(batch, actor=rep)
    run_pending()
    assert list(outcomes(batch).values())[:3] == ["updated", "skipped", "created"]
    known.refresh_from_db()
    hidden.refresh_from_db()
    assert (known.region, hidden.region) == ("Wuhan", "")
    assert Lead.objects.filter(email="bo@example.com").count() == 1, "the second row means the lead that the first one has made"


def test_an_import_is_taken_back_but_for_what_was_worked_on(batch: ImportBatch, rep: Membership) -> None:
    run(batch, actor=rep)
    run_pending()
    batch.refresh_from_db()
    one, two = Lead.objects.get(external_ref="L1"), Lead.objects.get(external_ref="L2")
    log_activity(one, kind=Activity.Kind.CALL, actor=rep)
    undo_import(batch, actor=rep)
    run_pending()
    assert outcomes(batch) == {2: "created", 3: "undone", 4: "undone", 5: "undone", 6: "failed"}
    one.refresh_from_db()
    two.refresh_from_db()
    assert one.state == "working" and batch.rows.get(line=2).warnings[-1][0] == "stays_touched"
    assert (two.state, two.is_test, two.external_ref) == ("disqualified", True, "")
    again = start_import(actor=SYSTEM, table=joined(read_table(LEADS), read_table(CONTACTS), "ContactID"), source_system="old-crm")
    assert [row.line for row in again.rows.order_by("line") if "known_reference" in {code for code, *_rest in row.warnings}] == [2]


def test_an_import_of_the_day_before_yesterday_stays(batch: ImportBatch, rep: Membership) -> None:
    run(batch, actor=rep)
    run_pending()
    ImportBatch.objects.update(finished_at=timezone.now() - timedelta(hours=25))
    with pytest.raises(Refusal, match="24 hours"):
        undo_import(batch, actor=rep)
    assert not Lead.objects.filter(is_test=True).exists()


def test_a_large_file_is_checked_in_the_background(rep: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "AT_ONCE", 2)
    batch = start_import(actor=rep, table=read_table(b"ID,Name,Email\n1,A,a@example.com\n2,B,b@example.com\n1,C,c@example.com\n4,D,\n"))
    assert batch.state == "checking"
    with pytest.raises(Refusal, match="still being checked"):
        run(batch, actor=rep)
    run_pending()
    batch.refresh_from_db()
    assert batch.state == "checked"
    problems = {row.line: [code for code, *_rest in [*row.errors, *row.warnings]] for row in batch.rows.order_by("line")}
    assert problems == {2: [], 3: [], 4: ["repeated_reference"], 5: ["unreachable"]}


def test_rows_cost_a_fixed_number_of_queries(rep: Membership, django_assert_max_num_queries: Any) -> None:
    lines = "".join(f"{number},P{number},p{number}@example.com,Working,2025-01-0{1 + number % 9}\n" for number in range(60))
    batch = start_import(actor=rep, table=read_table(f"ID,Name,Email,Status,Date\n{lines}".encode()))
    run(batch, actor=rep)
    with django_assert_max_num_queries(70):
        running.run_import(batch.pk)
    assert Lead.objects.filter(state="working", owner=rep).count() == 60
    assert len(set(Lead.objects.values_list("number", flat=True))) == 60
