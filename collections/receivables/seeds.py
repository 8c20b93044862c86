"""The reminder policy that a tenant starts with (data; the tenant edits its own afterwards)."""

from decimal import Decimal
from typing import Final

WINDOWS: Final = [["09:30", "11:30"], ["14:00", "17:00"]]
# Level, days after the due date, tone, ways, smallest item in base currency, needs approval.
LEVELS: Final = (
    (1, -7, "courtesy", ("email",), Decimal(10_000), False),
    (2, 0, "due_today", ("email",), Decimal(0), False),
    (3, 3, "friendly", ("email",), Decimal(0), False),
    (4, 7, "firm", ("email",), Decimal(0), False),
    (5, 14, "serious", ("email",), Decimal(0), False),
    (6, 30, "formal", ("email",), Decimal(0), False),
    (7, 60, "final", ("email",), Decimal(0), True),
)
