"""Small histories that a doubter would try: midnights, changed clocks, changed owners, bounced payments, merged leads, two currencies."""

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from leads.models import Lead
from ltc.analytics.counted import count, mean, share, total
from ltc.analytics.registry import metrics
from ltc.events.outbox import run_pending
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from tests.callers import Caller, caller_of
from tests.collections.history import gold
from tests.collections.history import make as history
from tests.ltc.analytics.test_history_gold import Line, answer_of, company, told

pytestmark = pytest.mark.django_db
SUMS = (count, share, mean, total)
WEB: Line = {"object": "channel", "ref": "web", "name": "Web", "kind": "web"}
FAIR: Line = {"object": "channel", "ref": "fair", "name": "Fair", "kind": "exhibition"}


def person(ref: str, team: str = "") -> Line:
    line: Line = {"object": "user", "ref": ref, "email": f"{ref}@past.example", "name": ref.title(), "role": "rep"}
    return {**line, "team": team} if team else line


def lead(ref: str, at: str, channel: str = "web", **more: Any) -> Line:
    return {"object": "lead", "ref": ref, "at": at, "channel": channel, "company_name": ref, "contact_name": ref,
            "email": f"{ref.lower()}@buyer.example", **more}  # fmt: skip


def customer(ref: str, at: str, **more: Any) -> Line:
    return {"object": "customer", "ref": ref, "name": f"Customer {ref}", "at": at, **more}


def deal(ref: str, at: str, amount: str, **more: Any) -> Line:
    return {"object": "opportunity", "ref": ref, "at": at, "customer": "C", "amount": amount, "expected_close": "2026-12-31", **more}


def invoice(ref: str, day: str, due: str, amount: str, **more: Any) -> Line:
    items = [{"seq": 1, "due_date": due, "amount": amount}]
    return {"object": "invoice", "ref": ref, "customer": "C", "invoice_date": day, "items": items, **more}


def payment(ref: str, day: str, amount: str, to: str = "", **more: Any) -> Line:
    shares = [{"invoice": to, "seq": 1, "amount": amount}] if to else []
    return {"object": "payment", "ref": ref, "customer": "C", "received_on": day, "amount": amount, "allocations": shares, **more}


def value(caller: Caller, code: str, query: str) -> Any:
    return answer_of(caller, code, query)["value"]


def by(caller: Caller, code: str, query: str, dimension: str) -> dict[str, Any]:
    rows = caller.get(f"metrics/{code}/?{query}&by={dimension}").json()["rows"]
    return {row["label"] or row["key"]: row.get("value") for row in rows}


def test_midnight_and_the_change_of_the_clocks_in_los_angeles() -> None:
    lines = [
        WEB,
        lead("A", "2026-03-08T00:00:00-08:00"), lead("B", "2026-03-08T23:59:59-07:00"), lead("C", "2026-03-09T00:00:00-07:00"),
        lead("D", "2026-03-07T23:59:59-08:00"), lead("E", "2026-04-01T06:59:59Z"), lead("F", "2026-04-01T07:00:00Z"),
        customer("C", "2026-03-01T08:00:00-08:00"),
        invoice("I", "2026-04-01", "2026-04-10", "100.00"), payment("P", "2026-04-10", "100.00", "I"),
    ]  # fmt: skip
    caller = caller_of(company(lines, code="west", zone="America/Los_Angeles", currency="USD"))
    now = "as_of=2026-06-30"
    assert value(caller, "lead.count", f"from=2026-03-08&to=2026-03-08&{now}") == "2"
    assert value(caller, "lead.count", f"from=2026-03-01&to=2026-03-31&{now}") == "5"
    assert value(caller, "lead.count", f"period=2026-04&{now}") == "1"
    assert value(caller, "ar.outstanding", "period=2026-04&as_of=2026-04-10T06:59:59Z") == "100.00"
    assert value(caller, "ar.outstanding", "period=2026-04&as_of=2026-04-10T07:00:00Z") == "0.00"
    assert value(caller, "ar.outstanding", "period=2026-04&as_of=2026-04-10T00:00:00-07:00") == "0.00"
    assert value(caller, "lead.count", "from=2026-03-08&to=2026-03-08&as_of=2026-03-08T23:59:58") == "1"


def test_days_in_berlin_are_as_long_as_they_were() -> None:
    lines = [
        customer("C", "2026-03-01T09:00:00+01:00"), person("rep"),
        deal("O", "2026-03-28T12:00:00+01:00", "1000.00", owner="rep"),
        {"object": "opportunity_stage", "opportunity": "O", "at": "2026-03-30T12:00:00+02:00", "stage": "bidding"},
        {"object": "opportunity_status", "opportunity": "O", "at": "2026-03-31T23:59:59+02:00", "to": "won"},
    ]  # fmt: skip
    caller = caller_of(company(lines, code="mitte", zone="Europe/Berlin", currency="EUR"))
    march = "period=2026-03&as_of=2026-03-31"
    assert value(caller, "stage.time[S1]", march) == "1.9583"
    assert value(caller, "stage.time[S2]", march) is None
    assert value(caller, "fc.closed", march) == "1000.00"
    assert answer_of(caller, "funnel.flow", march)["table"] == {"S1": 1, "S2": 0, "S3": 1, "S4": 0, "S5": 0, "won": 1}
    assert value(caller, "fc.closed", "period=2026-04&as_of=2026-04-30") == "0.00"


def test_whoever_had_a_record_at_the_event_has_the_credit() -> None:
    lines = [
        WEB, {"object": "team", "ref": "N", "name": "North"}, {"object": "team", "ref": "S", "name": "South"},
        person("ann", "N"), person("bob", "S"), person("cat"), customer("C", "2026-04-01T08:00:00+08:00"),
        {"object": "owner_change", "record": "customer", "ref": "C", "at": "2026-04-01T09:00:00+08:00", "to": "ann"},
        lead("L", "2026-04-02T09:00:00+08:00", owner="ann"),
        {"object": "lead_state", "lead": "L", "at": "2026-04-05T09:00:00+08:00", "to": "converted", "opportunity": "O"},
        deal("O", "2026-04-05T09:00:00+08:00", "500.00", lead="L"),
        {"object": "owner_change", "record": "lead", "ref": "L", "at": "2026-04-07T09:00:00+08:00", "to": "cat"},
        {"object": "owner_change", "record": "opportunity", "ref": "O", "at": "2026-04-08T09:00:00+08:00", "to": "bob"},
        {"object": "opportunity_status", "opportunity": "O", "at": "2026-04-20T09:00:00+08:00", "to": "won"},
        {"object": "order", "ref": "A", "at": "2026-04-20T10:00:00+08:00", "customer": "C", "opportunity": "O", "gross": "500.00"},
        {"object": "commitment", "ref": "D", "order": "A", "kind": "shipment", "quantity": "1", "promised_on": "2026-04-25"},
        {"object": "owner_change", "record": "opportunity", "ref": "O", "at": "2026-04-25T09:00:00+08:00", "to": "cat"},
        invoice("I", "2026-04-21", "2026-05-01", "500.00", order="A"), payment("P", "2026-04-22", "200.00", "I"),
        {"object": "owner_change", "record": "customer", "ref": "C", "at": "2026-05-10T09:00:00+08:00", "to": "bob"},
        payment("P2", "2026-05-20", "100.00", "I"),
    ]  # fmt: skip
    caller = caller_of(company(lines))
    query = "from=2026-04-01&to=2026-05-31&as_of=2026-06-30"
    assert by(caller, "lead.count", query, "owner") == {"Ann": "1"}
    assert by(caller, "fc.closed", query, "owner") == {"Bob": "500.00"} == by(caller, "opp.average_won", query, "owner")
    assert by(caller, "fc.closed", query, "team") == {"South": "500.00"}
    assert by(caller, "funnel.snapshot", f"{query[:-5]}04-06", "owner").keys() == {"Ann"}
    assert by(caller, "pipeline.open", f"{query[:-5]}04-06", "owner") == {"Ann": "500.00"}
    assert by(caller, "pipeline.open", f"{query[:-5]}04-10", "owner") == {"Bob": "500.00"}
    assert by(caller, "otd.line", query, "owner") == {"Bob": "0.0000"}
    assert by(caller, "ar.sales", query, "owner") == {"Ann": "500.00"}
    assert by(caller, "cash.collected", query, "owner") == {"Ann": "200.00", "Bob": "100.00"}
    assert by(caller, "cash.collected", query, "team") == {"North": "200.00", "South": "100.00"}


def test_a_payment_that_bounces_was_none_as_soon_as_it_is_known() -> None:
    lines = [
        customer("C", "2026-01-02T09:00:00+08:00"), invoice("I", "2026-04-01", "2026-05-01", "100.00"),
        invoice("J", "2026-04-01", "2026-05-01", "300.00"),
        payment("P", "2026-04-30", "100.00", "I"), payment("Q", "2026-04-28", "300.00", "J"),
        {"object": "payment_reversal", "payment": "P", "on": "2026-07-05"},
        payment("R", "2026-07-20", "100.00", "I"),
    ]  # fmt: skip
    caller = caller_of(company(lines))
    june, august = "period=2026-Q2&as_of=2026-06-30", "period=2026-Q2&as_of=2026-08-31"
    before = {"coll.on_time": "1.0000", "coll.on_time.amount": "1.0000", "cash.collected": "400.00", "ar.closing": "0.00",
              "coll.on_time.paid_basis": "1.0000", "ar.days_to_pay": "27.50"}  # fmt: skip
    after = {"coll.on_time": "0.5000", "coll.on_time.amount": "0.7500", "cash.collected": "300.00", "ar.closing": "0.00",
             "coll.on_time.paid_basis": "1.0000", "ar.days_to_pay": "27.00"}  # fmt: skip
    assert {code: value(caller, code, june) for code in before} == before
    assert {code: value(caller, code, august) for code in after} == after
    assert value(caller, "ar.outstanding", "period=2026-Q3&as_of=2026-07-04") == "0.00"
    assert value(caller, "ar.outstanding", "period=2026-Q3&as_of=2026-07-05") == "100.00"
    assert value(caller, "ar.avg_late_days", "period=2026-Q3&as_of=2026-09-30") == "80.00"


def test_a_merge_moves_the_capture_to_the_earliest_also_in_periods_that_are_closed() -> None:
    lines = [
        WEB, FAIR, lead("A", "2026-03-20T09:00:00+08:00", "web"), lead("B", "2026-04-05T09:00:00+08:00", "fair"),
        lead("T", "2026-04-06T09:00:00+08:00", "fair", test=True),
        lead("X", "2026-04-06T09:00:00+08:00", "fair"),
        {"object": "lead_state", "lead": "X", "at": "2026-04-12T09:00:00+08:00", "to": "disqualified", "reason": "spam"},
        {"object": "lead_state", "lead": "A", "at": "2026-04-10T09:00:00+08:00", "to": "merged", "into": "B"},
    ]  # fmt: skip
    caller = caller_of(company(lines))
    before, after = "as_of=2026-04-09", "as_of=2026-04-10"
    assert [value(caller, "lead.count", f"period=2026-Q{n}&{before}") for n in (1, 2)] == ["1", "2"]
    assert [value(caller, "lead.count", f"period=2026-Q{n}&{after}") for n in (1, 2)] == ["1", "1"]
    assert by(caller, "lead.count", f"period=2026-Q1&{after}", "channel") == {"Web": "1"}
    assert by(caller, "lead.count", f"period=2026-Q2&{before}", "channel") == {"Fair": "2"}
    assert value(caller, "lead.count", "period=2026-Q2&as_of=2026-04-30") == "0"
    assert value(caller, "lead.conversion.cohort", "period=2026-Q2&as_of=2026-04-30") is None


def test_two_currencies_at_their_own_rates() -> None:
    lines = [
        customer("C", "2026-01-02T09:00:00-05:00"), person("rep"),
        {"object": "fx_rate", "from": "EUR", "to": "USD", "date": "2026-04-01", "rate": "1.10"},
        {"object": "fx_rate", "from": "EUR", "to": "USD", "date": "2026-05-01", "rate": "1.25"},
        deal("O", "2026-04-01T09:00:00-04:00", "1000.00", currency="EUR", owner="rep"),
        deal("U", "2026-04-01T09:00:00-04:00", "500.00", owner="rep"),
        {"object": "opportunity_status", "opportunity": "O", "at": "2026-05-01T09:00:00-04:00", "to": "won"},
        {"object": "opportunity_status", "opportunity": "U", "at": "2026-05-02T09:00:00-04:00", "to": "lost", "reason": "price"},
        invoice("I", "2026-04-01", "2026-05-01", "1000.00", currency="EUR"), payment("P", "2026-05-01", "400.00", "I", currency="EUR"),
        invoice("J", "2026-04-02", "2026-05-02", "100.00"),
    ]  # fmt: skip
    caller = caller_of(company(lines, code="boston", zone="America/New_York", currency="USD"))
    query = "period=2026-Q2&as_of=2026-06-30"
    expected = {
        "pipeline.open": "0.00", "fc.closed": "1250.00", "opp.win_rate.amount": "0.7143", "ar.sales": "1200.00", "ar.closing": "760.00",
        "cash.collected": "500.00", "coll.on_time": "0.0000", "coll.on_time.amount": "0.3667", "ar.dso.simple": "57.63",
        "ar.days_to_pay": "30.00",
    }  # fmt: skip
    assert {code: value(caller, code, query) for code in expected} == expected
    assert value(caller, "pipeline.open", "period=2026-Q2&as_of=2026-04-30") == "1600.00"


def test_the_past_is_seen_as_it_was_when_amounts_and_dates_change() -> None:
    lines = [
        customer("C", "2026-01-02T09:00:00+08:00"), person("rep"),
        deal("O", "2026-04-01T09:00:00+08:00", "1000.00", owner="rep"),
        {"object": "opportunity_stage", "opportunity": "O", "at": "2026-04-02T09:00:00+08:00", "stage": "solution"},
        {"object": "opportunity_change", "opportunity": "O", "at": "2026-04-10T09:00:00+08:00", "amount": "3000.00",
         "expected_close": "2026-05-15"},
        {"object": "opportunity_status", "opportunity": "O", "at": "2026-04-20T09:00:00+08:00", "to": "suspended"},
        {"object": "opportunity_status", "opportunity": "O", "at": "2026-04-25T09:00:00+08:00", "to": "open"},
        {"object": "opportunity_status", "opportunity": "O", "at": "2026-05-05T09:00:00+08:00", "to": "won", "amount": "2500.00"},
        {"object": "opportunity_stage", "opportunity": "O", "at": "2026-06-05T09:00:00+08:00", "stage": "signing"},
        {"object": "opportunity_status", "opportunity": "O", "at": "2026-06-15T09:00:00+08:00", "to": "cancelled"},
    ]  # fmt: skip
    caller = caller_of(company(lines))

    def then(code: str, day: str) -> Any:
        return value(caller, code, f"period=2026-Q2&as_of={day}")

    assert [then("pipeline.open", day) for day in ("2026-04-05", "2026-04-10", "2026-04-22", "2026-04-26", "2026-05-06", "2026-06-05")] == [
        "1000.00", "3000.00", "0.00", "3000.00", "0.00", "2500.00",
    ]  # fmt: skip
    assert [then("fc.weighted", day) for day in ("2026-04-05", "2026-04-11", "2026-05-06")] == ["0.00", "750.00", "2500.00"]
    assert [then("opp.win_rate", day) for day in ("2026-05-04", "2026-05-05", "2026-06-10", "2026-06-30")] == [None, "1.0000", None, None]
    assert [then("opp.close_rate", day) for day in ("2026-05-05", "2026-06-30")] == ["1.0000", "0.0000"]
    assert then("cycle.opp_active", "2026-05-31") == "29.0000" and then("cycle.opp", "2026-05-31") == "34.0000"


def test_direct_sales_without_a_single_deal() -> None:
    tenant = history.tenant("shop", zone="Europe/Berlin", currency="EUR")
    Tenant.objects.filter(pk=tenant.pk).update(sales_motion=Tenant.SalesMotion.B2C_DIRECT)
    lines = [
        WEB, FAIR, {"object": "spend", "ref": "S", "channel": "web", "date": "2026-04-01", "amount": "100.00"},
        *(lead(f"L{n}", f"2026-04-0{n}T12:00:00+02:00", "web" if n < 4 else "fair") for n in range(1, 6)),
        customer("C1", "2026-04-10T12:00:00+02:00"), customer("C2", "2026-04-10T12:00:00+02:00"),
        customer("C3", "2026-04-10T12:00:00+02:00", customer_since="2020-01-01"),
        {"object": "order", "ref": "A1", "at": "2026-04-11T12:00:00+02:00", "customer": "C1", "gross": "400.00"},
        {"object": "order", "ref": "A2", "at": "2026-04-12T12:00:00+02:00", "customer": "C2", "gross": "300.00"},
        {"object": "order", "ref": "A3", "at": "2026-04-14T12:00:00+02:00", "customer": "C3", "gross": "200.00"},
        *({"object": "lead_state", "lead": f"L{lead_no}", "at": f"2026-04-1{day}T12:00:00+02:00", "to": "converted", "order": f"A{n}"}
          for lead_no, day, n in ((1, 1, 1), (2, 2, 2), (4, 4, 3))),
        {"object": "order_state", "order": "A2", "at": "2026-05-02T12:00:00+02:00", "to": "cancelled"},
    ]  # fmt: skip
    assert not list(history.bring(tenant, lines).faults)
    caller = caller_of(tenant)
    april, june = "period=2026-Q2&as_of=2026-04-30", "period=2026-Q2&as_of=2026-06-30"
    expected = {"lead.count": "5", "lead.conversion.cohort": "0.6000", "lead.to_won.cohort": "0.4000", "cycle.lead_to_won": "10.0000",
                "cac.marketing": "100.00", "opp.win_rate": None}  # fmt: skip
    assert {code: value(caller, code, june) for code in expected} == expected
    assert (value(caller, "lead.to_won.cohort", april), value(caller, "cac.marketing", april)) == ("0.6000", "50.00")
    table = answer_of(caller, "channel.table", june)["table"]
    assert table["web"] == {
        "leads": 3, "converted": 2, "rate": "0.6667", "won": 1, "won_amount": "400.00", "spend": "100.00", "cpl": "33.33",
        "cost_per_opp": "50.00", "cost_per_win": "100.00", "roi": "0.4000",
    }  # fmt: skip
    assert table["fair"]["won_amount"] == "200.00" and table["fair"]["roi"] is None
    assert answer_of(caller, "channel.period_wins", june)["table"] == {
        "fair": {"won": 1, "won_amount": "200.00"}, "web": {"won": 1, "won_amount": "400.00"},
    }  # fmt: skip


def test_retention_advances_and_credits_of_the_receivables() -> None:
    kept = {"seq": 2, "amount": "50.00", "retention": True}
    lines = [
        customer("C", "2026-01-02T09:00:00+08:00"),
        {**invoice("I", "2026-04-01", "2026-05-01", "950.00"),
         "items": [{"seq": 1, "due_date": "2026-05-01", "amount": "950.00"}, kept]},
        payment("P", "2026-03-20", "1000.00", "I") | {"allocations": [{"invoice": "I", "seq": 1, "amount": "900.00"}]},
        {"object": "retention_release", "invoice": "I", "seq": 2, "on": "2026-06-01", "due_date": "2026-06-15"},
        {"object": "credit_note", "ref": "N", "invoice": "I", "date": "2026-04-20", "amount": "20.00"},
        {"object": "write_off", "ref": "W", "invoice": "I", "seq": 1, "date": "2026-07-01", "amount": "30.00", "kind": "bad_debt"},
        {"object": "refund", "payment": "P", "on": "2026-06-20", "amount": "60.00"},
    ]  # fmt: skip
    caller = caller_of(company(lines))
    may, june = "from=2026-04-01&to=2026-05-31&as_of=2026-05-31", "period=2026-Q2&as_of=2026-06-30"
    assert {code: value(caller, code, may) for code in ("ar.sales", "ar.closing", "ar.overdue", "coll.on_time")} == {
        "ar.sales": "930.00", "ar.closing": "30.00", "ar.overdue": "30.00", "coll.on_time": "0.0000",
    }  # fmt: skip
    assert {code: value(caller, code, june) for code in ("ar.sales", "ar.closing", "ar.overdue", "cash.collected")} == {
        "ar.sales": "980.00", "ar.closing": "80.00", "ar.overdue": "80.00", "cash.collected": "-60.00",
    }  # fmt: skip
    assert value(caller, "ar.days_to_pay", june) == "0.00"
    assert answer_of(caller, "ar.aging", "period=2026-Q3&as_of=2026-07-01")["table"]["total"] == "50.00"


def everything() -> list[Line]:
    """Sales, deliveries, receivables and service of the golden company, with owners, teams and campaigns in between."""
    lines = [{"object": "team", "ref": "T", "name": "T"}, person("ann", "T"), person("bob")]
    lines += [*gold.sales(), *gold.deliveries(), *gold.receivables(), *gold.service()]
    for number, ref in enumerate(["O1", "O3", "O5", "O7"]):
        day = "2026-05-01" if ref != "O5" else "2026-05-10"
        lines.append({"object": "owner_change", "record": "opportunity", "ref": ref, "at": f"{day}T10:00:00+08:00",
                      "to": ("ann", "bob")[number % 2]})  # fmt: skip
    lines.append({"object": "owner_change", "record": "customer", "ref": "CR", "at": "2026-05-01T10:00:00+08:00", "to": "ann"})
    return lines


def test_the_slices_of_every_metric_make_up_the_whole() -> None:
    tenant = company(everything())
    caller, asked = caller_of(tenant), 0
    query = "period=2026-Q2&as_of=2026-06-30"
    for metric in metrics():
        for dimension in metric.slices:
            if asked % 40 == 0:
                caller = caller_of(tenant)  # a key of its own, for there is a limit on how much one key asks
            asked += 1
            answer = caller.get(f"metrics/{metric.code}/?{query}&by={dimension}").json()
            assert sum(part["counted"] for part in answer["rows"]) == answer["counted"], (metric.code, dimension)
            if metric.reduce in SUMS and answer["rows"]:
                whole = sum(float(part["numerator"]) for part in answer["rows"])
                assert round(whole - float(answer["numerator"]), 6) == 0, (metric.code, dimension)


def test_the_same_file_again_and_a_longer_one_afterwards() -> None:
    lines = everything()
    tenant = company(lines)
    again = history.bring(tenant, lines)
    assert (again.added, again.skipped, again.clean) == (0, len(lines), True)
    codes = ("lead.count", "opp.win_rate", "fc.closed", "ar.closing", "otd.line", "csat")
    query = "period=2026-Q2&as_of=2026-06-30"
    before = told(tenant, query, *codes)
    longer = [*lines, payment("late", "2026-07-10", "160000.00", "R5") | {"customer": "CR"}]
    assert history.bring(tenant, longer).added == 1
    assert told(tenant, query, *codes) == before
    assert told(tenant, "period=2026-Q3&as_of=2026-07-31", "ar.closing") == {"ar.closing": "770000.00"}


@pytest.mark.parametrize("body", [b"", b"\n  \n", b"\xef\xbb\xbf\n"])
def test_an_empty_history_is_done_at_once_and_every_metric_answers(tenant: Tenant, body: bytes) -> None:
    caller = caller_of(tenant)
    with acting_for(tenant):
        assert history.import_history(io.BytesIO(body)).clean
    sent = caller.client.post("/api/v1/history-imports/", {"file": SimpleUploadedFile("past.jsonl", body)})
    assert sent.status_code == 202, sent.content
    with acting_for(tenant):
        run_pending()
    run = caller.get(f"history-imports/{sent.json()['id']}/").json()
    assert (run["state"], run["added"], run["fault_count"]) == ("done", 0, 0)
    assert value(caller, "lead.count", "period=2026-Q2") == "0"


def test_faulty_lines_are_named_and_nothing_is_half_written(tenant: Tenant) -> None:
    lines: list[Line] = [
        WEB,
        lead("A", "2026-04-01T09:00:00+08:00"),
        {**lead("B", "2026-04-01T09:00:00+08:00"), "colour": "red"},
        {"object": "lead_state", "lead": "A", "at": "2026-03-01T09:00:00+08:00", "to": "working"},
        deal("O", "2026-04-01T09:00:00+08:00", "1.00"),
        {"object": "lead_state", "lead": "Z", "at": "2026-04-02T09:00:00+08:00", "to": "new"},
    ]
    report = history.bring(tenant, lines)
    assert {(fault.line, fault.field) for fault in report.faults} >= {(3, "colour"), (5, "customer"), (6, "lead")}
    with acting_for(tenant):
        assert not Lead.objects.exists()
