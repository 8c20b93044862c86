"""What collections, the last stage, can say in numbers: chapters 6.5, 6.7, 6.9 and 6.10 of the domain rules."""

from receivables.metrics import cash, expected, funnel, lags, lifetime, outstanding, punctuality, recurring, sources
from receivables.metrics.funnel import LABELS

__all__ = ["LABELS", "cash", "expected", "funnel", "lags", "lifetime", "outstanding", "punctuality", "recurring", "sources"]
