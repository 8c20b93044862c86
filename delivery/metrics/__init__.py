"""What the delivery stage can say in numbers: chapter 6.8 of the domain rules."""

from delivery.metrics import funnel, punctuality, service

__all__ = ["funnel", "punctuality", "service"]
