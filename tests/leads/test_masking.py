import pytest

from leads.masking import contact_data, mask_email, mask_name, mask_phone
from ltc.users.actors import SYSTEM
from ltc.users.models import Membership
from ltc.workflow.engine import perform
from tests import make
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


@pytest.mark.parametrize(("role", "whole"), [("mkt", True), ("adm", True), ("mgr", False), ("exec", False)])
def test_who_sees_contact_data_of_the_pool(inside: object, role: str, whole: bool) -> None:
    lead = leads.lead(email="zhang@x.cn")
    assert (contact_data(lead, make.member(role))["email"] == "zhang@x.cn") is whole


def test_the_system_sees_it(inside: object) -> None:
    assert contact_data(leads.lead(email="zhang@x.cn"), SYSTEM)["email"] == "zhang@x.cn"
