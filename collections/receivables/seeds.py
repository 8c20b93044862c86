"""The reminder policy that a tenant starts with (data; the tenant edits its own afterwards)."""

from decimal import Decimal
from typing import Any, Final

WINDOWS: Final = [["09:30", "11:30"], ["14:00", "17:00"]]
TEXT: Final = ["email", "wecom"]
LEVELS: Final[tuple[dict[str, Any], ...]] = (
    {"level": 1, "offset_days": -7, "tone": "courtesy", "channels": TEXT, "from_base": Decimal(10_000)},
    {"level": 2, "offset_days": 0, "tone": "due_today", "channels": TEXT},
    {"level": 3, "offset_days": 3, "tone": "friendly", "channels": TEXT},
    {"level": 4, "offset_days": 7, "tone": "firm", "channels": TEXT, "channel_mode": "all", "cc": ["owner"]},
    {"level": 5, "offset_days": 14, "tone": "serious", "channels": ["email", "call_task"], "channel_mode": "all", "cc": ["manager"]},
    {
        "level": 6, "offset_days": 30, "tone": "formal", "channels": ["email", "call_task"], "channel_mode": "all",
        "actions": ["credit_hold_proposal", "escalate"],
    },
    {"level": 7, "offset_days": 60, "tone": "final", "channels": ["letter_task"], "requires_approval": True, "actions": ["legal_bundle"]},
)  # fmt: skip
