"""What the orders stage, which sees leads, deals and orders, can say in numbers: chapters 6.3, 6.5 and 6.7 of the domain rules."""

from orders.metrics import bookings, channels, customers, funnel, process, wins

__all__ = ["bookings", "channels", "customers", "funnel", "process", "wins"]
