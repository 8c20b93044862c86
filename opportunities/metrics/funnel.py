"""The steps of the funnel and the bar lists of the dashboard that the opportunities stage counts."""

from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, F, QuerySet, Sum, Value, When
from django.utils.translation import gettext_lazy as _

from ltc.analytics.counted import Question
from ltc.analytics.counting import Facts, facts_of
from ltc.analytics.periods import Days, Period
from ltc.analytics.registry import panel, stems_from, step
from ltc.tenancy.context import current_tenant_id
from ltc.tenancy.models import Tenant
from ltc.users.actors import Actor
from opportunities.models import Opportunity


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


@step("opportunities", label=_("Opportunities"), hue="violet", position=30, page="opportunities:list")
def opportunities_from_leads(period: Period | Days, actor: Actor) -> Facts:
    made = Opportunity.objects.filter(lead__isnull=False).exclude(state="cancelled")
    return facts_of(made, period, actor, lead="lead", reached="lead__converted_at", amount=worth())


@step("won", label=_("Won"), hue="violet", position=40, page="opportunities:list")
def won_from_leads(period: Period | Days, actor: Actor) -> Facts:
    return facts_of(
        Opportunity.objects.filter(state="won", lead__isnull=False), period, actor, lead="lead", reached="won_at", amount=worth()
    )


@panel("opp.lost_reasons", label=_("Why we lose"), position=20, note=_("lost in the period"), metric="opp.lost")
def lost_reasons(question: Question) -> list[dict[str, Any]]:
    rows = _closed(question, "lost").values_list("lost_reason__name").annotate(n=Count("pk")).order_by("-n")[:6]
    return [{"label": name or "—", "value": count, "shown": str(count), "role": name or "—"} for name, count in rows]


@panel("opp.won_by_owner", label=_("Won by person"), position=30, note=_("in the period"), metric="fc.closed")
def won_by_owner(question: Question) -> list[dict[str, Any]]:
    rows = _closed(question, "won").values_list("owner", "owner__name").annotate(worth=Sum(worth())).order_by("-worth")[:6]
    return [
        {"label": name, "value": total, "is_amount": True, "hue": "violet", "by": "owner", "slice": str(owner)}
        for owner, name, total in rows
    ]


stems_from(Opportunity, "lead__captured_at")
