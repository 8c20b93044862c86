from typing import Any

from ltc.events.outbox import work
from ltc.web.bulk import step


@work("lists.bulk")
def carry_on(payload: dict[str, Any]) -> None:
    """Take a transition of the next few hundred records of a list."""
    step(payload)
