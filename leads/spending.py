"""Money spent on bringing leads."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from leads.models import MarketingSpend
from ltc.money.exchange import convert
from ltc.money.selectors import exchange_rate
from ltc.refusals import Forbidden
from ltc.tenancy.context import current_tenant_id
from ltc.tenancy.models import Tenant
from ltc.users.actors import Actor


@transaction.atomic
def record_spend(*, actor: Actor, **fields: Any) -> MarketingSpend:
    """Money spent on a channel or campaign on a day, at that day's rate. Raises Forbidden, FxRateMissing, ValidationError."""
    if not (actor.has_perm("channels.add") or actor.has_perm("channels.spend")):
        raise Forbidden(_("You may not record marketing spend. Ask your administrator."))
    spend = MarketingSpend(**fields)
    base = Tenant.objects.values_list("base_currency", flat=True).get(pk=current_tenant_id())
    spend.currency = spend.currency or base
    spend.fx_rate = exchange_rate(from_currency=spend.currency, to_currency=base, on=spend.spend_date).rate
    spend.base_amount = convert(spend.amount, spend.fx_rate, to_currency=base)
    spend.full_clean()
    spend.save()
    return spend
