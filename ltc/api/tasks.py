from datetime import time
from typing import Any

from ltc.api.idempotency import forget_old
from ltc.events.outbox import work
from ltc.events.schedule import daily


@work("api.forget_idempotency_keys")
def forget_idempotency_keys(payload: dict[str, Any]) -> None:
    """Answers are kept for two days."""
    forget_old()


daily("api.forget_idempotency_keys", at=time(3, 40))
