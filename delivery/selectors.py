from decimal import Decimal

from django.db.models import Q, Sum
from django.db.models.functions import Coalesce

from delivery.models import DeliveryCommitment, ShipmentLine
from ltc.money.fields import QuantityField
from orders.models import Order, OrderLine

GONE_FOR_NOTHING = ["cancelled", "returned"]


def open_quantities(order: Order) -> dict[DeliveryCommitment, Decimal]:
    """How much of each live commitment of an order is in no shipment yet."""
    planned = Sum("shipment_lines__qty", filter=~Q(shipment_lines__shipment__state__in=GONE_FOR_NOTHING))
    commitments = (
        DeliveryCommitment.objects.filter(order_line__order=order, kind=DeliveryCommitment.Kind.SHIPMENT)
        .exclude(state__in=[DeliveryCommitment.State.CANCELLED, DeliveryCommitment.State.CLOSED_SHORT])
        .annotate(planned=Coalesce(planned, Decimal(0), output_field=QuantityField()))
        .select_related("order_line")
        .order_by("order_line__line_no", "seq")
    )
    return {commitment: commitment.qty - commitment.planned for commitment in commitments}


def shipped_quantity(line: OrderLine) -> Decimal:
    """How much of an order line has left us."""
    left = ShipmentLine.objects.filter(commitment__order_line=line, shipment__state__in=["shipped", "arrived", "delivered"])
    return left.aggregate(total=Sum("qty"))["total"] or Decimal(0)
