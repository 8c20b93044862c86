"""The ways that orders take through their states."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from ltc.analytics.counted import Question, Row
from ltc.analytics.past import histories, touched
from ltc.analytics.process import Trace, plain, process
from orders.models import Order

State = Order.State
PATH = {state.value: state.label for state in (State.CONFIRMED, State.IN_PROGRESS, State.COMPLETED, State.CLOSED)}
ASIDE = {state.value: state.label for state in State if state.value not in PATH and state != State.DRAFT}

STEPS = PATH | ASIDE


@process("orders", label=_("Orders"), path=PATH, aside=ASIDE, ends=[State.CLOSED.value, State.CANCELLED.value])
def ways_of_orders(question: Question) -> Iterator[Trace]:
    period = question.period
    moved = touched(Order, at__gte=period.start, at__lt=period.end)
    numbers = dict(Order.objects.visible_to(question.actor).filter(pk__in=moved).order_by().values_list("pk", "number"))
    for pk, moments in histories(Order, moved):
        steps = plain((moment.at, moment.after) for moment in moments if moment.after in STEPS and moment.at <= question.as_of)
        if pk in numbers and steps:
            yield Trace(Row("order", pk, numbers[pk]), steps)
