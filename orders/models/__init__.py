from orders.models.orders import Order, OrderLine
from orders.models.plans import CollectionPlanLine
from orders.models.terms import PaymentTerm, PaymentTermLine, Trigger

__all__ = ["CollectionPlanLine", "Order", "OrderLine", "PaymentTerm", "PaymentTermLine", "Trigger"]
