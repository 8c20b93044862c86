"""What the opportunities stage can say in numbers: chapters 6.4 to 6.6 of the domain rules."""

from opportunities.metrics import funnel, passage, speed, wins

__all__ = ["funnel", "passage", "speed", "wins"]
