"""Where imported deals, orders and customers came from: what their leads know of it, carried along as a conversion does."""

from typing import Any

from django.db.models import OuterRef, Subquery
from django.db.models.fields.json import KT, KeyTransform
from django.db.models.functions import JSONObject

from leads.models import Lead
from ltc.customers.models import Customer
from opportunities.models import Opportunity
from orders.models import Order


def carry_touches() -> None:
    """Those that know nothing yet get it from their leads; four statements, however many records."""
    leads = Lead.objects.exclude(touch_ends={})
    of_lead = Subquery(leads.filter(pk=OuterRef("lead")).values("touch_ends")[:1])
    Opportunity.objects.filter(touch_ends={}, lead__in=leads).update(touch_ends=of_lead)
    deals = Opportunity.objects.exclude(touch_ends={})
    of_deal = Subquery(deals.filter(pk=OuterRef("opportunity")).values("touch_ends")[:1])
    Order.objects.filter(touch_ends={}, opportunity__in=deals).update(touch_ends=of_deal)
    Order.objects.filter(touch_ends={}, lead__in=leads).update(touch_ends=of_lead)
    theirs = leads.filter(customer=OuterRef("pk"))
    ends: dict[str, Any] = {
        "first": Subquery(theirs.order_by(KT("touch_ends__first__occurred_at")).values(end=KeyTransform("first", "touch_ends"))[:1]),
        "last": Subquery(theirs.order_by(KT("touch_ends__last__occurred_at").desc()).values(end=KeyTransform("last", "touch_ends"))[:1]),
    }
    converted = leads.filter(customer__isnull=False).values("customer")
    Customer.objects.filter(touch_ends={}, pk__in=converted).update(touch_ends=JSONObject(**ends))
