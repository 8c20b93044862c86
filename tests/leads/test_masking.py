import pytest

from leads.masking import contact_data, mask_email, mask_name, mask_phone, may_unmask
from leads.models import Lead
from leads.selectors import search_leads
from leads.services import record_event, unmask, update_lead
from ltc.refusals import Forbidden
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.timeline.services import history
from ltc.users.actors import SYSTEM
from ltc.users.models import Membership
from ltc.workflow.engine import perform
from tests import make
from tests.callers import caller_of
from tests.leads import make as leads


@pytest.mark.parametrize(
    ("phone", "masked"), [("+8613800008000", "+86138****8000"), ("+12025550143", "+120****0143"), ("1234", "****"), ("", "")]
)
def test_the_middle_of_a_number_is_hidden(phone: str, masked: str) -> None:
    assert mask_phone(phone) == masked


def test_of_an_address_only_the_first_letter_is_left() -> None:
    assert (mask_email("zhang@x.cn"), mask_email(""), mask_name("ada_l")) == ("z***@x.cn", "", "a***")


def test_contact_data_is_masked_in_the_pool_until_it_is_claimed(rep: Membership) -> None:
    lead = leads.lead(phone="13800008000", email="zhang@x.cn")
    assert contact_data(lead, rep) == {"phone": "+86138****8000", "email": "z***@x.cn", "wecom": ""}
    perform(lead, "claim", actor=rep)
    assert contact_data(lead, rep) == {"phone": "+8613800008000", "email": "zhang@x.cn", "wecom": ""}


@pytest.mark.parametrize(("role", "may_ask"), [("mkt", True), ("adm", True), ("mgr", False), ("exec", False), ("rep", False)])
def test_nobody_sees_contact_data_of_the_pool_unasked_and_who_asks_is_written_down(inside: object, role: str, may_ask: bool) -> None:
    lead, member = leads.lead(email="zhang@x.cn"), make.member(role)
    assert (contact_data(lead, member)["email"], may_unmask(lead, member)) == ("z***@x.cn", may_ask)
    looked = history(lead).filter(name="unmask", actor=member.pk)
    if may_ask:
        assert unmask(lead, actor=member)["email"] == "zhang@x.cn"
        assert looked.count() == 1
    else:
        with pytest.raises(Forbidden):
            unmask(lead, actor=member)
        assert not looked.exists()


def test_marketing_sees_contact_data_of_owned_leads(inside: object) -> None:
    assert contact_data(leads.lead(email="zhang@x.cn", owner=make.member("rep")), make.member("mkt"))["email"] == "zhang@x.cn"


def test_the_system_sees_it(inside: object) -> None:
    assert contact_data(leads.lead(email="zhang@x.cn"), SYSTEM)["email"] == "zhang@x.cn"


def test_a_masked_address_cannot_be_found_out_by_searching(rep: Membership) -> None:
    lead = leads.lead(company_name="Harbor", email="zhang@x.cn")
    for seeker in (rep, make.member("exec")):
        assert list(search_leads(Lead.objects.all(), "zhan", seeker)) == []
        assert list(search_leads(Lead.objects.all(), "arbo", seeker)) == [lead]
    assert list(search_leads(Lead.objects.all(), "zhan", make.member("mkt"))) == [lead]
    perform(lead, "claim", actor=rep)
    assert list(search_leads(Lead.objects.all(), "zhan", rep)) == [lead]


def test_the_change_log_tells_no_masked_contact_data(tenant: Tenant) -> None:
    with acting_for(tenant):
        lead = leads.lead(email="zhang@x.cn")
        update_lead(lead, actor=SYSTEM, email="wang@x.cn", region="North")
    told = caller_of(tenant, "leads:read", "changes:read", role="adm").get(f"leads/{lead.pk}/changes/")
    assert (told.status_code, b"North" in told.content, b"wang@x.cn" in told.content) == (200, True, False)
    assert b"wang@x.cn" in caller_of(tenant).get(f"leads/{lead.pk}/changes/").content


def test_the_event_of_another_lead_is_not_shown(tenant: Tenant) -> None:
    with acting_for(tenant):
        one, two = leads.lead(), leads.lead()
        record_event(one, actor=SYSTEM, type="page_view", source="site", dedupe_key="1")
    asked = caller_of(tenant).post("lead-events/", {"lead": str(two.pk), "type": "page_view", "source": "site", "dedupe_key": "1"})
    assert (asked.status_code, str(one.pk) in asked.content.decode()) == (409, False)
