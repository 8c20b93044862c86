"""The demo is lived through the services: a small one shows that the whole way from lead to cash can be walked, in both companies."""

from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import call_command

from leads.models import Lead
from ltc.analytics.models import FunnelDay
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from orders.models import Order
from receivables.demo.companies import CN, US, Company
from receivables.demo.loading import load
from receivables.integrity import violations
from receivables.models import Payment

ANCHOR = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize("company", [CN, US], ids=["demo-cn", "demo-us"])
def test_leads_of_the_demo_walk_all_the_way_to_cash(db: None, company: Company) -> None:
    tenant = load(company, seed=20260101, anchor=ANCHOR, scale=0.1, told=lambda line: None)
    with acting_for(tenant):
        assert Lead.objects.count() >= 8
        assert Order.objects.filter(state="closed").exists()
        assert Payment.objects.filter(state="posted").exists()
        assert FunnelDay.objects.filter(step="cash", count__gt=0).exists()
        assert list(violations()) == []


def test_the_same_seed_and_day_give_the_same_business(db: None) -> None:
    def numbers(code: str) -> list[tuple[str, str]]:
        with acting_for(Tenant.objects.get(code=code)):
            return list(Lead.objects.order_by("captured_at", "email").values_list("email", "state"))

    load(US, seed=7, anchor=ANCHOR, scale=0.05, told=lambda line: None)
    first = numbers("demo-us")
    Tenant.objects.filter(code="demo-us").update(code="demo-us-before")
    load(Company(**{**vars(US), "domain": "again.example.com"}), seed=7, anchor=ANCHOR, scale=0.05, told=lambda line: None)
    assert [(mail.partition("@")[0], state) for mail, state in numbers("demo-us")] == [
        (mail.partition("@")[0], state) for mail, state in first
    ]


def test_loading_again_changes_nothing_and_says_so(db: None) -> None:
    Tenant.objects.create(code="demo-us", name="Harborlight", time_zone="America/New_York", base_currency="USD")
    said = StringIO()
    call_command("seed_demo", tenant="us", stdout=said)
    assert "there already" in said.getvalue()
