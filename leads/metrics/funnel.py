"""The steps of the funnel that the leads stage counts."""

from django.utils.translation import gettext_lazy as _

from leads.models import Channel, Lead
from ltc.analytics.counting import Facts, facts_of
from ltc.analytics.past import names_slices
from ltc.analytics.periods import Days, Period
from ltc.analytics.registry import stems_from, step
from ltc.users.actors import Actor


@step("leads", label=_("Leads"), hue="violet", position=10, page="leads:list")
def captured_leads(period: Period | Days, actor: Actor) -> Facts:
    return facts_of(Lead.objects.all(), period, actor, reached="captured_at")


@step("qualified", label=_("Qualified"), hue="violet", position=20, page="leads:list")
def qualified_leads(period: Period | Days, actor: Actor) -> Facts:
    return facts_of(Lead.objects.filter(qualified_at__isnull=False), period, actor, reached="qualified_at")


stems_from(Lead, "captured_at")


@names_slices("channel")
def channel_names(codes: list[str]) -> dict[str, str]:
    return dict(Channel.objects.filter(code__in=codes).values_list("code", "name"))
