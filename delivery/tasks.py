from datetime import time
from typing import Any

from django.utils import timezone

from delivery.after_sales import close_old_cases
from ltc.events.outbox import work
from ltc.events.schedule import daily

daily("delivery.close_cases", at=time(4))


@work("delivery.close_cases")
def close_cases(payload: dict[str, Any]) -> None:
    """Close the cases that were resolved some days ago."""
    close_old_cases(at=timezone.now())
