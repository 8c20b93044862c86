"""What the leads stage can say in numbers: chapters 6.3 and 6.7 of the domain rules."""

from leads.metrics import conversion, funnel, process, response

__all__ = ["conversion", "funnel", "process", "response"]
