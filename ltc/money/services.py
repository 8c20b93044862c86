from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from ltc.money.models import ExchangeRate
from ltc.refusals import Forbidden
from ltc.users.actors import Actor


@transaction.atomic
def record_exchange_rate(
    *, actor: Actor, from_currency: str, to_currency: str, rate_date: date, rate: Decimal, source: str = "manual"
) -> ExchangeRate:
    """Enter the rate of a day, or correct it. Documents keep the rate that was frozen in them.

    `rate`: units of `to_currency` for one of `from_currency`. Raises ValidationError, Forbidden.
    """
    if not actor.has_perm("money.change"):
        raise Forbidden(_("You may not change exchange rates. Ask finance."))
    key = {"from_currency": from_currency, "to_currency": to_currency, "rate_date": rate_date, "source": source}
    row = ExchangeRate.objects.select_for_update().filter(**key).first() or ExchangeRate(**key)
    row.rate = rate
    row.full_clean()
    row.save()
    return row
