"""Who had a customer on a day: what was invoiced or received then counts as theirs, whoever has the customer now."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from ltc.analytics.counted import Question
from ltc.analytics.past import CHUNK
from ltc.analytics.periods import midnight
from ltc.customers.models import Customer
from ltc.timeline.models import Entry
from ltc.users.models import Membership

Holder = Callable[[Any, date, Any, Any], tuple[Any, Any]]


def holders(question: Question) -> Holder:
    """A function of a customer, a day, and the present owner and team, that gives the owner and team at the end of that day.

    Nothing is looked up unless the question asks for owners or teams.
    """
    if question.by not in ("owner", "team"):
        return lambda customer, day, owner, team: (owner, team)
    changes: dict[Any, list[tuple[datetime, Any]]] = {}
    lines = Entry.objects.filter(subject_type=Customer._meta.label_lower, name="transfer").order_by("at", "pk")
    for customer, at, before in lines.values_list("subject", "at", "data__from").iterator(chunk_size=CHUNK):
        changes.setdefault(customer, []).append((at, before))
    teams = {str(pk): team for pk, team in Membership.objects.values_list("pk", "team")}
    zone = question.period.zone

    def holder(customer: Any, day: date, owner: Any, team: Any) -> tuple[Any, Any]:
        end, now = min(midnight(day + timedelta(days=1), zone), question.as_of), owner
        for at, before in reversed(changes.get(customer, [])):
            if at < end:
                break
            owner = before
        return (owner, team) if str(owner) == str(now) else (owner, teams.get(str(owner)))

    return holder
