"""What the opportunities stage can say in numbers: chapters 6.4 to 6.6 of the domain rules."""

from opportunities.metrics import forecast, funnel, passage, process, speed, wins

__all__ = ["forecast", "funnel", "passage", "process", "speed", "wins"]
