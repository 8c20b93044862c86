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
