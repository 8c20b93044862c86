from datetime import date

from django.db.models import Q, QuerySet

from ltc.money.exchange import OLDEST_RATE, DatedRate, rate_in_force
from ltc.money.models import ExchangeRate, TaxCode


def exchange_rate(*, from_currency: str, to_currency: str, on: date) -> DatedRate:
    """The active tenant's exchange rate for a document of that day, to be frozen in it.

    Units of `to_currency` for one of `from_currency`; of several sources of one day the rate entered last. Raises FxRateMissing.
    """
    published = ExchangeRate.objects.filter(
        from_currency=from_currency, to_currency=to_currency, rate_date__range=(on - OLDEST_RATE, on)
    ).order_by("-rate_date", "-id")
    rates = [DatedRate(rate=row.rate, rate_date=row.rate_date, source=row.source) for row in published]
    return rate_in_force(rates, from_currency=from_currency, to_currency=to_currency, on=on)


def tax_codes_in_force(on: date) -> QuerySet[TaxCode]:
    """The tax codes that a document of that day may use."""
    started = Q(valid_from__isnull=True) | Q(valid_from__lte=on)
    not_ended = Q(valid_to__isnull=True) | Q(valid_to__gte=on)
    return TaxCode.objects.filter(started & not_ended)
