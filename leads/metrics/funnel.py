"""The steps of the funnel that the leads stage counts."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from leads.models import Lead
from ltc.analytics.counting import facts_of
from ltc.analytics.periods import Days, Period
from ltc.analytics.registry import StepFact, stems_from, step
from ltc.users.actors import Actor


@step("leads", label=_("Leads"), hue="violet", position=10, page="leads:list")
def captured_leads(period: Period | Days, actor: Actor) -> Iterable[StepFact]:
    return facts_of(Lead.objects.all(), period, actor, reached="captured_at")


@step("qualified", label=_("Qualified"), hue="violet", position=20, page="leads:list")
def qualified_leads(period: Period | Days, actor: Actor) -> Iterable[StepFact]:
    return facts_of(Lead.objects.filter(qualified_at__isnull=False), period, actor, reached="qualified_at")


stems_from(Lead, "captured_at")
