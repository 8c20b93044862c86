"""What the orders stage can say in numbers."""

from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from ltc.analytics.counting import Facts, facts_of
from ltc.analytics.periods import Days, Period
from ltc.analytics.registry import stems_from, step
from ltc.users.actors import Actor
from orders.models import Order

LEAD = "opportunity__lead"


@step("orders", label=_("Orders"), hue="blue", position=50, page="orders:list")
def orders_from_leads(period: Period | Days, actor: Actor) -> Facts:
    """Leads with a confirmed order."""
    confirmed = Order.objects.filter(confirmed_at__isnull=False, opportunity__lead__isnull=False).exclude(state="cancelled")
    return facts_of(confirmed, period, actor, lead=LEAD, reached="confirmed_at", amount=Coalesce("gross_base", "gross"))


stems_from(Order, "opportunity__lead__captured_at")
