"""How a stage counts its step of the funnel: its records, grouped by the day and channel of the lead that they came from."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, DurationField, ExpressionWrapper, F, Sum
from django.db.models.functions import TruncDate

from ltc.analytics.periods import Days, Period
from ltc.analytics.registry import StepFact
from ltc.users.actors import Actor

DAY = Decimal(86_400)


@dataclass(frozen=True)
class Facts:
    """The leads that reached a step, counted by day and channel when it is gone through, and named by `leads`."""

    records: Any
    zone: ZoneInfo
    to: str
    reached: str
    amount: Any = None

    def __iter__(self) -> Iterator[StepFact]:
        waited = ExpressionWrapper(F(self.reached) - F(f"{self.to}captured_at"), output_field=DurationField())
        lead = self.to.removesuffix("__")
        rows = (
            self.records.order_by()
            .values_list(TruncDate(f"{self.to}captured_at", tzinfo=self.zone), f"{self.to}channel__code")
            .annotate(
                leads=Count(lead or "pk", distinct=bool(lead)),
                worth=Sum(self.amount) if self.amount else Count("pk") * 0,
                waited=Sum(waited),
            )
        )
        for day, channel, count, worth, wait in rows:
            seconds = (wait or timedelta(0)).total_seconds()
            yield StepFact(day, channel, count, Decimal(worth or 0), Decimal(seconds) / DAY)

    def leads(self, channel: str = "") -> Any:
        """(id, number, channel, instant of capture) of each lead, newest first; of one channel if it is named."""
        found = self.records.filter(**{f"{self.to}channel__code": channel}) if channel else self.records
        columns = [f"{self.to}{name}" for name in ("id", "number", "channel__code", "captured_at")]
        return found.order_by(f"-{self.to}captured_at", f"-{self.to}id").values_list(*columns).distinct()


def facts_of(records: Any, period: Period | Days, actor: Actor, *, reached: str, lead: str = "", amount: Any = None) -> Facts:
    """Of the leads captured in the period: how many have such a record that the actor sees, their worth and days to `reached`.

    `lead` is the lookup from the record to its lead (empty if the record is the lead); `reached` an instant, `amount` a sum in base
    currency. A lead counts once however many records it has; merged, spam and test leads count nowhere.
    """
    to = f"{lead}__" if lead else ""
    counted = (
        records.visible_to(actor)
        .filter(period.within(f"{to}captured_at"))
        .filter(**{f"{to}is_test": False})
        .exclude(**{f"{to}state": "merged"})
        .exclude(**{f"{to}state": "disqualified", f"{to}close_reason__counts_in_denominator": False})
    )
    return Facts(counted, period.zone, to, reached, amount)
