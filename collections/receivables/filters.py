from typing import Any

import django_filters as filters
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ltc.customers.origin_filters import TouchFilters
from receivables.aging import Age
from receivables.metrics import LABELS
from receivables.models import (
    Allocation,
    Dispute,
    DunningCase,
    DunningNotice,
    Invoice,
    InvoiceLink,
    OnlinePayment,
    Payment,
    PromiseToPay,
    ReceivableItem,
    Statement,
)
from receivables.selectors import in_age


class InvoiceFilters(TouchFilters):
    """What a list of invoices can be narrowed to, on pages and by REST."""

    touches_at = "order__"

    state__in = filters.BaseInFilter(field_name="state")
    customer = filters.UUIDFilter(field_name="customer_id")
    order = filters.UUIDFilter(field_name="order_id")
    invoice_date__gte = filters.DateFilter(field_name="invoice_date", lookup_expr="gte")
    invoice_date__lte = filters.DateFilter(field_name="invoice_date", lookup_expr="lte")
    sent = filters.BooleanFilter(field_name="sent_at", lookup_expr="isnull", exclude=True)
    updated_at__gte = filters.IsoDateTimeFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = Invoice
        fields = {"state": ["exact"], "kind": ["exact"], "number": ["exact"], "currency": ["exact"]}


class InvoiceLinkFilters(filters.FilterSet):
    """What a list of customer links can be narrowed to."""

    invoice = filters.UUIDFilter(field_name="invoice_id")
    customer = filters.UUIDFilter(field_name="customer_id")
    viewed = filters.BooleanFilter(field_name="viewed_at", lookup_expr="isnull", exclude=True)

    class Meta:
        model = InvoiceLink
        fields = {"state": ["exact"]}


class OnlinePaymentFilters(filters.FilterSet):
    """What a list of online payments can be narrowed to."""

    invoice = filters.UUIDFilter(field_name="invoice_id")
    customer = filters.UUIDFilter(field_name="customer_id")

    class Meta:
        model = OnlinePayment
        fields = {"state": ["exact"]}


class ReceivableItemFilters(TouchFilters):
    """What a list of open items can be narrowed to."""

    touches_at = "invoice__order__"

    customer = filters.UUIDFilter(field_name="customer_id")
    invoice = filters.UUIDFilter(field_name="invoice_id")
    due_date__gte = filters.DateFilter(field_name="due_date", lookup_expr="gte")
    due_date__lte = filters.DateFilter(field_name="due_date", lookup_expr="lte")
    is_open = filters.BooleanFilter(field_name="closed_on", lookup_expr="isnull")
    age = filters.ChoiceFilter(choices=[(age.value, label) for age, label in LABELS.items()], method="of_age", label=_("Age"))

    class Meta:
        model = ReceivableItem
        fields = {"kind": ["exact"], "currency": ["exact"], "released": ["exact"]}

    def of_age(self, queryset: Any, name: str, value: str) -> Any:
        """Open items of a bucket of days overdue, in the tenant's day."""
        return queryset.filter(in_age(Age(value), timezone.localdate()), open_amount__gt=0)


class PaymentFilters(TouchFilters):
    """What a list of payments can be narrowed to; by touches: the payments of which a part stems from such an order."""

    touches_at = "item__invoice__order__"

    state__in = filters.BaseInFilter(field_name="state")
    customer = filters.UUIDFilter(field_name="customer_id")
    received_on__gte = filters.DateFilter(field_name="received_on", lookup_expr="gte")
    received_on__lte = filters.DateFilter(field_name="received_on", lookup_expr="lte")
    on_account = filters.BooleanFilter(method="with_rest")

    class Meta:
        model = Payment
        fields = {name: ["exact"] for name in ("state", "method", "currency", "number", "bank_ref", "bank_account")}

    def with_rest(self, queryset: Any, name: str, value: bool) -> Any:
        """Payments of which something is not allocated."""
        return queryset.filter(unallocated__gt=0) if value else queryset.filter(unallocated=0)

    def wanted(self, condition: Q) -> Any:
        return Exists(Allocation.objects.filter(condition, payment=OuterRef("pk"), active=True))


class AllocationFilters(TouchFilters):
    """What a list of allocations can be narrowed to."""

    touches_at = "item__invoice__order__"

    payment = filters.UUIDFilter(field_name="payment_id")
    credit_note = filters.UUIDFilter(field_name="credit_note_id")
    item = filters.UUIDFilter(field_name="item_id")
    invoice = filters.UUIDFilter(field_name="item__invoice_id")
    active = filters.BooleanFilter()

    class Meta:
        model = Allocation
        fields = {"state": ["exact"], "kind": ["exact"], "method": ["exact"]}


class ReminderCaseFilters(filters.FilterSet):
    """What a list of reminder cases can be narrowed to."""

    customer = filters.UUIDFilter(field_name="customer_id")

    class Meta:
        model = DunningCase
        fields = {"state": ["exact"], "currency": ["exact"]}


class ReminderFilters(filters.FilterSet):
    """What a list of reminders can be narrowed to."""

    customer = filters.UUIDFilter(field_name="case__customer_id")
    invoice = filters.UUIDFilter(field_name="items__item__invoice_id", distinct=True)
    run_date__gte = filters.DateFilter(field_name="run_date", lookup_expr="gte")

    class Meta:
        model = DunningNotice
        fields = {"state": ["exact"], "level": ["exact"]}


class PromiseFilters(filters.FilterSet):
    """What a list of promises can be narrowed to."""

    customer = filters.UUIDFilter(field_name="customer_id")
    item = filters.UUIDFilter(field_name="items__item_id", distinct=True)
    invoice = filters.UUIDFilter(field_name="items__item__invoice_id", distinct=True)
    promised_on__gte = filters.DateFilter(field_name="promised_on", lookup_expr="gte")
    promised_on__lte = filters.DateFilter(field_name="promised_on", lookup_expr="lte")

    class Meta:
        model = PromiseToPay
        fields = {"state": ["exact"], "currency": ["exact"]}


class DisputeFilters(filters.FilterSet):
    """What a list of disputes can be narrowed to."""

    customer = filters.UUIDFilter(field_name="item__customer_id")
    item = filters.UUIDFilter(field_name="item_id")
    invoice = filters.UUIDFilter(field_name="item__invoice_id")
    owner = filters.UUIDFilter(field_name="owner_id")

    class Meta:
        model = Dispute
        fields = {"state": ["exact"], "reason": ["exact"]}


class StatementFilters(filters.FilterSet):
    """What a list of statements can be narrowed to."""

    customer = filters.UUIDFilter(field_name="customer_id")

    class Meta:
        model = Statement
        fields = {"state": ["exact"], "currency": ["exact"]}
