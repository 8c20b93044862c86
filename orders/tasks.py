from datetime import date, time
from typing import Any

from django.utils import timezone

from ltc.events.outbox import work
from ltc.events.schedule import daily
from orders.services.progress import fire_dated_triggers


@work("orders.fire_dated_triggers")
def run_dated_triggers(payload: dict[str, Any]) -> None:
    """Parts of a price that wait for a day, once a day; what has fired does not fire again."""
    fire_dated_triggers(on=date.fromisoformat(payload["slot"]), at=timezone.now())


daily("orders.fire_dated_triggers", at=time(0, 30))
