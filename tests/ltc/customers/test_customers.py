"""Customers: in the books once, changed by whoever may, moved through their states one way."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from ltc.customers.duplicates import DuplicateRule
from ltc.customers.events import CreditHoldSet, CustomerCreated, CustomerMerged
from ltc.customers.models import Contact, Customer
from ltc.customers.selectors import find_duplicates, search_customers
from ltc.customers.services import (
    DuplicateCustomer,
    MergeRefused,
    OwnerRefused,
    add_address,
    add_contact,
    create_customer,
    transfer_customer,
    update_contact,
    update_customer,
)
from ltc.events import bus
from ltc.refusals import Forbidden, Refusal, StaleVersion
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.timeline.services import history
from ltc.users.actors import SYSTEM
from ltc.users.models import Membership
from ltc.workflow.engine import TransitionRefused, offered, perform
from tests import make

USCC = "91449900MA0DEM001Q"
YUEHENG = "粤衡演示智能装备有限公司"
NOON = datetime(2026, 6, 5, 4, tzinfo=UTC)


def customer(name: str = YUEHENG, *, actor: Any = SYSTEM, **fields: Any) -> Customer:
    return create_customer(actor=actor, name=name, **fields)


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    events: list[Any] = []
    for event in (CustomerCreated, CustomerMerged, CreditHoldSet):
        monkeypatch.setitem(bus._subscribers, event, [events.append])
    return events


def test_a_rep_puts_a_customer_in_the_books_with_a_contact(rep: Membership, heard: list[Any]) -> None:
    made = customer(
        actor=rep,
        owner=rep,
        uscc=" 91449900ma0dem001q",
        at=NOON,
        contacts=[{"name": "Wang Li", "phone": "138 0000 0000", "email": "Wang.Li@Example.com", "is_billing": True}],
    )
    made.refresh_from_db()
    contact = made.contacts.get()
    assert (made.state, made.uscc, made.normalized_name) == ("prospect", USCC, "粤衡演示智能装备")
    assert made.initials == "yhysznzbyxgs"
    assert (contact.phone, contact.email) == ("+8613800000000", "wang.li@example.com")
    assert [entry.name for entry in history(made)] == ["created"]
    assert [(type(event), event.record) for event in heard] == [(CustomerCreated, made.pk)]


def test_a_customer_takes_the_team_of_its_owner(inside: Tenant) -> None:
    south = make.team("South")
    assert customer(owner=make.member("rep", team=south)).team == south


def test_a_wrong_credit_code_is_refused(inside: Tenant) -> None:
    with pytest.raises(ValidationError) as refusal:
        customer(uscc="91449900MA0DEM001X")
    assert refusal.value.error_dict["uscc"][0].code == "tax_id_invalid"
    assert not Customer.objects.exists()


@pytest.mark.parametrize("fields", [{"country": "China"}, {"time_zone": "Asia/Foshan"}, {"currency_default": "RMB"}, {"credit_limit": -1}])
def test_master_data_that_makes_no_sense_is_refused(inside: Tenant, fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        customer(**fields)
    assert not Customer.objects.exists()


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"name": "Another Name", "uscc": USCC}, DuplicateRule.SAME_USCC),
        ({"name": "粤衡演示智能装备 股份有限公司"}, DuplicateRule.SAME_NAME),
        ({"name": "Another Name", "contacts": [{"name": "X", "phone": "+8613800000000"}]}, DuplicateRule.SAME_CONTACT),
        ({"name": "Another Name", "contacts": [{"name": "X", "email": "WANG@example.com"}]}, DuplicateRule.SAME_CONTACT),
    ],
)
def test_a_rep_is_told_only_with_which_team_a_customer_is(inside: Tenant, fields: dict[str, Any], rule: DuplicateRule) -> None:
    owner = make.member("rep", team=make.team("South"))
    known = customer(owner=owner, uscc=USCC, contacts=[{"name": "Wang", "phone": "13800000000", "email": "wang@example.com"}])
    with pytest.raises(DuplicateCustomer) as refusal:
        create_customer(actor=make.member("rep"), **fields)
    assert (refusal.value.code, refusal.value.duplicates[0].rule) == ("duplicate_customer", rule)
    assert "South" in str(refusal.value)
    assert known.name not in str(refusal.value)
    assert "wang" not in str(refusal.value).lower()
    assert Customer.objects.count() == 1


def test_a_similar_name_is_only_a_candidate(inside: Tenant) -> None:
    known = customer("Harborlight Demo Cloud, Inc.")
    [candidate] = find_duplicates(name="Harborlight Demo Clouds (China) Ltd")
    assert (candidate.rule, candidate.customer_id) == (DuplicateRule.SIMILAR_NAME, known.pk)
    assert 0.85 <= candidate.score < 1
    assert not candidate.is_certain
    assert customer("Harborlight Demo Clouds (China) Ltd") != known


def test_names_that_differ_in_their_region_are_candidates_and_not_the_same(inside: Tenant) -> None:
    customer("海格智能装备（深圳）有限公司")
    [candidate] = find_duplicates(name="海格智能装备（佛山）有限公司")
    assert (candidate.rule, candidate.score) == (DuplicateRule.SIMILAR_NAME, Decimal(1))


def test_names_below_the_threshold_are_no_candidates(inside: Tenant) -> None:
    customer()
    assert find_duplicates(name="粤衡演示智能设备有限公司") == []


def test_a_customer_is_found_once_by_its_surest_mark(inside: Tenant) -> None:
    known = customer(uscc=USCC, contacts=[{"name": "Wang", "email": "wang@example.com"}])
    found = find_duplicates(name=YUEHENG, uscc=USCC, emails=["wang@example.com"])
    assert [(duplicate.rule, duplicate.customer_id) for duplicate in found] == [(DuplicateRule.SAME_USCC, known.pk)]
    assert find_duplicates(name=YUEHENG, uscc=USCC, exclude=known.pk) == []


def test_the_same_name_needs_a_manager_and_the_same_credit_code_helps_nobody(inside: Tenant) -> None:
    customer(uscc=USCC)
    rep, manager = make.member("rep"), make.member("mgr")
    with pytest.raises(DuplicateCustomer):
        customer(actor=rep, despite_duplicates=True)
    with pytest.raises(DuplicateCustomer):
        customer(actor=manager, uscc=USCC, despite_duplicates=True)
    customer(actor=manager, despite_duplicates=True)
    assert Customer.objects.count() == 2


def test_a_rep_may_decide_that_a_shared_phone_is_another_customers(rep: Membership) -> None:
    customer("First", contacts=[{"name": "Broker", "phone": "13800000000"}])
    customer("Second", actor=rep, contacts=[{"name": "Broker", "phone": "13800000000"}], despite_duplicates=True)
    assert Contact.objects.filter(phone="+8613800000000").count() == 2


def test_another_tenants_customer_is_no_duplicate(tenant: Tenant, other_tenant: Tenant) -> None:
    with acting_for(tenant):
        customer(uscc=USCC)
    with acting_for(other_tenant):
        assert find_duplicates(name=YUEHENG, uscc=USCC) == []
        customer(uscc=USCC)


def test_the_database_itself_holds_a_credit_code_once(inside: Tenant) -> None:
    customer(uscc=USCC)
    with pytest.raises(IntegrityError), transaction.atomic():
        Customer.objects.create(name="Bulk import", uscc=USCC)


def test_a_change_of_name_changes_what_is_compared_and_searched(inside: Tenant) -> None:
    made = customer()
    changed = update_customer(made, actor=SYSTEM, version=1, name="安达科技有限公司")
    changed.refresh_from_db()
    assert (changed.normalized_name, changed.sort_key, changed.version) == ("安达科技", "an da ke ji you xian gong si", 2)


def test_a_stale_change_of_a_customer_is_refused(inside: Tenant) -> None:
    made = customer()
    update_customer(made, actor=SYSTEM, industry="Robotics")
    with pytest.raises(StaleVersion):
        update_customer(made, actor=SYSTEM, version=1, industry="Mining")
    assert Customer.objects.get().industry == "Robotics"


def test_a_customer_cannot_be_renamed_to_one_that_exists(inside: Tenant) -> None:
    customer()
    other = customer("安达科技有限公司")
    with pytest.raises(DuplicateCustomer):
        update_customer(other, actor=SYSTEM, name=YUEHENG)
    assert Customer.objects.get(pk=other.pk).name == "安达科技有限公司"


def test_a_rep_changes_own_customers_and_nobody_elses(inside: Tenant) -> None:
    mine, other = make.member("rep"), make.member("rep")
    made = customer(owner=mine)
    update_customer(made, actor=mine, region="Guangdong")
    with pytest.raises(Forbidden):
        update_customer(made, actor=other, region="Fujian")
    with pytest.raises(Forbidden):
        add_contact(made, actor=other, name="X")
    assert Customer.objects.get().region == "Guangdong"
    assert list(Customer.objects.visible_to(other)) == []
    assert list(Contact.objects.visible_to(other)) == []


def test_a_manager_transfers_a_customer_and_a_rep_does_not(inside: Tenant) -> None:
    south = make.team("South")
    rep, other, manager = make.member("rep", team=south), make.member("rep", team=south), make.member("mgr", team=south)
    made = customer(owner=rep)
    with pytest.raises(Forbidden):
        transfer_customer(made, actor=rep, owner=other)
    with pytest.raises(TypeError, match="owner"):
        update_customer(made, actor=rep, owner=other)
    gone = make.member("rep", state="inactive")
    with pytest.raises(OwnerRefused):
        transfer_customer(made, actor=manager, owner=gone)
    assert Customer.objects.get().owner == rep
    moved = transfer_customer(made, actor=manager, owner=other)
    assert (moved.owner, moved.team) == (other, south)
    assert history(made).get(name="transfer").data == {"from": str(rep.pk), "to": str(other.pk)}
    assert list(Customer.objects.visible_to(rep)) == []


def test_contacts_and_addresses_store_phones_in_the_form_of_their_country(inside: Tenant) -> None:
    made = customer("Harborlight Demo Cloud, Inc.", country="US")
    contact = add_contact(made, actor=SYSTEM, name="Ann", phone="(617) 555-0100")
    address = add_address(made, actor=SYSTEM, kind="ship", lines="1 Harbor St\nBoston", phone="617-555-0101")
    assert (contact.phone, address.phone) == ("+16175550100", "+16175550101")
    with pytest.raises(ValidationError):
        update_contact(contact, actor=SYSTEM, phone="ask Bob")
    assert update_contact(contact, actor=SYSTEM, version=1, title="CFO").title == "CFO"
    assert Contact.objects.get().phone == "+16175550100"


def test_customers_are_ordered_and_found_by_the_sound_of_their_name(inside: Tenant) -> None:
    for name in ("粤衡演示智能装备有限公司", "安达科技有限公司", "Beta Corp", "重庆长安"):
        customer(name, owner=make.member("rep"))
    assert [made.name for made in Customer.objects.all()] == ["安达科技有限公司", "Beta Corp", "重庆长安", "粤衡演示智能装备有限公司"]
    for text, found in {"yhys": "粤衡演示智能装备有限公司", "安达": "安达科技有限公司", "CQ": "重庆长安", "eta": "Beta Corp"}.items():
        assert [made.name for made in search_customers(SYSTEM, text)] == [found]
    assert list(search_customers(make.member("rep"), "yhys")) == []


def test_a_first_order_makes_a_customer_active_and_is_kept(inside: Tenant) -> None:
    made = customer()
    perform(made, "activate", actor=SYSTEM, at=NOON)
    perform(made, "sleep", actor=SYSTEM)
    assert made.state == "dormant"
    perform(made, "activate", actor=SYSTEM)
    made.refresh_from_db()
    assert (made.state, made.first_order_at) == ("active", NOON)


def test_finance_holds_and_releases_a_customers_credit(inside: Tenant, heard: list[Any]) -> None:
    made, finance, manager = customer(owner=make.member("rep")), make.member("fin"), make.member("mgr")
    with pytest.raises(Forbidden):
        perform(made, "set_hold", actor=manager, reason="overdue")
    perform(made, "set_hold", actor=finance, reason="60 days overdue")
    made.refresh_from_db()
    assert (made.state, made.credit_hold, made.credit_hold_reason) == ("prospect", True, "60 days overdue")
    with pytest.raises(TransitionRefused, match="on hold already"):
        perform(made, "set_hold", actor=finance, reason="again")
    perform(made, "clear_hold", actor=finance, reason="paid")
    made.refresh_from_db()
    assert (made.credit_hold, made.credit_hold_reason) == (False, "")
    assert history(made).get(name="clear_hold").data == {"reason": "paid"}
    assert CreditHoldSet in [type(event) for event in heard]


def test_a_customer_off_the_blacklist_is_what_it_was(inside: Tenant) -> None:
    made = customer()
    perform(made, "activate", actor=SYSTEM)
    perform(made, "blacklist", actor=SYSTEM, reason="fraud")
    assert (made.state, made.blacklist_reason) == ("blacklisted", "fraud")
    with pytest.raises(TransitionRefused):
        perform(made, "activate", actor=SYSTEM)
    perform(made, "unlist", actor=SYSTEM, reason="cleared by court")
    made.refresh_from_db()
    assert (made.state, made.blacklist_reason) == ("active", "")


def test_a_rep_is_offered_no_hold_blacklist_or_merge(rep: Membership) -> None:
    made = customer(owner=rep)
    assert {offer.name: offer.permitted for offer in offered(made, rep)} == {
        "set_hold": False,
        "clear_hold": False,
        "blacklist": False,
        "merge": False,
        "claim": False,
        "to_pool": True,
        "protect": True,
        "unprotect": True,
    }


def test_a_merged_customer_leaves_everything_to_the_survivor(inside: Tenant, heard: list[Any]) -> None:
    survivor = customer()
    loser = customer("粤衡智能", uscc=USCC, contacts=[{"name": "Wang", "phone": "13800000000"}])
    add_address(loser, actor=SYSTEM, kind="bill", lines="Foshan")
    perform(loser, "activate", actor=SYSTEM, at=NOON)
    perform(loser, "merge", actor=make.member("adm"), survivor=survivor)
    survivor.refresh_from_db()
    loser.refresh_from_db()
    assert (loser.state, loser.merged_into) == ("merged", survivor)
    assert (survivor.contacts.count(), survivor.addresses.count(), survivor.first_order_at) == (1, 1, NOON)
    assert heard[-1].survivor == survivor.pk
    assert find_duplicates(name="粤衡智能") == []
    update_customer(survivor, actor=SYSTEM, uscc=USCC)
    with pytest.raises(Refusal, match="merged"):
        update_customer(loser, actor=SYSTEM, region="Guangdong")


def test_a_customer_is_not_merged_into_itself_or_into_a_merged_one(inside: Tenant) -> None:
    one, two, three = (customer(name) for name in ("One", "Two", "Three"))
    with pytest.raises(MergeRefused):
        perform(one, "merge", actor=SYSTEM, survivor=one)
    perform(two, "merge", actor=SYSTEM, survivor=three)
    with pytest.raises(MergeRefused):
        perform(one, "merge", actor=SYSTEM, survivor=two)
    perform(three, "merge", actor=SYSTEM, survivor=one)
    two.refresh_from_db()
    assert two.merged_into == one
    assert Customer.objects.get(pk=one.pk).state == "prospect"


def test_a_state_is_not_set_by_hand(inside: Tenant) -> None:
    made = customer()
    with pytest.raises(AttributeError, match="transition"):
        made.state = "active"


def test_who_sells_does_not_say_how_much_credit_there_is(rep: Membership) -> None:
    customer = create_customer(actor=SYSTEM, name="Harbor Ltd", owner=rep, credit_limit=100)
    for actor in (rep, make.member("mgr")):
        with pytest.raises(Forbidden):
            update_customer(customer, actor=actor, credit_limit=1_000_000)
    with pytest.raises(Forbidden):
        create_customer(actor=rep, name="Other Ltd", credit_limit=1_000_000)
    assert update_customer(customer, actor=rep, region="North").credit_limit == 100
    assert update_customer(customer, actor=make.member("fin"), credit_limit=200).credit_limit == 200


def test_only_finance_puts_a_customer_on_hold_and_releases_it(inside: Tenant) -> None:
    manager, finance = make.member("mgr"), make.member("fin")
    for permission in ("customers.hold", "customers.release_hold"):
        assert (manager.has_perm(permission), finance.has_perm(permission)) == (False, True)
