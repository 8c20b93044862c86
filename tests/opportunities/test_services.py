from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from ltc.activities.models import Activity
from ltc.activities.services import log_activity
from ltc.catalog.models import Product
from ltc.customers.models import Customer
from ltc.customers.services import DuplicateCustomer, add_contact
from ltc.money.models import TaxCode
from ltc.refusals import Forbidden, Refusal, StaleVersion
from ltc.timeline.services import history
from ltc.users.actors import SYSTEM
from ltc.users.models import Membership
from ltc.workflow.engine import TransitionRefused, perform
from opportunities import selectors
from opportunities.models import Opportunity
from opportunities.services import create_opportunity, resume_due, update_opportunity
from tests import make
from tests.opportunities import make as deals

pytestmark = pytest.mark.usefixtures("inside")
NOON = datetime(2026, 6, 5, 4, tzinfo=UTC)


@pytest.fixture
def vat() -> TaxCode:
    return TaxCode.objects.create(code="VAT13", name="VAT 13 %", rate=Decimal("0.13"), kind="special", is_default=True)


@pytest.fixture
def robot(vat: TaxCode) -> Product:
    return Product.objects.create(sku="R-1", name="Robot", uom="set", tax_code=vat, list_price=Decimal("100000"), currency="CNY")


def test_converting_a_lead_makes_a_customer_a_contact_and_a_deal_of_its_channel(rep: Membership) -> None:
    lead = deals.qualified_lead(rep, company_name="Shunde Foods Ltd", est_amount=Decimal("120000"), currency="CNY")
    perform(lead, "convert", actor=rep, at=NOON, name="Packing line", amount=Decimal("150000.00"))
    deal = Opportunity.objects.get(lead=lead)
    assert (lead.state, lead.converted_at, lead.customer, lead.contact) == ("converted", NOON, deal.customer, deal.primary_contact)
    assert (deal.name, deal.amount, deal.channel, deal.owner) == ("Packing line", Decimal("150000.00"), lead.channel, rep)
    assert (deal.customer.name, deal.customer.state, deal.customer.owner) == ("Shunde Foods Ltd", "prospect", rep)
    assert deal.primary_contact is not None
    assert (deal.primary_contact.name, deal.primary_contact.email) == (lead.contact_name, lead.email)
    assert deal.close_date == date(2026, 8, 4)


def test_a_lead_is_converted_once(rep: Membership) -> None:
    lead = deals.qualified_lead(rep)
    perform(lead, "convert", actor=rep, amount=Decimal(1000))
    with pytest.raises(TransitionRefused):
        perform(lead, "convert", actor=rep, amount=Decimal(1000))
    assert Opportunity.objects.count() == Customer.objects.count() == 1


def test_a_lead_of_a_known_company_asks_for_a_decision_and_changes_nothing(rep: Membership) -> None:
    known = deals.customer("Shunde Foods Ltd", owner=make.member("rep"))
    lead = deals.qualified_lead(rep, company_name="SHUNDE FOODS")
    with pytest.raises(DuplicateCustomer, match="Choose the existing customer, or say that this is another one") as refusal:
        perform(lead, "convert", actor=rep, amount=Decimal(1000))
    assert (refusal.value.code, refusal.value.field) == ("duplicate_customer", "customer")
    lead.refresh_from_db()
    assert (lead.state, Opportunity.objects.count(), list(Customer.objects.all())) == ("qualified", 0, [known])


def test_a_lead_may_become_a_deal_of_an_existing_customer_and_its_person_is_found(rep: Membership) -> None:
    known = deals.customer("Shunde Foods Ltd", owner=rep)
    person = add_contact(known, actor=rep, name="Ms Li", email="li@shunde.example")
    lead = deals.qualified_lead(rep, company_name="Shunde Foods", contact_name="Li", email="LI@shunde.example")
    perform(lead, "convert", actor=rep, amount=Decimal(1000), customer=known)
    assert (lead.customer, lead.contact, Customer.objects.count(), known.contacts.count()) == (known, person, 1, 1)
    another = deals.qualified_lead(rep, company_name="Shunde Foods", contact_name="Wang", email="wang@shunde.example")
    perform(another, "convert", actor=rep, amount=Decimal(1000), customer=known)
    assert another.contact is not None
    assert (another.contact.name, known.contacts.count()) == ("Wang", 2)


def test_a_manager_may_say_that_it_is_another_company_of_that_name(rep: Membership) -> None:
    deals.customer("Shunde Foods Ltd")
    lead = deals.qualified_lead(rep, company_name="Shunde Foods")
    perform(lead, "convert", actor=SYSTEM, amount=Decimal(1000), create_customer=True)
    assert Customer.objects.count() == 2


def test_a_deal_for_a_known_customer_belongs_to_who_made_it(rep: Membership) -> None:
    customer = deals.customer(owner=rep, currency_default="CNY")
    deal = create_opportunity(actor=rep, customer=customer, name="Spare parts", at=NOON)
    assert (deal.owner, deal.amount, deal.currency, deal.close_date) == (rep, 0, "CNY", date(2026, 8, 4))


def test_presales_and_finance_do_not_open_deals() -> None:
    customer = deals.customer()
    for role in ("pre", "fin", "exec", "dm"):
        with pytest.raises(Forbidden):
            create_opportunity(actor=make.member(role), customer=customer, name="Mine")
    assert not Opportunity.objects.exists()


def test_a_deal_needs_an_owner() -> None:
    with pytest.raises(Refusal, match="Name the owner"):
        create_opportunity(actor=SYSTEM, customer=deals.customer(), name="Nobody's")


def test_there_is_no_new_business_with_a_blacklisted_customer(rep: Membership) -> None:
    customer = deals.customer(owner=rep)
    perform(customer, "blacklist", actor=SYSTEM, reason="Fraud")
    with pytest.raises(Refusal, match="no new business"):
        create_opportunity(actor=rep, customer=customer, name="Try")


def test_the_amount_of_a_deal_with_lines_is_their_total(rep: Membership, robot: Product, vat: TaxCode) -> None:
    deal = deals.deal(rep, amount="1")
    lines = [
        {"product": robot, "qty": Decimal(3), "discount_rate": Decimal("0.05")},
        {"description": "Commissioning", "qty": Decimal(1), "unit_price": Decimal("9999.99"), "tax_code": vat},
    ]
    update_opportunity(deal, actor=rep, lines=lines)
    deal.refresh_from_db()
    first, second = deal.lines.all()
    assert (first.description, first.net, first.tax, first.gross) == ("Robot", 285000, 37050, 322050)
    assert (second.net, second.tax, second.gross) == (Decimal("9999.99"), Decimal("1300.00"), Decimal("11299.99"))
    assert deal.amount == deal.amount_base == Decimal("333349.99")
    with pytest.raises(Refusal, match="Change the lines"):
        update_opportunity(deal, actor=rep, amount=Decimal(5))


def test_a_line_needs_a_price_and_a_quantity(rep: Membership, robot: Product) -> None:
    deal = deals.deal(rep)
    with pytest.raises(ValidationError) as refusal:
        update_opportunity(deal, actor=rep, lines=[{"description": "Robot"}])
    assert set(refusal.value.message_dict) == {"qty", "unit_price"}
    with pytest.raises(ValidationError):
        update_opportunity(deal, actor=rep, lines=[{"product": robot, "qty": Decimal(0)}])
    assert not deal.lines.exists()


def test_an_edit_of_what_someone_else_changed_is_refused(rep: Membership) -> None:
    deal = deals.deal(rep)
    update_opportunity(deal, actor=rep, version=deal.version, next_step="Send the offer")
    with pytest.raises(StaleVersion):
        update_opportunity(deal, actor=rep, version=deal.version, next_step="Wait")
    deal.refresh_from_db()
    assert deal.next_step == "Send the offer"


def test_a_closed_deal_is_not_edited(rep: Membership) -> None:
    deal = deals.deal(rep)
    perform(deal, "lose", actor=rep, lost_reason=deals.reason())
    with pytest.raises(TransitionRefused, match="Reopen it first"):
        update_opportunity(deal, actor=rep, name="New name")


def test_a_contact_of_another_customer_is_refused(rep: Membership) -> None:
    stranger = add_contact(deals.customer(), actor=SYSTEM, name="Stranger")
    with pytest.raises(ValidationError, match="of this customer"):
        update_opportunity(deals.deal(rep), actor=rep, primary_contact=stranger)


def test_a_deal_goes_on_by_itself_when_its_pause_is_over(rep: Membership) -> None:
    deal = deals.deal(rep)
    perform(deal, "suspend", actor=rep, at=NOON, until=date(2026, 7, 1), reason="Budget")
    assert resume_due(on=date(2026, 6, 30), at=NOON) == 0
    assert resume_due(on=date(2026, 7, 1), at=NOON) == 1
    assert resume_due(on=date(2026, 7, 2), at=NOON) == 0
    deal.refresh_from_db()
    assert (deal.state, history(deal)[0].actor_kind) == ("open", "system")


def test_an_activity_keeps_a_deal_from_being_idle(rep: Membership) -> None:
    deal = deals.deal(rep)
    log_activity(deal, kind=Activity.Kind.CALL, actor=rep, result="Spoke to the plant manager")
    deal.refresh_from_db()
    assert deal.last_activity_at is not None


def test_days_per_stage_come_from_the_history(rep: Membership, manager: Membership) -> None:
    start, day = timezone.now() - timedelta(days=100), timedelta(days=1)
    deal = deals.deal(rep, at=start)
    perform(deal, "advance", actor=rep, at=start + 4 * day)
    perform(deal, "suspend", actor=rep, at=start + 10 * day, until=(start + 60 * day).date(), reason="Budget")
    perform(deal, "resume", actor=rep, at=start + 30 * day)
    perform(deal, "skip", actor=rep, at=start + 32 * day, stage="negotiation", reason="Known")
    perform(deal, "lose", actor=rep, at=start + 40 * day, lost_reason=deals.reason())
    perform(deal, "reopen", actor=SYSTEM, at=start + 60 * day, stage="solution")
    assert selectors.time_in_stages(deal, now=start + 61 * day) == {"discovery": 4 * day, "solution": 9 * day, "negotiation": 8 * day}


def test_the_board_sums_and_weighs_each_column(rep: Membership) -> None:
    deals.deal(rep, amount="100000")
    deals.deal(rep, amount="50000")
    deals.deal(rep, amount="80000", stage="negotiation")
    deals.deal(rep, amount="9", currency="USD")
    perform(deals.deal(rep, amount="70000"), "lose", actor=rep, lost_reason=deals.reason())
    found = selectors.columns(selectors.pipeline(rep))
    assert [(column.count, column.total, column.weighted) for column in found.values()] == [
        (3, 150000, 15000), (0, 0, 0), (0, 0, 0), (1, 80000, 60000), (0, 0, 0),
    ]  # fmt: skip


def test_a_rep_opens_no_deals_in_the_name_of_others(rep: Membership) -> None:
    customer, other = deals.customer(owner=rep), make.member("rep")
    with pytest.raises(Forbidden, match="to others"):
        create_opportunity(actor=rep, customer=customer, name="Theirs", owner=other)
    assert create_opportunity(actor=rep, customer=customer, name="Mine").owner == rep
    assert create_opportunity(actor=make.member("mgr"), customer=customer, name="Given", owner=other).owner == other
