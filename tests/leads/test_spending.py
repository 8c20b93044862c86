"""Money spent on bringing leads: by day, spread over a month, corrected, from a file; by REST and on pages."""

import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from leads.imports.reading import read_table
from leads.models import Campaign, MarketingSpend
from leads.spending import WrongRows, import_spend, record_spend, update_spend
from ltc.refusals import Forbidden, Refusal
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.users.actors import SYSTEM
from tests import make
from tests.callers import caller_of
from tests.leads import make as leads
from tests.pages import Browser

FILE = """Date,Channel,Campaign,Amount,Note
2026-10-01,Website,,"1,200.50",October
2026-10-02,website,Spring,80,
"""


@pytest.mark.usefixtures("inside")
def test_a_monthly_bill_is_spread_over_its_days_to_the_cent() -> None:
    record_spend(actor=SYSTEM, channel=leads.channel(), spend_date=date(2026, 2, 1), until=date(2026, 2, 28), amount=Decimal("1000.00"))
    rows = list(MarketingSpend.objects.order_by("spend_date").values_list("spend_date", "amount"))
    assert len(rows) == 28 and sum(amount for _day, amount in rows) == 1000
    assert {amount for _day, amount in rows} == {Decimal("35.71"), Decimal("35.72")}
    assert (rows[0][0], rows[-1][0]) == (date(2026, 2, 1), date(2026, 2, 28))


@pytest.mark.usefixtures("inside")
def test_a_span_has_an_end_after_its_beginning_and_at_most_a_year() -> None:
    for until in (date(2026, 1, 31), date(2027, 2, 2)):
        with pytest.raises(Refusal):
            record_spend(actor=SYSTEM, channel=leads.channel(), spend_date=date(2026, 2, 1), until=until, amount=Decimal(10))
    assert not MarketingSpend.objects.exists()


@pytest.mark.usefixtures("inside")
def test_a_file_is_taken_whole_or_not_at_all_and_once() -> None:
    website = leads.channel()
    Campaign.objects.create(channel=website, name="Spring")
    assert import_spend(actor=SYSTEM, table=read_table(FILE.encode())) == (2, 0)
    assert import_spend(actor=SYSTEM, table=read_table(FILE.encode())) == (0, 2)
    assert MarketingSpend.objects.get(note="October").amount == Decimal("1200.50")
    wrong = FILE + "soon,Website,,1,\n2026-10-03,Nowhere,,1,\n2026-10-03,Website,Autumn,1,\n2026-10-03,Website,,much,\n"
    with pytest.raises(WrongRows) as refusal:
        import_spend(actor=SYSTEM, table=read_table(wrong.encode()))
    assert [each.line for each in refusal.value.wrong] == [4, 5, 6, 7]
    assert MarketingSpend.objects.count() == 2
    with pytest.raises(Refusal, match="no column"):
        import_spend(actor=SYSTEM, table=read_table(b"Date,Amount\n2026-10-01,1\n"))


@pytest.mark.usefixtures("inside")
def test_who_reads_it_does_not_change_it() -> None:
    spend = record_spend(actor=SYSTEM, channel=leads.channel(), spend_date=date(2026, 2, 1), amount=Decimal(10))
    rep = make.member("rep")
    with pytest.raises(Forbidden):
        update_spend(spend, actor=rep, amount=Decimal(1))
    assert update_spend(spend, actor=make.member("mkt"), amount=Decimal(12)).base_amount == 12
    assert Browser(rep).get("/marketing-spend/").status_code == 200
    assert Browser(rep).get("/marketing-spend/import/").status_code == 403


def test_it_is_spread_and_corrected_by_rest(tenant: Tenant) -> None:
    with acting_for(tenant):
        channel = str(leads.channel().pk)
    caller = caller_of(tenant)
    body = {"channel": channel, "spend_date": "2026-03-01", "until": "2026-03-03", "amount": "10.00"}
    made = caller.post("marketing-spend/", body)
    assert (made.status_code, made.json()["amount"]) == (201, "3.3400"), made.content
    changed = caller.patch(f"marketing-spend/{made.json()['id']}/", {"amount": "5.00", "note": "Corrected"})
    assert (changed.status_code, changed.json()["base_amount"], changed.json()["note"]) == (200, "5.0000", "Corrected"), changed.content
    with acting_for(tenant):
        assert sum(spend.amount for spend in MarketingSpend.objects.all()) == Decimal("11.66")


def test_marketing_keeps_campaigns_and_spend_on_pages(tenant: Tenant) -> None:
    with acting_for(tenant):
        browser, channel = Browser(make.member("mkt")), str(leads.channel().pk)
    day = {"channel": channel, "start": "2026-03-01", "end": "2026-03-31", "budget": "5000", "active": "on"}
    assert browser.post("/campaigns/new/", name="Spring", **day).status_code in (200, 204, 302)
    with acting_for(tenant):
        campaign = Campaign.objects.get()
    assert b"Spring" in browser.get("/campaigns/").content and b"Spring" in browser.get(f"/campaigns/{campaign.pk}/").content
    spent: dict[str, Any] = {"channel": channel, "campaign": str(campaign.pk), "spend_date": "2026-03-01", "currency": "CNY"}
    assert browser.post("/marketing-spend/new/", amount="300", until="2026-03-03", **spent).status_code in (200, 204, 302)
    with acting_for(tenant):
        first, *_others = spends = list(MarketingSpend.objects.order_by("spend_date"))
        assert [spend.amount for spend in spends] == [100, 100, 100]
    assert browser.post(f"/marketing-spend/{first.pk}/edit/", amount="120", **spent).status_code in (200, 204, 302)
    wrong = io.BytesIO(b"Date,Channel,Amount\n2026-04-01,Nowhere,10\n")
    wrong.name = "spend.csv"
    told = browser.post("/marketing-spend/import/", file=wrong)
    assert told.status_code == 422 and "Nowhere" in told.content.decode()
    good = io.BytesIO(b"Date,Channel,Amount\n2026-04-01,website,10\n")
    good.name = "spend.csv"
    assert browser.post("/marketing-spend/import/", file=good).status_code in (200, 204, 302)
    with acting_for(tenant):
        assert sorted(MarketingSpend.objects.values_list("amount", flat=True)) == [10, 100, 100, 120]
    assert "120" in browser.get("/marketing-spend/").content.decode()
