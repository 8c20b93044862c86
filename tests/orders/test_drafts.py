from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from leads.models import Lead
from ltc.money.models import TaxCode
from ltc.refusals import Forbidden, Refusal, StaleVersion
from ltc.tenancy.models import Tenant
from ltc.users.actors import SYSTEM
from ltc.users.models import Membership
from ltc.workflow.engine import TransitionRefused, perform
from opportunities.services import update_opportunity
from orders.models import Order, PaymentTerm
from orders.seeds import seed_payment_terms
from orders.services.confirmation import plan_of_term
from orders.services.drafts import create_order, draft_from_opportunity, update_order
from tests import make
from tests.opportunities import make as deals
from tests.orders import make as orders

pytestmark = pytest.mark.usefixtures("inside")
NOON = datetime(2026, 6, 5, 4, tzinfo=UTC)


def test_a_won_deal_becomes_a_draft_order_of_its_amount(rep: Membership) -> None:
    orders.terms()
    deal = perform(deals.deal(rep, stage="signing", amount="113000.00"), "win", actor=rep, at=NOON)
    order = Order.objects.get()
    line = order.lines.get()
    assert (order.opportunity, order.customer, order.owner, order.state) == (deal, deal.customer, rep, "draft")
    assert (order.gross, order.currency, order.order_date) == (Decimal("113000.00"), "CNY", date(2026, 6, 5))
    assert (line.description, line.qty, line.gross) == (deal.name, 1, Decimal("113000.00"))
    assert order.payment_term is not None and order.payment_term.is_default
    assert order.number == "SO-2026-000001"


def test_the_lines_of_a_won_deal_are_the_lines_of_its_order(rep: Membership) -> None:
    vat = TaxCode.objects.create(code="VAT13", name="VAT", rate=Decimal("0.13"), kind="special")
    deal = deals.deal(rep, stage="signing")
    line = {"description": "Robot", "qty": Decimal(2), "unit_price": Decimal("50000"), "discount_rate": Decimal("0.1"), "tax_code": vat}
    update_opportunity(deal, actor=rep, lines=[line])
    perform(deal, "win", actor=rep)
    order = Order.objects.get()
    (copied,) = order.lines.all()
    assert (order.net, order.tax, order.gross) == (90000, 11700, 101700)
    assert (copied.tax_rate, copied.discount_rate, copied.promised_on) == (Decimal("0.13"), Decimal("0.1"), None)
    assert order.gross == deal.amount


def test_a_deal_has_one_standing_order(rep: Membership) -> None:
    deal = perform(deals.deal(rep, stage="signing"), "win", actor=rep)
    order = Order.objects.get()
    assert draft_from_opportunity(deal, actor=SYSTEM, at=NOON) == order
    with pytest.raises(IntegrityError, match="one_standing_order_per_opportunity"), transaction.atomic():
        Order.objects.create(customer=deal.customer, opportunity=deal, owner=rep, number="X", order_date=NOON.date(), currency="CNY")


def test_a_deal_whose_order_stands_is_not_unwon(manager: Membership) -> None:
    deal = perform(deals.deal(manager, stage="signing"), "win", actor=manager)
    with pytest.raises(Refusal, match="Cancel order SO-"):
        perform(deal, "unwin", actor=manager, reason="Contract fell through")
    deal.refresh_from_db()
    assert deal.state == "won"
    perform(Order.objects.get(), "cancel", actor=manager, reason="Contract fell through")
    perform(deal, "unwin", actor=manager, reason="Contract fell through")
    assert (deal.state, deal.stage, deal.won_at, deal.probability) == ("open", "signing", None, Decimal("0.90"))
    perform(deal, "win", actor=manager)
    assert Order.objects.exclude(state="cancelled").count() == 1


def test_the_usual_payment_terms_sum_to_one() -> None:
    for locale in ("zh-hans", "en"):
        seed_payment_terms(Tenant(locale=locale))
        seed_payment_terms(Tenant(locale=locale))
    assert PaymentTerm.objects.count() == 9
    assert PaymentTerm.objects.filter(is_default=True).count() == 1
    for term in PaymentTerm.objects.all():
        assert sum(line.pct for line in term.lines.all()) == 1


def test_a_draft_is_edited_and_its_totals_follow(rep: Membership) -> None:
    order = orders.draft(rep, price_includes_tax=False)
    update_order(order, actor=rep, lines=[orders.line("100.005", qty="3"), orders.line("50")], customer_po_no="PO-7")
    order.refresh_from_db()
    assert (order.gross, order.customer_po_no) == (Decimal("350.02"), "PO-7")
    assert [line.line_no for line in order.lines.all()] == [1, 2]


def test_prices_are_computed_anew_when_they_are_said_to_include_tax(rep: Membership) -> None:
    vat = TaxCode.objects.create(code="VAT13", name="VAT", rate=Decimal("0.13"), kind="special")
    order = orders.draft(rep, price_includes_tax=False, lines=[orders.line("113.00", tax_code=vat)])
    assert (order.net, order.tax, order.gross) == (Decimal("113.00"), Decimal("14.69"), Decimal("127.69"))
    order = update_order(order, actor=rep, price_includes_tax=True)
    assert (order.net, order.tax, order.gross) == (100, 13, 113)


def test_an_edit_needs_the_right_the_version_and_a_draft(rep: Membership) -> None:
    order = orders.draft(rep)
    with pytest.raises(Forbidden):
        update_order(order, actor=make.member("rep"), notes="Mine")
    with pytest.raises(StaleVersion):
        update_order(order, actor=rep, version=order.version + 1, notes="Mine")
    with pytest.raises(ValidationError):
        update_order(order, actor=rep, lines=[{"description": "No price"}])
    perform(order, "confirm", actor=rep)
    with pytest.raises(TransitionRefused, match="Only a draft"):
        update_order(order, actor=rep, notes="Late")
    order.refresh_from_db()
    assert (order.notes, order.lines.count()) == ("", 1)


def test_a_plan_of_its_own_goes_before_the_term(rep: Membership) -> None:
    order = orders.draft(rep)
    parts = [
        {"trigger": "order_confirmed", "amount": Decimal("130000.00")},
        {"trigger": "fixed_date", "amount": Decimal("1000000.00"), "expected_date": date(2027, 1, 15)},
    ]
    update_order(order, actor=rep, plan=parts)
    assert [(line.kind, line.amount) for line in order.plan_lines.all()] == [("advance", 130000), ("standard", 1000000)]
    with pytest.raises(ValidationError):
        update_order(order, actor=rep, plan=[{"trigger": "delivered"}])


def test_a_term_shows_what_the_plan_will_be(rep: Membership) -> None:
    order = orders.draft(rep, term="3-6-1")
    assert [str(line.amount) for line in plan_of_term(order)] == ["339000.00", "678000.00", "113000.00"]


def test_orders_are_drafted_by_sales_and_integrations_only() -> None:
    customer = deals.customer()
    for role in ("dm", "fin", "mkt", "exec", "pre"):
        with pytest.raises(Forbidden):
            create_order(actor=make.member(role), customer=customer)
    assert not Order.objects.exists()


def test_a_lead_becomes_an_order_where_nothing_lies_between(inside: Tenant, rep: Membership) -> None:
    lead = deals.qualified_lead(rep, company_name="", contact_name="Ms Chen", est_amount=Decimal("36000"), currency="CNY")
    with pytest.raises(TransitionRefused, match="through opportunities"):
        perform(lead, "convert_to_order", actor=rep, name="Kitchen")
    assert not Order.objects.exists()
    Tenant.objects.filter(pk=inside.pk).update(sales_motion="b2c_direct")
    lead.refresh_from_db()
    perform(lead, "convert_to_order", actor=rep, name="Kitchen")
    order = Order.objects.get(lead=lead)
    assert (lead.state, order.gross, order.customer.kind, order.customer.name) == ("converted", 36000, "person", "Ms Chen")
    assert Lead.objects.get().customer == order.customer


def test_a_rep_drafts_no_orders_in_the_name_of_others(rep: Membership) -> None:
    with pytest.raises(Forbidden, match="to others"):
        create_order(actor=rep, customer=deals.customer(owner=rep), owner=make.member("rep"))
