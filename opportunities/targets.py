"""Setting what selling is measured against: quotas, and what the sales force costs."""

from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from ltc.money.amounts import quantise
from ltc.money.exchange import convert
from ltc.money.selectors import exchange_rate
from ltc.refusals import Forbidden, Refusal, StaleVersion
from ltc.tenancy.context import current_tenant_id
from ltc.tenancy.models import Tenant
from ltc.users.actors import Actor
from opportunities.models import Quota, SalesCost
from opportunities.periods import period_of_key

OF_QUOTA: Final = frozenset({"user", "team", "period", "amount"})
OF_COST: Final = frozenset({"cost_date", "amount", "currency", "note"})


@transaction.atomic
def set_quota(*, actor: Actor, **fields: Any) -> Quota:
    """What a person or a team is to win in a period, in the base currency. Raises Forbidden, Refusal, ValidationError."""
    _refuse_unless(actor.has_perm("quotas.add"))
    return _saved_quota(Quota(), _only(OF_QUOTA, fields))


@transaction.atomic
def update_quota(quota: Quota, *, actor: Actor, version: int | None = None, **changes: Any) -> Quota:
    """Change a quota. `version` is the one that the caller saw. Raises Forbidden, StaleVersion, Refusal, ValidationError."""
    locked = Quota.objects.select_for_update(of=("self",)).get(pk=quota.pk)
    _refuse_unless(actor.has_perm("quotas.change", locked))
    _refuse_stale(locked, version)
    return _saved_quota(locked, _only(OF_QUOTA, changes))


def _saved_quota(quota: Quota, values: dict[str, Any]) -> Quota:
    for name, value in values.items():
        setattr(quota, name, value)
    tenant = Tenant.objects.get(pk=current_tenant_id())
    try:
        days = period_of_key(quota.period, fiscal_year_start_month=tenant.fiscal_year_start_month)
    except ValueError as error:
        message = _("Give a year (2026), a quarter (2026-Q3) or a month (2026-07).")
        raise Refusal(message, code="invalid_input", field="period") from error
    quota.starts_on, quota.ends_on = days.start, days.last_day
    if quota.amount is not None:
        quota.amount = quantise(quota.amount, tenant.base_currency)
    quota.full_clean()
    quota.save()
    return quota


@transaction.atomic
def record_sales_cost(*, actor: Actor, **fields: Any) -> SalesCost:
    """Enter what the sales force cost, at the rate of its day. Raises Forbidden, FxRateMissing, ValidationError."""
    _refuse_unless(actor.has_perm("costs.add"))
    return _saved_cost(SalesCost(), _only(OF_COST, fields))


@transaction.atomic
def update_sales_cost(cost: SalesCost, *, actor: Actor, version: int | None = None, **changes: Any) -> SalesCost:
    """Correct a cost. `version` is the one that the caller saw. Raises Forbidden, StaleVersion, FxRateMissing, ValidationError."""
    locked = SalesCost.objects.select_for_update(of=("self",)).get(pk=cost.pk)
    _refuse_unless(actor.has_perm("costs.change", locked))
    _refuse_stale(locked, version)
    return _saved_cost(locked, _only(OF_COST, changes))


def _saved_cost(cost: SalesCost, values: dict[str, Any]) -> SalesCost:
    for name, value in values.items():
        setattr(cost, name, value)
    base = Tenant.objects.values_list("base_currency", flat=True).get(pk=current_tenant_id())
    cost.currency = cost.currency or base
    cost.clean_fields(exclude=["base_amount", "fx_rate"])
    cost.amount = quantise(cost.amount, cost.currency)
    cost.fx_rate = exchange_rate(from_currency=cost.currency, to_currency=base, on=cost.cost_date).rate
    cost.base_amount = convert(cost.amount, cost.fx_rate, to_currency=base)
    cost.full_clean()
    cost.save()
    return cost


def _only(allowed: frozenset[str], fields: dict[str, Any]) -> dict[str, Any]:
    if unknown := fields.keys() - allowed:
        raise TypeError(f"{', '.join(sorted(unknown))} cannot be set: name fields of {sorted(allowed)}.")
    return fields


def _refuse_unless(allowed: bool) -> None:
    if not allowed:
        raise Forbidden(_("You may not change targets and costs. Ask your administrator."))


def _refuse_stale(record: Any, version: int | None) -> None:
    if version is not None and record.version != version:
        raise StaleVersion(_("Someone changed this record while you had it open. Reload it and try again."))
