"""What the opportunities stage can say in numbers. Formulas: docs/metrics.md, chapters 6.4 to 6.6 of the domain rules."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Avg, Case, Count, DurationField, ExpressionWrapper, F, QuerySet, Sum, Value, When
from django.utils.translation import gettext_lazy as _

from ltc.analytics.counting import facts_of
from ltc.analytics.periods import Period
from ltc.analytics.registry import Answer, Question, StepFact, metric, panel, rate, step
from ltc.tenancy.context import current_tenant_id
from ltc.tenancy.models import Tenant
from ltc.users.actors import Actor
from opportunities.models import Opportunity

SECONDS_A_DAY = Decimal(86_400)


def _base_currency() -> str:
    return Tenant.objects.values_list("base_currency", flat=True).get(pk=current_tenant_id())


def worth() -> Case:
    """An opportunity's amount in base currency: the frozen one, else its own where it is in that currency, else nothing yet."""
    return Case(
        When(amount_base__isnull=False, then=F("amount_base")), When(currency=_base_currency(), then=F("amount")), default=Value(Decimal(0))
    )


def _closed(question: Question, *states: str) -> QuerySet[Opportunity]:
    """Opportunities whose latest closure falls into the period."""
    period = question.period
    seen = Opportunity.objects.visible_to(question.actor).filter(state__in=states)
    return seen.filter(closed_at__gte=period.start, closed_at__lt=min(period.end, question.as_of))


@metric(
    "opp.win_rate",
    label=_("Win rate"),
    formula=_("Opportunities won ÷ (won + lost), by their latest closure in the period."),
    unit="rate",
)
def win_rate(question: Question) -> Answer:
    counts = dict(_closed(question, "won", "lost").values_list("state").annotate(n=Count("pk")).order_by())
    won, lost = counts.get("won", 0), counts.get("lost", 0)
    return rate(won, won + lost)


@metric(
    "opp.win_rate.amount",
    label=_("Win rate by amount"),
    formula=_("Amount won ÷ (amount won + amount lost), in base currency, by latest closure in the period."),
    unit="rate",
)
def win_rate_by_amount(question: Question) -> Answer:
    sums = dict(_closed(question, "won", "lost").values_list("state").annotate(worth=Sum(worth())).order_by())
    won, lost = sums.get("won") or 0, sums.get("lost") or 0
    return rate(won, won + lost)


@metric(
    "pipeline.open",
    label=_("Open pipeline"),
    formula=_("Sum of the open opportunities, in base currency, now."),
    unit="money",
)
def open_pipeline(question: Question) -> Answer:
    total = Opportunity.objects.visible_to(question.actor).filter(state="open").aggregate(worth=Sum(worth()))["worth"]
    return Answer(Decimal(total or 0), currency=_base_currency())


@metric(
    "cycle.lead_to_won",
    label=_("Sales cycle"),
    formula=_("Mean days from the capture of the lead to the win, of opportunities won in the period."),
    unit="days",
    direction="down",
)
def lead_to_won(question: Question) -> Answer:
    won = _closed(question, "won").filter(lead__isnull=False)
    took = ExpressionWrapper(F("won_at") - F("lead__captured_at"), output_field=DurationField())
    mean = won.aggregate(mean=Avg(took))["mean"]
    if mean is None:
        return Answer(None, flags=("no_data",))
    return Answer((Decimal(mean.total_seconds()) / SECONDS_A_DAY).quantize(Decimal("0.0001"), ROUND_HALF_UP))


@step("opportunities", label=_("Opportunities"), hue="violet", position=30, page="opportunities:list")
def opportunities_from_leads(period: Period, actor: Actor) -> Iterable[StepFact]:
    made = Opportunity.objects.filter(lead__isnull=False).exclude(state="cancelled")
    return facts_of(made, period, actor, lead="lead", reached="lead__converted_at", amount=worth())


@step("won", label=_("Won"), hue="violet", position=40, page="opportunities:list")
def won_from_leads(period: Period, actor: Actor) -> Iterable[StepFact]:
    return facts_of(
        Opportunity.objects.filter(state="won", lead__isnull=False), period, actor, lead="lead", reached="won_at", amount=worth()
    )


@panel("opp.lost_reasons", label=_("Why we lose"), position=20, note=_("lost in the period"))
def lost_reasons(question: Question) -> list[dict[str, Any]]:
    rows = _closed(question, "lost").values_list("lost_reason__name").annotate(n=Count("pk")).order_by("-n")[:6]
    return [{"label": name or "—", "value": count, "shown": str(count)} for name, count in rows]


@panel("opp.won_by_owner", label=_("Won by person"), position=30, note=_("in the period"))
def won_by_owner(question: Question) -> list[dict[str, Any]]:
    rows = _closed(question, "won").values_list("owner__name").annotate(worth=Sum(worth())).order_by("-worth")[:6]
    return [{"label": name, "value": total, "is_amount": True, "hue": "violet"} for name, total in rows]
