from collections.abc import Iterable, Sequence
from typing import Any

from leads.models import Lead
from ltc.activities.events import ActivityLogged
from ltc.customers.ties import ties
from ltc.events.bus import subscribe
from ltc.workflow.engine import carries_out
from opportunities.models import Opportunity
from opportunities.services import convert_lead, freeze_value, freeze_value_if_known, note_activity

carries_out(Lead, "convert")(convert_lead)
carries_out(Lead, "convert_fast")(convert_lead)
carries_out(Opportunity, "win")(freeze_value)
carries_out(Opportunity, "lose")(freeze_value_if_known)
carries_out(Opportunity, "cancel")(freeze_value_if_known)


@subscribe(ActivityLogged)
def a_deal_is_not_idle(event: ActivityLogged) -> None:
    if event.subject_type == Opportunity._meta.label_lower:
        note_activity(event.subject, at=event.at)


@ties
def with_open_deals(customers: Sequence[Any]) -> Iterable[Any]:
    """The customers that somebody is selling to."""
    running = [Opportunity.State.OPEN, Opportunity.State.SUSPENDED]
    return Opportunity.objects.filter(customer__in=customers, state__in=running).values_list("customer", flat=True).distinct()
