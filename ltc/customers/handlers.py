from ltc.activities.events import ActivityLogged
from ltc.activities.models import Activity
from ltc.customers.models import Customer
from ltc.customers.services import move_to_survivor
from ltc.events.bus import subscribe
from ltc.workflow.engine import carries_out

NO_TOUCH = frozenset({Activity.Kind.NOTE, Activity.Kind.SYSTEM})

carries_out(Customer, "merge")(move_to_survivor)


@subscribe(ActivityLogged)
def remember_last_activity(news: ActivityLogged) -> None:
    """A customer knows when someone last dealt with it. A derived fact: it makes no new version of the record."""
    if news.subject_type == Customer._meta.label_lower and news.kind not in NO_TOUCH:
        Customer.objects.filter(pk=news.subject).update(last_activity_at=news.at)
