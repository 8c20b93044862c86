"""What the delivery stage can say in numbers."""

from django.db.models import Max, OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from delivery.models import Shipment
from ltc.analytics.counting import Facts, facts_of
from ltc.analytics.periods import Days, Period
from ltc.analytics.registry import stems_from, step
from ltc.users.actors import Actor
from orders.models import Order


@step("delivered", label=_("Delivered"), hue="blue", position=60, page="shipments:list")
def delivered_from_leads(period: Period | Days, actor: Actor) -> Facts:
    """Leads whose order has reached the customer in full."""
    arrivals = Shipment.objects.filter(order=OuterRef("pk"), pod_at__isnull=False).order_by().values("order")
    delivered = Order.objects.filter(delivery_status=Order.Progress.FULL, opportunity__lead__isnull=False)
    reached = delivered.annotate(delivered_at=Subquery(arrivals.annotate(last=Max("pod_at")).values("last")))
    return facts_of(reached, period, actor, lead="opportunity__lead", reached="delivered_at", amount="gross_base")


stems_from(Shipment, "order__opportunity__lead__captured_at")
