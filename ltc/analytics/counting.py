"""How a stage counts its step of the funnel: its records, grouped by the day and channel of the lead that they came from."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, DurationField, ExpressionWrapper, F, Sum
from django.db.models.functions import TruncDate

from ltc.analytics.periods import Days, Period
from ltc.analytics.registry import StepFact
from ltc.users.actors import Actor

DAY = Decimal(86_400)


def facts_of(records: Any, period: Period | Days, actor: Actor, *, reached: str, lead: str = "", amount: Any = None) -> Iterator[StepFact]:
    """Of the leads captured in the period: how many have such a record that the actor sees, their worth and days to `reached`.

    `lead` is the lookup from the record to its lead (empty if the record is the lead); `reached` an instant, `amount` a sum in base
    currency. A lead counts once however many records it has; merged, spam and test leads count nowhere.
    """
    to = f"{lead}__" if lead else ""
    captured = f"{to}captured_at"
    waited = ExpressionWrapper(F(reached) - F(captured), output_field=DurationField())
    rows = (
        records.visible_to(actor)
        .filter(period.within(captured))
        .filter(**{f"{to}is_test": False})
        .exclude(**{f"{to}state": "merged"})
        .exclude(**{f"{to}state": "disqualified", f"{to}close_reason__counts_in_denominator": False})
        .order_by()
        .values_list(TruncDate(captured, tzinfo=period.zone), f"{to}channel__code")
        .annotate(leads=Count(f"{lead or 'pk'}", distinct=bool(lead)), worth=Sum(amount) if amount else Count("pk") * 0, waited=Sum(waited))
    )
    for day, channel, count, worth, wait in rows:
        seconds = (wait or timedelta(0)).total_seconds()
        yield StepFact(day, channel, count, Decimal(worth or 0), Decimal(seconds) / DAY)
