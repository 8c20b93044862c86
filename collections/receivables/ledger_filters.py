"""What lists of the ledger's records can be narrowed to, on pages and by REST."""

import django_filters as filters
from django.utils.translation import gettext_lazy as _

from receivables.models import Bill, CreditNote, JournalEntry, JournalLine, PaymentEarmark, Period, Refund, TaxInvoice, WriteOff


class CreditNoteFilters(filters.FilterSet):
    """What a list of credit notes can be narrowed to."""

    state__in = filters.BaseInFilter(field_name="state")
    customer = filters.UUIDFilter(field_name="customer_id")
    invoice = filters.UUIDFilter(field_name="invoice_id")
    credit_date__gte = filters.DateFilter(field_name="credit_date", lookup_expr="gte")
    credit_date__lte = filters.DateFilter(field_name="credit_date", lookup_expr="lte")

    class Meta:
        model = CreditNote
        fields = {"state": ["exact"], "reason": ["exact"], "number": ["exact"], "currency": ["exact"]}


class WriteOffFilters(filters.FilterSet):
    """What a list of write-offs can be narrowed to."""

    customer = filters.UUIDFilter(field_name="customer_id")
    item = filters.UUIDFilter(field_name="item_id")
    payment = filters.UUIDFilter(field_name="payment_id")

    class Meta:
        model = WriteOff
        fields = {"state": ["exact"], "kind": ["exact"]}


class RefundFilters(filters.FilterSet):
    """What a list of refunds can be narrowed to."""

    customer = filters.UUIDFilter(field_name="customer_id")
    payment = filters.UUIDFilter(field_name="payment_id")

    class Meta:
        model = Refund
        fields = {"state": ["exact"]}


class EarmarkFilters(filters.FilterSet):
    """What a list of earmarks can be narrowed to."""

    payment = filters.UUIDFilter(field_name="payment_id")
    plan_line = filters.UUIDFilter(field_name="plan_line_id")
    active = filters.BooleanFilter()

    class Meta:
        model = PaymentEarmark
        fields: list[str] = []


class BillFilters(filters.FilterSet):
    """What a list of bills of exchange can be narrowed to."""

    payment = filters.UUIDFilter(field_name="payment_id")
    due_on__lte = filters.DateFilter(field_name="due_on", lookup_expr="lte")

    class Meta:
        model = Bill
        fields = {"state": ["exact"]}


class PeriodFilters(filters.FilterSet):
    """What a list of months can be narrowed to."""

    class Meta:
        model = Period
        fields = {"state": ["exact"], "month": ["exact"]}


class JournalFilters(filters.FilterSet):
    """What the journal can be narrowed to."""

    entry_date__gte = filters.DateFilter(field_name="entry_date", lookup_expr="gte")
    entry_date__lte = filters.DateFilter(field_name="entry_date", lookup_expr="lte")
    account = filters.ChoiceFilter(
        field_name="lines__account", choices=JournalLine.Account.choices, distinct=True, label=_("Ledger account")
    )
    event = filters.ChoiceFilter(choices=JournalEntry.Event.choices, label=_("Posting"))
    customer = filters.UUIDFilter(field_name="lines__customer_id", distinct=True)
    invoice = filters.UUIDFilter(field_name="invoice_id")
    payment = filters.UUIDFilter(field_name="payment_id")
    credit_note = filters.UUIDFilter(field_name="credit_note_id")

    class Meta:
        model = JournalEntry
        fields = {"number": ["exact"]}


class TaxInvoiceFilters(filters.FilterSet):
    """What a list of tax invoices can be narrowed to."""

    invoice = filters.UUIDFilter(field_name="invoice_id")
    credit_note = filters.UUIDFilter(field_name="credit_note_id")

    class Meta:
        model = TaxInvoice
        fields = {"state": ["exact"], "direction": ["exact"], "kind": ["exact"], "fapiao_no": ["exact"]}
