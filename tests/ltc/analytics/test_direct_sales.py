"""A company that sells to leads without opportunities: the confirmed order is the win, and a cancelled order is none."""

import pytest

from ltc.tenancy.models import Tenant
from tests.callers import Caller, caller_of
from tests.collections.history import make as history

ZONE = "America/New_York"


@pytest.fixture
def shop(db: None) -> Caller:
    company = history.tenant("shop", zone=ZONE, currency="USD")
    Tenant.objects.filter(pk=company.pk).update(sales_motion=Tenant.SalesMotion.B2C_DIRECT)
    company.refresh_from_db()
    lines = [{"object": "channel", "ref": "web", "name": "Web", "kind": "web"}]
    for number, (captured, confirmed, cancelled) in enumerate(
        [("03-01", "03-11", ""), ("03-02", "03-08", ""), ("03-03", "03-09", "03-20"), ("03-31", "", "")]
    ):
        at = f"2026-{captured}T23:30:00-05:00" if captured < "03-08" else f"2026-{captured}T23:30:00-04:00"
        lines.append({"object": "lead", "ref": f"L{number}", "at": at, "channel": "web", "company_name": f"C{number}",
                      "contact_name": "X", "email": f"x{number}@example.com"})  # fmt: skip
        if confirmed:
            when = f"2026-{confirmed}T23:30:00-04:00"
            lines.append({"object": "customer", "ref": f"C{number}", "name": f"C{number}", "at": when})
            lines.append({"object": "order", "ref": f"A{number}", "at": when, "customer": f"C{number}", "gross": "100.00"})
            lines.append({"object": "lead_state", "lead": f"L{number}", "at": when, "to": "converted", "order": f"A{number}"})
        if cancelled:
            lines.append({"object": "order_state", "order": f"A{number}", "at": f"2026-{cancelled}T12:00:00-04:00", "to": "cancelled"})
    lines.append({"object": "spend", "ref": "S", "channel": "web", "date": "2026-03-05", "amount": "60.00"})
    assert not list(history.bring(company, lines).faults)
    return caller_of(company)


def ask(caller: Caller, code: str, as_of: str) -> tuple[str | None, str | None]:
    answer = caller.get(f"metrics/{code}/?from=2026-03-01&to=2026-03-31&as_of={as_of}").json()
    return answer["value"], answer["denominator"]


def test_orders_are_the_wins_of_direct_sales_across_a_change_of_the_clocks(shop: Caller) -> None:
    assert ask(shop, "lead.count", "2026-03-31") == ("4", None)
    assert ask(shop, "lead.to_won.cohort", "2026-03-31") == ("0.5000", "4")
    assert ask(shop, "lead.to_won.cohort", "2026-03-19") == ("1.0000", "3")
    assert ask(shop, "cycle.lead_to_won", "2026-03-31") == ("7.9583", "2")
    assert ask(shop, "cac.marketing", "2026-03-31") == ("30.00", "2")
