from typing import Any

from django.db.models import Q

from ltc.api.viewsets import RecordViewSet
from orders.api.serializers import OrderSerializer, PaymentTermSerializer
from orders.filters import OrderFilters, PaymentTermFilters
from orders.models import Order, PaymentTerm
from orders.services import drafts, terms


class OrderViewSet(RecordViewSet):
    model = Order
    serializer_class = OrderSerializer
    filterset_class = OrderFilters
    prefetch = ("lines", "plan_lines")
    orderings = ("created_at", "updated_at", "order_date", "gross_base", "number")
    has_trace = True

    @staticmethod
    def add(*, actor: Any, plan_lines: Any = (), **values: Any) -> Order:
        return drafts.create_order(actor=actor, plan=plan_lines, **values)

    @staticmethod
    def change(order: Order, *, actor: Any, plan_lines: Any = None, **values: Any) -> Order:
        return drafts.update_order(order, actor=actor, plan=plan_lines, **values)

    def search(self, queryset: Any, text: str) -> Any:
        return queryset.filter(Q(number__istartswith=text) | Q(customer_po_no__istartswith=text) | Q(customer__name__icontains=text))


class PaymentTermViewSet(RecordViewSet):
    model = PaymentTerm
    serializer_class = PaymentTermSerializer
    filterset_class = PaymentTermFilters
    prefetch = ("lines",)
    orderings = ("name", "code", "created_at")
    search_fields = ("name", "code")
    has_timeline = False
    add = staticmethod(terms.create_payment_term)
    change = staticmethod(terms.update_payment_term)
