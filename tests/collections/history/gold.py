"""The golden histories of the domain rules (GD-2 and GD-6), as lines of the import format."""

from typing import Any

from tests.collections.history.make import at

Line = dict[str, Any]
KINDS = {"web": "web", "exhibition": "exhibition", "referral": "referral", "baidu": "sem", "email": "other", "partner": "partner"}
STAGES = {"S1": "discovery", "S2": "solution", "S3": "bidding", "S4": "negotiation", "S5": "signing"}

# lead, channel, captured, then state changes
LEADS = (
    ("L00", "partner", at("03-10"), (("converted", "04-28", "O8"),)),
    ("L0", "partner", at("02-20"), (("converted", "04-25", "O7"),)),
    ("L1", "web", at("04-02"), (("converted", "04-08", "O1"),)),
    ("L2", "web", at("04-03"), (("disqualified", "04-10", ""),)),
    ("L3", "web", "2026-03-31T16:30:00Z", (("converted", "04-20", "O2"),)),
    ("L4", "exhibition", at("04-10"), (("converted", "04-15", "O3"),)),
    ("L5", "exhibition", at("04-11"), (("converted", "05-30", "O4"),)),
    ("L6", "exhibition", at("04-12"), (("disqualified", "04-20", ""),)),
    ("L7", "referral", at("05-06"), (("converted", "05-08", "O5"),)),
    ("L8", "referral", at("05-20"), (("nurturing", "05-27", ""),)),
    ("L9", "baidu", at("05-21"), (("converted", "07-05", "O6"),)),
    ("L10", "baidu", at("06-15"), ()),
    ("L11", "baidu", at("06-20"), (("merged", "06-22", "L10"),)),
    ("L12", "baidu", "2026-06-30T16:30:00Z", ()),
)
# opportunity, lead, amount, currency, expected close, history from the second step on
DEALS = (
    ("O8", "L00", "150000.00", "CNY", "2026-07-31", "04-28", (("05-20", "cancelled"),)),
    (
        "O7", "L0", "50000.00", "USD", "2026-06-30", "04-25",
        (("05-02", "S2"), ("05-15", "S3"), ("05-28", "lost"), ("06-12", "S3"), ("06-18", "S4"), ("06-22", "S5"), ("06-25", "won")),
    ),
    (
        "O1", "L1", "300000.00", "CNY", "2026-06-30", "04-08",
        (("04-12", "S2"), ("04-20", "S3"), ("05-05", "S4"), ("05-10", "S5"), ("05-15", "won")),
    ),
    ("O2", "L3", "200000.00", "CNY", "2026-06-30", "04-20", (("04-28", "S2"), ("05-10", "S3"), ("05-25", "lost"))),
    (
        "O3", "L4", "500000.00", "CNY", "2026-06-30", "04-15",
        (("04-25", "S2"), ("05-06", "S3"), ("05-12", "S2"), ("05-20", "S3"), ("06-01", "S4"), ("06-08", "S5"), ("06-10", "won")),
    ),
    ("O4", "L5", "400000.00", "CNY", "2026-08-31", "05-30", (("06-10", "S2"),)),
    ("O5", "L7", "100000.00", "CNY", "2026-06-30", "05-08", (("05-12", "S4"), ("05-16", "S5"), ("05-18", "won"))),
    ("O6", "L9", "80000.00", "CNY", "2026-09-30", "07-05", ()),
)  # fmt: skip
SPEND = {"web": "20000.00", "exhibition": "60000.00", "referral": "5000.00", "baidu": "13000.00", "email": "2000.00"}


def channels() -> list[Line]:
    return [{"object": "channel", "ref": ref, "name": ref.title(), "kind": kind} for ref, kind in KINDS.items()]


def spending() -> list[Line]:
    """GD-6: what the channels and the sales force cost in the second quarter."""
    spent: list[Line] = [
        {"object": "spend", "ref": f"S-{channel}", "channel": channel, "date": "2026-05-15", "amount": amount}
        for channel, amount in SPEND.items()
    ]
    return [*spent, {"object": "sales_cost", "ref": "SC1", "date": "2026-06-30", "amount": "200000.00"}]


def sales() -> list[Line]:
    """GD-2: leads and opportunities of tenant `gold`, with what they cost."""
    return [*channels(), *leads(), *deals(), *spending()]


def leads() -> list[Line]:
    lines: list[Line] = []
    for ref, channel, captured, states in LEADS:
        lines.append(
            {
                "object": "lead", "ref": ref, "at": captured, "channel": channel, "company_name": f"Company {ref}",
                "contact_name": f"Contact {ref}", "email": f"{ref.lower()}@example.com",
            }
        )  # fmt: skip
        for to, day, target in states:
            line: Line = {"object": "lead_state", "lead": ref, "at": at(day), "to": to}
            if target:
                line["into" if to == "merged" else "opportunity"] = target
            lines.append(line)
    return lines


def deals() -> list[Line]:
    lines: list[Line] = []
    for ref, lead, amount, currency, close, begun, steps in DEALS:
        customer: Line = {"object": "customer", "ref": f"C-{ref}", "name": f"Company {lead}", "at": at(begun)}
        if ref == "O5":
            customer["customer_since"] = "2025-01-01"
        opportunity: Line = {
            "object": "opportunity", "ref": ref, "at": at(begun), "customer": f"C-{ref}", "lead": lead, "amount": amount,
            "expected_close": close,
        }  # fmt: skip
        if currency != "CNY":
            opportunity.update(currency=currency, fx_rate="7.20")
        lines += [customer, opportunity]
        for day, step in steps:
            if step in STAGES:
                lines.append({"object": "opportunity_stage", "opportunity": ref, "at": at(day), "stage": STAGES[step]})
            else:
                closing: Line = {"object": "opportunity_status", "opportunity": ref, "at": at(day), "to": step}
                if currency != "CNY":
                    closing["fx_rate"] = "7.20"
                lines.append(closing)
    return lines


# commitment, order, quantity, first promise, deliveries (day, quantity)
PROMISES = (
    ("D1", "A", "10", "06-05", (("06-04", "10"),)),
    ("D2", "A", "20", "06-10", (("06-09", "12"), ("06-12", "8"))),
    ("D3", "B", "5", "06-15", (("06-15", "5"),)),
    ("D4", "C", "8", "06-20", ()),
    ("D5", "D", "1", "06-25", (("06-24", "1"),)),
    ("D6", "E", "4", "06-28", (("07-08", "4"),)),
    ("D7", "F", "6", "06-30", (("07-02", "6"),)),
    ("D8", "G", "3", "06-12", ()),
    ("D9", "H", "100", "06-18", (("06-17", "97"),)),
)
CSAT, NPS = (5, 4, 4, 3, 5, 2, 4, 5), (10, 9, 9, 8, 7, 6, 10, 3)


def deliveries() -> list[Line]:
    """GD-4: what was promised for June and delivered of it."""
    lines: list[Line] = [{"object": "customer", "ref": "CD", "name": "Delivered to", "at": at("04-01")}]
    for order in sorted({promise[1] for promise in PROMISES}):
        lines.append({"object": "order", "ref": order, "at": at("05-01"), "customer": "CD", "gross": "1000.00"})
    for ref, order, quantity, first, delivered in PROMISES:
        kind = "milestone" if ref == "D5" else "shipment"
        promised = f"2026-{first}"
        lines.append({"object": "commitment", "ref": ref, "order": order, "kind": kind, "quantity": quantity, "promised_on": promised})
        for day, part in delivered:
            line = {"object": "delivery", "commitment": ref, "on": f"2026-{day}", "quantity": part}
            lines.append({**line, "accepted_on": "2026-07-02"} if ref == "D5" else line)
    return [
        *lines,
        {"object": "promise_change", "commitment": "D6", "at": at("06-20"), "to": "2026-07-10", "requested_by": "customer"},
        {"object": "promise_change", "commitment": "D7", "at": at("06-25"), "to": "2026-07-03", "requested_by": "us"},
        {"object": "commitment_end", "commitment": "D8", "on": "2026-06-01", "how": "cancelled"},
        {"object": "commitment_end", "commitment": "D9", "on": "2026-06-18", "how": "closed_short"},
    ]


def service() -> list[Line]:
    """GD-10: twenty questions after satisfaction with eight answers, and eight recommendations."""
    lines: list[Line] = [{"object": "customer", "ref": "CS", "name": "Asked", "at": at("04-01")}]
    for kind, scores, asked in (("csat", CSAT, 20), ("nps", NPS, 8)):
        for number in range(asked):
            line: Line = {"object": "survey", "ref": f"{kind}{number}", "kind": kind, "customer": "CS", "sent_at": at("06-10")}
            if number < len(scores):
                line.update(score=scores[number], responded_at=at("06-12"))
            lines.append(line)
    case = {"object": "case", "ref": "K1", "customer": "CS", "at": at("06-08"), "priority": "P2"}
    return [*lines, {**case, "first_response_at": at("06-08", "11:00:00"), "resolved_at": at("06-10")}]


# item, invoice date, due, amount, settled (day, amount)
RECEIVABLES = (
    ("R8", "02-20", "03-22", "90000.00", ()),
    ("R9", "03-10", "04-09", "110000.00", (("04-09", "110000.00"),)),
    ("R10", "03-25", "04-24", "100000.00", (("05-14", "100000.00"),)),
    ("R1", "04-05", "05-05", "200000.00", (("05-04", "200000.00"),)),
    ("R2", "04-10", "05-10", "150000.00", (("05-10", "100000.00"), ("05-25", "50000.00"))),
    ("R3", "04-20", "05-20", "150000.00", (("06-10", "150000.00"),)),
    ("R4", "05-08", "06-07", "240000.00", (("06-05", "240000.00"),)),
    ("R5", "05-15", "06-14", "160000.00", ()),
    ("R11", "05-20", "06-19", "100000.00", ()),
    ("R6", "06-10", "07-10", "300000.00", ()),
    ("R7", "06-20", "07-20", "300000.00", ()),
)


def receivables() -> list[Line]:
    """GD-5: invoices, payments, one credit note and three promises around the second quarter."""
    lines: list[Line] = [{"object": "customer", "ref": "CR", "name": "Owes", "at": at("01-10")}]
    for ref, dated, due, amount, paid in RECEIVABLES:
        items = [{"seq": 1, "due_date": f"2026-{due}", "amount": amount}]
        lines.append({"object": "invoice", "ref": ref, "customer": "CR", "invoice_date": f"2026-{dated}", "items": items})
        for number, (day, part) in enumerate(paid, start=1):
            share = [{"invoice": ref, "seq": 1, "amount": part}]
            payment = {"object": "payment", "ref": f"{ref}-{number}", "customer": "CR", "received_on": f"2026-{day}"}
            lines.append({**payment, "amount": part, "allocations": share})
    promise = {"object": "promise", "seq": 1}
    return [
        *lines,
        {"object": "credit_note", "ref": "N11", "invoice": "R11", "date": "2026-06-25", "amount": "20000.00"},
        {**promise, "ref": "P1", "invoice": "R2", "amount": "50000.00", "promised_on": "2026-05-25", "at": at("05-12")},
        {**promise, "ref": "P2", "invoice": "R3", "amount": "150000.00", "promised_on": "2026-06-05", "at": at("05-25")},
        {**promise, "ref": "P3", "invoice": "R5", "amount": "160000.00", "promised_on": "2026-07-05", "at": at("06-20")},
    ]
