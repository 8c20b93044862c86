"""Phone numbers and addresses of people at customers: whole for who works with them, masked for who only reads."""

from typing import Any

import pytest

from ltc.customers.models import Contact
from ltc.customers.services import create_customer
from ltc.tenancy.context import acting_for
from ltc.users.actors import SYSTEM
from ltc.users.roles import Role
from tests import make
from tests.callers import caller_of
from tests.pages import Browser

PHONE, EMAIL = "+8613800000000", "wang.li@example.com"


@pytest.fixture
def contact(tenant: Any) -> Contact:
    with acting_for(tenant):
        made = create_customer(actor=SYSTEM, name="粤衡演示", contacts=[{"name": "Wang Li", "phone": PHONE, "email": EMAIL}])
        return made.contacts.get()


@pytest.mark.parametrize("role", [Role.EXECUTIVE, Role.FINANCE])
def test_who_only_reads_sees_phone_and_address_of_a_contact_masked(contact: Contact, tenant: Any, role: str) -> None:
    reader = caller_of(tenant, "customers:read" if role == Role.EXECUTIVE else "customers:write", role=role)
    said = reader.get(f"contacts/{contact.pk}/").json()
    whole = role == Role.FINANCE
    assert (said["phone"], said["email"]) == ((PHONE, EMAIL) if whole else ("+86138****0000", "w***@example.com"))
    assert reader.get("contacts/?search=wang.li@").json()["data"] == ([said] if whole else [])
    assert reader.get("contacts/?search=Wang").json()["data"] == [said]
    assert reader.get(f"contacts/?email={EMAIL}").status_code == (200 if whole else 403)


@pytest.mark.parametrize(("role", "shown"), [("exec", "+86138****0000"), ("fin", PHONE)])
def test_the_customer_s_page_masks_for_the_same_people(contact: Contact, tenant: Any, role: str, shown: str) -> None:
    with acting_for(tenant):
        page = Browser(make.member(role)).get(f"/customers/{contact.customer_id}/").content.decode()
        assert shown in page
        assert (PHONE in page) == (shown == PHONE)
