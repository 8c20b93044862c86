"""The ways that deals take through the stages."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from ltc.analytics.counted import Question
from ltc.analytics.process import Trace, plain, process
from opportunities.metrics.past import KEY_OF, deals_then, touched_in
from opportunities.models import Opportunity

PATH = {KEY_OF[stage]: label for stage, label in Opportunity.Stage.choices} | {"won": Opportunity.State.WON.label}
ASIDE = {state.value: state.label for state in (Opportunity.State.LOST, Opportunity.State.CANCELLED)}


@process("opportunities", label=_("Opportunities"), path=PATH, aside=ASIDE, ends=["won", "lost", "cancelled"])
def ways_of_deals(question: Question) -> Iterator[Trace]:
    for deal in deals_then(question, touched_in(question)):
        entered = [(visit.start, KEY_OF[visit.stage]) for visit in deal.visits]
        steps = plain(sorted([*entered, *deal.closures], key=lambda step: step[0]))
        if steps:
            yield Trace(deal, steps)
