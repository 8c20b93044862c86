"""Where a lead came from, in all detail, from the first touch to the last, and along the way to the order."""

from datetime import UTC, datetime

import pytest

from leads.models import LeadTouch
from leads.touches import first_and_last, record_touch, told_by
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.users.actors import SYSTEM
from ltc.workflow.engine import perform
from opportunities.models import Opportunity
from tests import make
from tests.callers import caller_of
from tests.leads import make as leads
from tests.opportunities import make as deals

LANDING = "https://shop.example/pumps?utm_source=baidu&utm_medium=cpc&utm_campaign=spring&bd_vid=abc123"


@pytest.mark.parametrize(
    ("url", "utm", "click"),
    [
        (LANDING, {"source": "baidu", "medium": "cpc", "campaign": "spring"}, "bd_vid:abc123"),
        ("https://shop.example/?gclid=x", {}, "gclid:x"),
        ("https://shop.example/", {}, ""),
        ("", {}, ""),
    ],
)
def test_an_address_tells_where_somebody_came_from(url: str, utm: dict, click: str) -> None:
    assert told_by(url) == {"utm": utm, "click_id": click}


def test_the_first_and_the_last_touch_go_along_to_the_order(tenant: Tenant) -> None:
    with acting_for(tenant):
        owner = make.member("rep")
        lead = deals.qualified_lead(owner, touch={"url": LANDING, "referrer": "https://www.baidu.com/", "kind": "form"})
    caller = caller_of(tenant)
    again = {"kind": "event", "occurred_at": "2099-01-01T00:00:00Z", "dedupe_key": "fair-1", "utm": {"source": "fair"}}
    assert [caller.post(f"leads/{lead.pk}/touches/", again).status_code for _ in range(2)] == [201, 200]
    assert caller.post(f"leads/{lead.pk}/actions/convert/", {"name": "Pumps", "amount": "1000.00"}).status_code == 200
    with acting_for(tenant):
        deal = Opportunity.objects.get(lead=lead)
        assert LeadTouch.objects.filter(lead=lead).count() == 2
    [told] = caller.get(f"opportunities/{deal.pk}/trace/").json()["touches"]
    assert (told["first"]["utm"]["source"], told["first"]["click_id"], told["first"]["referrer"]) == (
        "baidu",
        "bd_vid:abc123",
        "https://www.baidu.com/",
    )
    assert (told["last"]["kind"], told["last"]["utm"]) == ("event", {"source": "fair"})


def test_the_survivor_of_a_merge_has_the_earlier_first_touch(inside: Tenant) -> None:
    early = datetime(2026, 1, 1, tzinfo=UTC)
    old, new = leads.lead(at=early, channel=leads.channel("fair")), leads.lead()
    record_touch(new, actor=SYSTEM, url="https://shop.example/", kind="visit")
    perform(old, "merge", actor=SYSTEM, survivor=new)
    ends = first_and_last([new.pk])[new.pk]
    assert (ends["first"]["channel"], ends["first"]["occurred_at"], ends["last"]["kind"]) == ("fair", "2026-01-01T00:00:00Z", "visit")
