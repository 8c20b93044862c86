"""One lead walks from first touch to bank line by REST alone, with web server, worker, beat and relay really running."""

from decimal import Decimal

from tests.journeys.company import Company

CHAIN = ["lead", "opportunity", "order", "shipment", "acceptance", "invoice", "receivableitem", "allocation", "payment"]


def test_a_lead_becomes_cash(company: Company) -> None:
    rep = next(member for member in company.all("members") if member["role"] == "rep")
    channel = next(channel for channel in company.all("channels") if channel["active"])
    lead = company.make(
        "leads",
        company_name="Lotus Precision Ltd",
        contact_name="Ms Lin",
        email=f"lin@{company.code}.example",
        channel=channel["id"],
        seniority="manager",
        budget="approved",
        authority="decision_maker",
        need_level="clear",
        est_amount="12000.00",
    )
    assert (lead["state"], lead["score"]) == ("new", lead["score"])
    scored = company.eventually(lambda: (found := company.get(f"leads/{lead['id']}"))["scored_at"] and found, 90)
    assert scored["score_lines"]

    assert "assign" in company.offers("leads", lead)
    assert company.act("leads", lead, "assign", owner=rep["id"])["state"] == "assigned"
    assert company.act("leads", lead, "log_first_contact", channel="call")["state"] == "working"
    assert company.act("leads", lead, "qualify")["state"] == "qualified"
    converted = company.act("leads", lead, "convert", name="Packing line", amount="12000.00", currency="CNY")
    assert (converted["state"], bool(converted["customer"])) == ("converted", True)

    [deal] = company.all(f"opportunities?lead={lead['id']}")
    assert (deal["channel"], deal["customer"]) == (channel["id"], converted["customer"])
    stages = [deal["stage"]]
    while "advance" in company.offers("opportunities", deal):
        stages.append(company.act("opportunities", deal, "advance")["stage"])
    assert stages == ["discovery", "solution", "bidding", "negotiation", "signing"]
    assert company.act("opportunities", deal, "win")["state"] == "won"

    [order] = company.all(f"orders?opportunity={deal['id']}")
    order = company.get(f"orders/{order['id']}")
    term = next(term for term in company.all("payment-terms") if term["code"] == "prepaid")
    lines = [{"description": line["description"], "qty": line["qty"], "unit_price": line["unit_price"], "tax_code": line["tax_code"],
              "promised_on": "2027-03-01"} for line in order["lines"]]  # fmt: skip
    order = company.change(f"orders/{order['id']}", payment_term=term["id"], lines=lines)
    assert order["state"] == "draft"
    order = company.act("orders", order, "confirm")
    assert (order["state"], len(order["plan"])) == ("confirmed", 1)
    commitments = company.all(f"commitments?order={order['id']}")
    assert [commitment["promised_current"] for commitment in commitments] == ["2027-03-01"] * len(lines)

    [invoice] = company.all(f"invoices?order={order['id']}")
    assert company.act("invoices", invoice, "submit")["state"] in ("approved", "in_approval")
    invoice = company.get(f"invoices/{invoice['id']}")
    if invoice["state"] == "in_approval":
        invoice = company.act("invoices", invoice, "approve")
    invoice = company.act("invoices", invoice, "issue")
    assert (invoice["state"], bool(invoice["number"])) == ("issued", True)
    company.act("invoices", invoice, "mark_sent", channel="email", recipient=lead["email"])

    company.let_reminders_go_out_any_time()
    company.let_days_pass(invoice, 8)
    [reminder] = company.eventually(lambda: company.all("reminders?state=done"), 90)
    company.ask_the_clock_again()
    company.eventually(lambda: company.site.number(REMINDER_JOBS, (company.id,)) >= 2, 90)
    assert [found["id"] for found in company.all("reminders")] == [reminder["id"]]
    letters = [letter.read_text(errors="replace") for letter in (company.site.path / "mail").iterdir()]
    assert len([letter for letter in letters if f"To: {lead['email']}" in letter]) == 1

    money = {"customer": order["customer"], "amount": invoice["gross"], "currency": "CNY", "received_on": invoice["invoice_date"]}
    payment = company.act("payments", company.make("payments", **money), "post")
    assert (Decimal(payment["unallocated"]), len(payment["allocations"])) == (0, 1)
    assert company.get(f"invoices/{invoice['id']}")["state"] == "settled"

    shipment = company.make("shipments", order=order["id"], planned_on=invoice["invoice_date"])
    for name, inputs in (("release", {}), ("ship", {"carrier": "SF Express"}), ("confirm_pod", {"signed_by": "Mr Wu"})):
        shipment = company.act("shipments", shipment, name, **inputs)
    [acceptance] = company.all(f"acceptances?shipment={shipment['id']}")
    company.act("acceptances", acceptance, "accept", signed_by="Mr Wu")
    order = company.get(f"orders/{order['id']}")
    assert (order["state"], order["collection_status"]) == ("closed", "full")

    for kind, record in (("leads", lead), ("orders", order), ("payments", payment)):
        chain = company.get(f"{kind}/{record['id']}/trace")
        assert [node["kind"] for node in chain["nodes"]] == CHAIN, kind
        [cash] = chain["cash"]
        [portion] = cash["portions"]
        assert (Decimal(cash["amount"]), portion["channel"]) == (Decimal(invoice["gross"]), channel["code"])
    open_jobs = "SELECT kind, key, state, last_error FROM events_work WHERE tenant_id = %s AND last_error <> ''"
    assert company.site.rows(open_jobs, (company.id,)) == []


REMINDER_JOBS = (
    "SELECT count(DISTINCT kind) FROM events_work WHERE tenant_id = %s AND kind LIKE 'collections.%%reminders' AND state = 'done'"
)
