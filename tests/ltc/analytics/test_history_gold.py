"""The golden sets of the domain rules as history files: brought in by the real import, asked for by REST, each number with its rows."""

from typing import Any

import pytest

from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from opportunities.models import Opportunity
from tests.callers import Caller, caller_of
from tests.collections.history import gold
from tests.collections.history import make as history
from tests.collections.history.make import at

pytestmark = pytest.mark.django_db
Q2, Q3 = "from=2026-04-01&to=2026-06-30", "from=2026-07-01&to=2026-09-30"
JUNE = "from=2026-06-01&to=2026-06-30"
Line = dict[str, Any]


def company(lines: list[Line], **options: Any) -> Tenant:
    found = history.tenant(**options)
    assert not list(history.bring(found, lines).faults)
    return found


def answer_of(caller: Caller, code: str, query: str) -> Any:
    """The answer, after a look at its rows: there are exactly as many as were counted."""
    response = caller.get(f"metrics/{code}/?{query}")
    assert response.status_code == 200, response.content
    answer = response.json()
    rows = caller.get(f"metrics/{code}/rows/?{query}&limit=200").json()
    assert rows["counted"] == answer["counted"] == len(rows["data"]), code
    return answer


def told(tenant: Tenant, query: str, *codes: str) -> dict[str, Any]:
    caller = caller_of(tenant)
    return {code: answer_of(caller, code, query)["value"] for code in codes}


def test_leads_deals_and_their_cost_of_the_second_quarter() -> None:
    tenant = company(gold.sales())
    expected = {
        "lead.count": "10", "lead.conversion.cohort": "0.5000", "lead.conversion.flow": "0.7000", "lead.to_won.cohort": "0.3000",
        "lead.disqualified_rate": "0.2000", "lead.valid_rate": "0.8000", "lead.traceability": "1.0000", "opp.win_rate": "0.8000",
        "opp.win_rate.amount": "0.8630", "opp.close_rate": "0.6667", "opp.average_won": "315000.00", "cycle.lead_to_won": "60.2500",
        "cycle.opp": "41.0000", "cycle.opp_active": "37.2500", "stage.time[S1]": "9.4286", "sales.velocity": "6146.34",
        "cac.full": "100000.00", "cac.marketing": "33333.33",
    }  # fmt: skip
    assert told(tenant, f"{Q2}&as_of=2026-06-30", *expected) == expected
    Tenant.objects.filter(pk=tenant.pk).update(settings={"metrics": {"arpa": "120000", "churn": "0.20"}})
    worth = {"ltv.revenue": "600000.00", "ltv.margin": "210000.00", "ltv_cac": "2.1000", "cac.payback_months": "28.57"}
    assert told(tenant, f"{Q2}&as_of=2026-06-30", *worth) == worth
    for code in ("funnel.cohort", "funnel.flow", "funnel.snapshot", "channel.table", "channel.period_wins"):
        assert answer_of(caller_of(tenant), code, f"{Q2}&as_of=2026-06-30")["table"], code


FORECAST = {"fc.closed": "150000.00", "fc.commit": "450000.00", "fc.best_case": "750000.00", "fc.open_pipeline": "1000000.00",
            "fc.weighted": "640000.00", "fc.coverage": "1.3333", "fc.attainment": "0.1667"}  # fmt: skip


def forecast(*, told_by_file: bool) -> list[Line]:
    """GD-3. The category of F2, which is not the usual one of its stage, is in the file or is left to whoever takes over."""
    lines: list[Line] = [
        {"object": "user", "ref": "rep", "email": "rep@gold.example", "name": "Rep", "role": "rep"},
        {"object": "customer", "ref": "C", "name": "Buyer", "at": at("05-01")},
        {"object": "quota", "user": "rep", "period": "2026-Q3", "amount": "900000.00"},
    ]
    deals = (("F1", "100000.00", "signing"), ("F2", "200000.00", "negotiation"), ("F3", "300000.00", "bidding"),
             ("F4", "400000.00", "solution"), ("F5", "500000.00", ""), ("W1", "150000.00", "signing"))  # fmt: skip
    for ref, amount, stage in deals:
        lines.append({"object": "opportunity", "ref": ref, "at": at("06-01"), "customer": "C", "amount": amount,
                      "expected_close": "2026-09-15", "owner": "rep"})  # fmt: skip
        if stage:
            lines.append({"object": "opportunity_stage", "opportunity": ref, "at": at("06-05"), "stage": stage})
    if told_by_file:
        lines.append({"object": "opportunity_change", "opportunity": "F2", "at": at("06-05"), "forecast_category": "commit"})
    return [*lines, {"object": "opportunity_status", "opportunity": "W1", "at": at("07-01"), "to": "won"}]


def test_the_forecast_of_the_third_quarter() -> None:
    tenant = company(forecast(told_by_file=True))
    assert told(tenant, f"{Q3}&as_of=2026-07-01", *FORECAST) == FORECAST
    before = told(tenant, f"{Q3}&as_of=2026-06-04", "fc.commit", "fc.open_pipeline")
    assert before == {"fc.commit": "0.00", "fc.open_pipeline": "0.00"}


def test_the_forecast_when_the_category_is_set_by_rest_after_the_import() -> None:
    tenant = company(forecast(told_by_file=False))
    caller = caller_of(tenant)
    assert answer_of(caller, "fc.commit", f"{Q3}&as_of=2026-07-01")["value"] == "250000.00"
    with acting_for(tenant):
        deal = Opportunity.objects.get(external_ref="F2")
    changed = caller.patch(
        f"opportunities/{deal.pk}/", {"forecast_category": "commit"}, If_Match=f'"v{deal.version}"', Idempotency_Key="f2"
    )
    assert changed.status_code == 200, changed.content
    assert told(tenant, f"{Q3}&as_of=2026-07-01", *FORECAST) == FORECAST


def test_the_forecast_is_measured_by_what_was_won_in_the_end() -> None:
    lines = forecast(told_by_file=True)
    lines.append({"object": "opportunity", "ref": "W2", "at": at("07-10"), "customer": "C", "amount": "360000.00",
                  "expected_close": "2026-09-15", "owner": "rep"})  # fmt: skip
    lines.append({"object": "opportunity_status", "opportunity": "W2", "at": at("09-01"), "to": "won"})
    expected = {"fc.accuracy": "0.8824", "fc.accuracy.weighted": "0.7451", "fc.bias": "-0.1176", "fc.bias.weighted": "0.2549"}
    assert told(company(lines), f"{Q3}&as_of=2026-09-30", *expected) == expected


def test_the_error_of_each_person() -> None:
    lines: list[Line] = [{"object": "customer", "ref": "C", "name": "Buyer", "at": at("05-01")}]
    for who, forecasted, won in (("X", "200000.00", "260000.00"), ("Y", "250000.00", "250000.00")):
        lines.append({"object": "user", "ref": who, "email": f"{who.lower()}@gold.example", "name": who, "role": "rep"})
        for ref, amount, begun in ((f"F{who}", forecasted, at("06-01")), (f"A{who}", won, at("07-05"))):
            lines.append({"object": "opportunity", "ref": ref, "at": begun, "customer": "C", "amount": amount,
                          "expected_close": "2026-09-01", "owner": who})  # fmt: skip
        lines.append({"object": "opportunity_stage", "opportunity": f"F{who}", "at": at("06-20"), "stage": "signing"})
        lines.append({"object": "opportunity_status", "opportunity": f"F{who}", "at": at("08-01"), "to": "lost"})
        lines.append({"object": "opportunity_status", "opportunity": f"A{who}", "at": at("09-01"), "to": "won"})
    assert told(company(lines), f"{Q3}&as_of=2026-09-30", "fc.wape") == {"fc.wape": "0.1176"}


def test_deliveries_of_june_and_what_customers_say() -> None:
    tenant = company([*gold.deliveries(), *gold.service()])
    expected = {"otd.order": "0.5000", "otd.order.delivered_basis": "0.6000", "otd.line": "0.5714", "otd.line.current_promise": "0.6667",
                "otif.line": "0.4286", "delivery.late_days": "2.0000"}  # fmt: skip
    assert told(tenant, f"{JUNE}&as_of=2026-07-05", *expected) == expected
    service = {"csat": "0.7500", "csat.mean": "4.0000", "csat.response_rate": "0.4000", "nps": "25.0", "nps.response_rate": "1.0000"}
    assert told(tenant, f"{Q2}&as_of=2026-06-30", *service) == service


def test_receivables_of_the_second_quarter() -> None:
    tenant = company(gold.receivables())
    expected = {
        "ar.opening": "300000.00", "ar.sales": "1580000.00", "ar.closing": "930000.00", "cash.collected": "950000.00",
        "coll.on_time": "0.3750", "coll.on_time.amount": "0.5462", "coll.on_time.paid_basis": "0.5000", "ar.dso.simple": "53.56",
        "ar.dso.countback": "51.70", "ar.bpdso": "34.56", "ar.add": "19.01", "ar.cei": "0.7422", "ar.overdue_rate": "0.3548",
        "ar.ecl": "34800.00", "ar.days_to_pay": "35.49", "ar.avg_late_days": "6.21", "coll.promise_kept": "0.5000",
    }  # fmt: skip
    assert told(tenant, f"{Q2}&as_of=2026-06-30", *expected) == expected
    closing = {code: expected[code] for code in ("ar.closing", "ar.dso.simple", "ar.dso.countback", "ar.bpdso", "ar.add", "ar.cei")}
    assert told(tenant, f"{Q2}&as_of=2026-07-31", *closing) == closing
    assert answer_of(caller_of(tenant), "ar.aging", f"{Q2}&as_of=2026-06-30")["table"] == {
        "current": "600000.00", "1-30": "240000.00", "31-60": "0.00", "61-90": "0.00", ">90": "90000.00", "total": "930000.00",
    }  # fmt: skip


def test_hand_overs_and_what_lies_between_them() -> None:
    lines: list[Line] = [
        {"object": "customer", "ref": "C", "name": "Buyer", "at": at("04-01")},
        {"object": "order", "ref": "A", "at": at("04-02"), "customer": "C", "gross": "1000.00"},
        {"object": "commitment", "ref": "G", "order": "A", "kind": "shipment", "quantity": "6", "promised_on": "2026-04-20"},
        {"object": "commitment", "ref": "M", "order": "A", "kind": "milestone", "quantity": "1", "promised_on": "2026-05-01"},
        {"object": "delivery", "commitment": "G", "on": "2026-04-18", "quantity": "6", "accepted_on": "2026-04-21"},
        {"object": "delivery", "commitment": "M", "on": "2026-04-28", "accepted_on": "2026-05-02"},
        {"object": "invoice", "ref": "I1", "customer": "C", "order": "A", "invoice_date": "2026-04-24",
         "items": [{"seq": 1, "due_date": "2026-05-24", "amount": "300.00"}]},
        {"object": "invoice", "ref": "I2", "customer": "C", "order": "A", "invoice_date": "2026-05-12",
         "items": [{"seq": 1, "due_date": "2026-06-11", "amount": "300.00"}]},
        {"object": "payment", "ref": "P", "customer": "C", "received_on": "2026-05-26", "amount": "300.00",
         "allocations": [{"invoice": "I1", "seq": 1, "amount": "300.00"}]},
        {"object": "channel", "ref": "web", "name": "Web", "kind": "web"},
        {"object": "lead", "ref": "L", "at": at("04-03"), "channel": "web", "company_name": "L", "contact_name": "L",
         "email": "l@example.com"},
        {"object": "lead_state", "lead": "L", "at": at("04-05"), "to": "working"},
    ]  # fmt: skip
    tenant = company(lines)
    expected = {"lag.invoice": "6.5000", "lag.invoice.in_time": "0.5000", "lag.closed": "2.0000", "lag.closed.in_time": "0.0000",
                "lag.order": "0.0000", "lag.order.in_time": "1.0000", "lag.tax_invoice": None, "lag.first_response": "2.0000",
                "lag.first_response.in_time": "0.0000", "stock.delivered_not_invoiced": "400.00",
                "stock.accepted_not_invoiced": "400.00", "stock.invoiced_not_collected": "300.00"}  # fmt: skip
    assert told(tenant, f"{Q2}&as_of=2026-06-30", *expected) == expected
    then = {"stock.delivered_not_invoiced": "857.14", "stock.accepted_not_invoiced": "0.00"}
    assert told(tenant, f"{Q2}&as_of=2026-04-20", *then) == then


def test_subscriptions_of_a_saas_company() -> None:
    """GD-11: orders that are billed periodically; what was billed in the month before the period and in its last one."""
    pairs = [("10000.00", "18000.00"), ("8000.00", "6000.00"), ("", "10000.00"), *[("1250.00", "")] * 4]
    pairs += [("1000.00", "1000.00")] * 73 + [("4000.00", "4000.00")]
    lines: list[Line] = []
    for number, (before, after) in enumerate(pairs):
        ref = f"S{number}"
        lines.append({"object": "customer", "ref": ref, "name": f"Subscriber {number}", "at": at("01-05")})
        lines.append({"object": "order", "ref": ref, "at": at("01-06"), "customer": ref, "gross": "300000.00",
                      "billing_policy": "periodic"})  # fmt: skip
        for day, amount in (("2026-03-10", before), ("2026-06-10", after)):
            if amount:
                lines.append({"object": "invoice", "ref": f"{ref}-{day}", "customer": ref, "order": ref, "invoice_date": day,
                              "items": [{"seq": 1, "due_date": "2026-07-10", "amount": amount}]})  # fmt: skip
    expected = {"mrr.start": "100000.00", "mrr.new": "10000.00", "mrr.expansion": "8000.00", "mrr.contraction": "2000.00",
                "mrr.churned": "5000.00", "mrr.end": "111000.00", "arr": "1332000.00", "nrr": "1.0100", "grr": "0.9300",
                "churn.logo": "0.0500"}  # fmt: skip
    tenant = company(lines)
    assert told(tenant, f"{Q2}&as_of=2026-06-30", *expected) == expected
    churned = answer_of(caller_of(tenant), "churn.logo", f"{Q2}&as_of=2026-06-30")
    assert (churned["numerator"], churned["denominator"]) == ("4", "80")
