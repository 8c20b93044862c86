"""Handing in what one will win in a period, and locking it."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ltc.money.amounts import quantise
from ltc.refusals import Forbidden, Refusal, StaleVersion
from ltc.tenancy.context import current_tenant_id
from ltc.tenancy.models import Tenant
from ltc.users.actors import Actor
from ltc.users.models import Membership
from opportunities.models import ForecastSubmission
from opportunities.periods import period_of_key


@transaction.atomic
def submit_forecast(
    *,
    actor: Actor,
    period: str,
    commit_amount: Decimal,
    best_case_amount: Decimal | None = None,
    user: Membership | None = None,
    note: str = "",
    at: datetime | None = None,
) -> ForecastSubmission:
    """Hand in a forecast in the base currency, by default one's own; without a best case it is what is committed.

    Raises Forbidden, Refusal, ValidationError.
    """
    member = user or (actor if isinstance(actor, Membership) else None)
    if member is None:
        raise Refusal(_("Say whose forecast it is."), code="required", field="user")
    made = ForecastSubmission(user=member, team=member.team, period=period, note=note, submitted_at=at or timezone.now())
    if not actor.has_perm("forecasts.add", made):
        raise Forbidden(_("You may not hand in this person's forecast."))
    tenant = Tenant.objects.get(pk=current_tenant_id())
    try:
        days = period_of_key(period, fiscal_year_start_month=tenant.fiscal_year_start_month)
    except ValueError as error:
        message = _("Give a year (2026), a quarter (2026-Q3) or a month (2026-07).")
        raise Refusal(message, code="invalid_input", field="period") from error
    Membership.objects.select_for_update(of=("self",)).get(pk=member.pk)
    if ForecastSubmission.objects.filter(user=member, period=period, is_locked=True).exists():
        raise Refusal(_("The forecast of this period is locked. Ask your manager to unlock it."), code="forecast_locked", field="period")
    made.starts_on, made.ends_on = days.start, days.last_day
    made.commit_amount = quantise(commit_amount, tenant.base_currency)
    made.best_case_amount = made.commit_amount if best_case_amount is None else quantise(best_case_amount, tenant.base_currency)
    made.full_clean()
    made.save()
    return made


@transaction.atomic
def lock_forecast(forecast: ForecastSubmission, *, actor: Actor, is_locked: bool = True, version: int | None = None) -> ForecastSubmission:
    """Make a forecast the one that is measured, or take that back. Raises Forbidden, StaleVersion, ValidationError."""
    locked = ForecastSubmission.objects.select_for_update(of=("self",)).get(pk=forecast.pk)
    if not actor.has_perm("forecasts.change", locked):
        raise Forbidden(_("You may not lock forecasts. Ask your manager."))
    if version is not None and locked.version != version:
        raise StaleVersion(_("Someone changed this record while you had it open. Reload it and try again."))
    locked.is_locked = is_locked
    locked.full_clean()
    locked.save()
    return locked


def change_forecast(forecast: Any, *, actor: Actor, version: int | None = None, **changes: Any) -> ForecastSubmission:
    """A forecast that was handed in is only locked or unlocked."""
    return lock_forecast(forecast, actor=actor, version=version, **changes)
