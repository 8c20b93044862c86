from datetime import date, time
from typing import Any

from django.utils import timezone

from ltc.events.outbox import work
from ltc.events.schedule import daily
from opportunities.services import resume_due


@work("opportunities.resume_due")
def run_resume_due(payload: dict[str, Any]) -> None:
    """Deals whose pause is over go on, once a day; one that was resumed already is not among them."""
    resume_due(on=date.fromisoformat(payload["slot"]), at=timezone.now())


daily("opportunities.resume_due", at=time(0, 10))
