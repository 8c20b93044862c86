from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from delivery.models import Acceptance, CommitmentChange, DeliveryCommitment, Shipment, ShipmentLine
from delivery.selectors import open_quantities
from delivery.services import OverDelivery, Packed, plan_shipment, submit_for_acceptance
from ltc.refusals import Forbidden, Refusal
from ltc.users.actors import SYSTEM
from ltc.users.models import Membership
from ltc.workflow.engine import TransitionRefused, offered, perform
from tests import make
from tests.delivery import make as goods

pytestmark = pytest.mark.usefixtures("inside")
NOON = datetime(2026, 6, 5, 4, tzinfo=UTC)
LATER = datetime(2026, 6, 20, 4, tzinfo=UTC)


@pytest.fixture
def dm(inside: object) -> Membership:
    return make.member("dm")


def paid(order):
    order.plan_lines.update(collected_on=date(2026, 6, 1))


def test_a_confirmed_order_is_promised_line_by_line(rep):
    order = goods.confirmed(rep)
    commitment = DeliveryCommitment.objects.get(order_line__order=order)
    assert (commitment.qty, commitment.promised_baseline, commitment.promised_current) == (10, date(2026, 9, 30), date(2026, 9, 30))
    assert commitment.state == "open"


def test_a_shipment_walks_to_its_acceptance_and_completes_the_order(rep, dm):
    order = goods.confirmed(rep, at=NOON)
    paid(order)
    shipment = plan_shipment(order=order, actor=dm, planned_on=date(2026, 6, 20), at=NOON)
    assert (shipment.number, shipment.state, shipment.lines.get().qty) == ("DN-2026-000001", "planned", 10)
    perform(shipment, "release", actor=dm, at=NOON)
    perform(shipment, "ship", actor=dm, at=NOON, carrier="SF Express", tracking_no="SF1")
    order.refresh_from_db()
    assert order.state == "in_progress"
    perform(shipment, "arrive", actor=dm, at=LATER)
    perform(shipment, "confirm_pod", actor=dm, at=LATER, signed_by="Ms Chen")
    commitment = DeliveryCommitment.objects.get()
    assert (commitment.state, commitment.completed_on, commitment.qty_delivered) == ("delivered", date(2026, 6, 20), 10)
    order.refresh_from_db()
    assert (order.delivery_status, order.acceptance_status) == ("full", "none")
    acceptance = Acceptance.objects.get()
    assert (acceptance.kind, acceptance.state, acceptance.due_on) == ("final", "pending", date(2026, 7, 5))
    perform(acceptance, "accept", actor=dm, at=LATER, signed_by="Mr Wu")
    order.refresh_from_db()
    assert (order.acceptance_status, order.state) == ("full", "completed")


def test_a_shipment_waits_for_what_is_to_be_paid_before_it(rep, dm):
    order = goods.confirmed(rep, term="3-3-3-1")
    shipment = goods.planned(order)
    with pytest.raises(TransitionRefused, match="paid before shipment"):
        perform(shipment, "release", actor=dm)
    shipment.refresh_from_db()
    assert shipment.state == "planned"
    paid(order)
    assert perform(Shipment.objects.get(), "release", actor=dm).state == "released"


def test_nothing_is_released_while_the_order_or_the_customer_is_on_hold(rep, dm):
    order = goods.confirmed(rep)
    paid(order)
    shipment = goods.planned(order)
    perform(order, "hold", actor=SYSTEM, reason="Credit")
    with pytest.raises(TransitionRefused, match="on hold"):
        perform(shipment, "release", actor=dm)
    perform(order, "release", actor=SYSTEM)
    perform(order.customer, "set_hold", actor=SYSTEM, reason="Late")
    with pytest.raises(TransitionRefused, match="credit hold"):
        perform(shipment, "release", actor=dm)
    assert Shipment.objects.get().state == "planned"


def test_no_more_is_planned_than_was_promised(rep, dm):
    order = goods.confirmed(rep)
    (commitment,) = open_quantities(order)
    plan_shipment(order=order, actor=dm, planned_on=date(2026, 9, 1), lines=[Packed(commitment, Decimal(6))])
    with pytest.raises(OverDelivery, match="4 is left"):
        plan_shipment(order=order, actor=dm, planned_on=date(2026, 9, 1), lines=[Packed(commitment, Decimal(5))])
    assert Shipment.objects.count() == 1
    with pytest.raises(IntegrityError, match="exceed the promised"), transaction.atomic():
        ShipmentLine.objects.create(shipment=Shipment.objects.get(), commitment=DeliveryCommitment.objects.get(), qty=Decimal(5))


def test_a_cancelled_shipment_gives_its_quantities_back(rep, dm):
    order = goods.confirmed(rep)
    shipment = goods.planned(order)
    with pytest.raises(OverDelivery, match="planned or delivered already"):
        goods.planned(order)
    perform(shipment, "cancel", actor=dm, reason="Wrong truck")
    assert goods.planned(order).lines.get().qty == 10


def test_two_parts_are_delivered_one_after_the_other(rep, dm):
    order = goods.confirmed(rep, at=NOON)
    paid(order)
    (commitment,) = open_quantities(order)
    for qty, state in ((Decimal(4), "partially_delivered"), (Decimal(6), "delivered")):
        shipment = plan_shipment(order=order, actor=dm, planned_on=date(2026, 6, 6), lines=[Packed(commitment, qty)], at=NOON)
        perform(shipment, "release", actor=dm, at=NOON)
        perform(shipment, "ship", actor=dm, at=NOON, carrier="SF")
        perform(shipment, "confirm_pod", actor=dm, at=NOON, signed_by="Ms Chen")
        commitment.refresh_from_db()
        assert commitment.state == state
    order.refresh_from_db()
    assert order.delivery_status == "full"


def test_goods_are_not_signed_for_before_they_left_nor_in_the_future(rep, dm):
    order = goods.confirmed(rep, at=NOON)
    paid(order)
    shipment = goods.planned(order, at=NOON)
    perform(shipment, "release", actor=dm, at=NOON)
    with pytest.raises(Refusal, match="still to come"):
        perform(shipment, "ship", actor=dm, at=NOON, carrier="SF", on=date(2026, 6, 6))
    perform(shipment, "ship", actor=dm, at=NOON, carrier="SF")
    with pytest.raises(Refusal, match="left on 2026-06-05"):
        perform(shipment, "confirm_pod", actor=dm, at=LATER, signed_by="Ms Chen", on=date(2026, 6, 4))
    with pytest.raises(Refusal, match="Name the person"):
        perform(shipment, "confirm_pod", actor=dm, at=LATER, signed_by=" ")
    shipment.refresh_from_db()
    assert (shipment.state, shipment.pod_at) == ("shipped", None)


def test_a_rejected_delivery_is_submitted_again(rep, dm):
    order = goods.confirmed(rep)
    shipment = goods.delivered(order)
    acceptance = Acceptance.objects.get()
    with pytest.raises(Refusal, match="submitted for acceptance already"):
        submit_for_acceptance(shipment=shipment, actor=dm)
    perform(acceptance, "reject", actor=dm, reason="Scratches")
    again = submit_for_acceptance(shipment=shipment, actor=dm)
    perform(again, "accept_with_conditions", actor=dm, conditions="Paint by Friday", signed_by="Mr Wu")
    order.refresh_from_db()
    assert order.acceptance_status == "none"
    perform(again, "accept", actor=dm, signed_by="Mr Wu")
    order.refresh_from_db()
    assert order.acceptance_status == "full"


def test_silence_is_acceptance_only_after_the_time_to_object(rep, dm):
    goods.delivered(goods.confirmed(rep))
    acceptance = Acceptance.objects.get()
    with pytest.raises(TransitionRefused, match="still has time"):
        perform(acceptance, "deem", actor=dm)
    Acceptance.objects.update(submitted_on=date(2020, 1, 1), due_on=date(2020, 1, 16))
    assert perform(acceptance, "deem", actor=dm).state == "deemed_accepted"


def test_only_the_customer_moves_the_measure_of_punctuality(rep, dm):
    goods.confirmed(rep)
    commitment = DeliveryCommitment.objects.get()
    perform(commitment, "re_promise", actor=dm, promised_on=date(2026, 10, 8), requested_by="us", reason="Steel is late")
    assert (commitment.promised_baseline, commitment.promised_current) == (date(2026, 9, 30), date(2026, 10, 8))
    perform(commitment, "re_promise", actor=dm, promised_on=date(2026, 11, 1), requested_by="customer", reason="Hall is not ready")
    assert (commitment.promised_baseline, commitment.promised_current) == (date(2026, 11, 1), date(2026, 11, 1))
    assert list(CommitmentChange.objects.order_by("id").values_list("old_date", "new_date")) == [
        (date(2026, 9, 30), date(2026, 10, 8)),
        (date(2026, 10, 8), date(2026, 11, 1)),
    ]
    with pytest.raises(Exception, match="append-only"), transaction.atomic():
        CommitmentChange.objects.update(reason="Nothing happened")


def test_a_cancelled_order_takes_its_promises_back(rep):
    order = goods.confirmed(rep)
    shipment = goods.planned(order)
    perform(order, "cancel", actor=SYSTEM, reason="The project stopped")
    shipment.refresh_from_db()
    assert (shipment.state, DeliveryCommitment.objects.get().state) == ("cancelled", "cancelled")


def test_a_salesperson_sees_the_shipments_of_own_orders_and_moves_none(rep, dm):
    shipment = goods.planned(goods.confirmed(rep))
    assert list(Shipment.objects.visible_to(rep)) == [shipment]
    assert not Shipment.objects.visible_to(make.member("rep")).exists()
    assert not any(offer.permitted for offer in offered(shipment, rep))
    with pytest.raises(Forbidden):
        perform(shipment, "release", actor=rep)
    with pytest.raises(Forbidden):
        plan_shipment(order=shipment.order, actor=rep, planned_on=date(2026, 9, 1))
