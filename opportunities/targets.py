"""What selling is measured against: quotas of people and teams, and what the sales force costs."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from ltc.money.exchange import convert
from ltc.money.selectors import exchange_rate
from ltc.refusals import Forbidden, StaleVersion
from ltc.tenancy.context import current_tenant_id
from ltc.tenancy.models import Tenant
from ltc.users.actors import Actor
from opportunities.models import Quota, SalesCost
from opportunities.periods import period_of_key


@transaction.atomic
def set_quota(*, actor: Actor, **fields: Any) -> Quota:
    """What a person or a team is to win in a year, quarter or month, in the base currency. Raises Forbidden, ValidationError."""
    if not actor.has_perm("quotas.add"):
        raise Forbidden(_("You may not set quotas. Ask your administrator."))
    return _saved(Quota(**fields))


@transaction.atomic
def change_quota(quota: Quota, *, actor: Actor, version: int | None = None, **changes: Any) -> Quota:
    """Set a quota anew; attainment of the past is measured by it too. Raises Forbidden, StaleVersion, ValidationError."""
    locked = Quota.objects.select_for_update(of=("self",)).get(pk=quota.pk)
    if not actor.has_perm("quotas.change", locked):
        raise Forbidden(_("You may not set quotas. Ask your administrator."))
    if version is not None and locked.version != version:
        raise StaleVersion(_("Someone changed this quota while you had it open. Reload it and try again."))
    for name, value in changes.items():
        setattr(locked, name, value)
    return _saved(locked)


@transaction.atomic
def record_sales_cost(*, actor: Actor, **fields: Any) -> SalesCost:
    """Money that the sales force cost, up to a day, at that day's rate. Raises Forbidden, FxRateMissing, ValidationError."""
    if not actor.has_perm("costs.add"):
        raise Forbidden(_("You may not record sales costs. Ask your administrator."))
    cost = SalesCost(**fields)
    base = _tenant().base_currency
    cost.fx_rate = exchange_rate(from_currency=cost.currency, to_currency=base, on=cost.cost_date).rate
    cost.base_amount = convert(cost.amount, cost.fx_rate, to_currency=base)
    cost.full_clean()
    cost.save()
    return cost


def _saved(quota: Quota) -> Quota:
    quota.clean_fields(exclude=["starts_on", "ends_on"])
    days = period_of_key(quota.period, fiscal_year_start_month=_tenant().fiscal_year_start_month)
    quota.starts_on, quota.ends_on = days.start, days.last_day
    quota.full_clean()
    quota.save()
    return quota


def _tenant() -> Tenant:
    return Tenant.objects.get(pk=current_tenant_id())
