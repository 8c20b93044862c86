"""What payments and credit notes have in common: a rest that items can be settled with."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from ltc.workflow.inputs import Input
from ltc.workflow.inputs import Kind as InputKind
from receivables.allocation import OpenItem, Proposal, numbers_in, propose
from receivables.company import is_small
from receivables.models.invoices import ReceivableItem


def open_to(queryset: Any, source: Any, actor: Any) -> Any:
    """The items that a source may settle: of its customer and currency, released, with something open."""
    return queryset.filter(customer=source.customer_id, currency=source.currency, released=True, in_ledger=True, open_amount__gt=0)


def suggested_rows(source: Any, actor: Any) -> list[dict[str, Any]]:
    """The engine's suggestion as the rows of the dialog."""
    return [{"item": share.item, "amount": share.amount} for share in source.suggestion().shares]


ALLOCATION_INPUTS = [
    Input(
        "rows", _("Items"), InputKind.ROWS, required=False, initial=suggested_rows,
        help=_("What fits best is filled in. Without rows the suggestion is followed."),
        rows=(
            Input("item", _("Item"), InputKind.RECORD, model="collections.ReceivableItem", limit=open_to),
            Input("amount", _("Amount"), InputKind.MONEY),
        ),
    ),
    Input("on", _("Date"), InputKind.DATE, required=False, help=_("The day of the money or of the invoice, whichever is later, if empty.")),
]  # fmt: skip


def names_of(item: ReceivableItem) -> frozenset[str]:
    """What a payer may call an item by: the number of its invoice, of its order or contract, or their own order number."""
    invoice = item.invoice
    names = {invoice.number, invoice.po_ref}
    if invoice.order is not None:
        names |= {invoice.order.number, invoice.order.contract_ref, invoice.order.customer_po_no}
    return frozenset(name for name in names if name)


class Source(models.Model):
    """A payment or a credit note: what is left of it stands on the customer's account.

    Its subclasses have customer, currency, fx_rate, unallocated and unallocated_base.
    """

    class Meta:
        abstract = True

    @property
    def source_date(self) -> date:
        """The day from which it can settle something."""
        raise NotImplementedError

    @property
    def link(self) -> dict[str, Any]:
        """How ledger lines and allocations name it."""
        return {"credit_note" if self._meta.model_name == "creditnote" else "payment": self}

    def suggestion(self) -> Proposal:
        """Which items what is left of it would settle; a small difference is one up to the tenant's tolerance."""
        source: Any = self
        found = open_to(ReceivableItem.objects.all(), source, None)
        items = [
            OpenItem(item.pk, item.invoice.number or "", item.due_date, item.invoice.invoice_date, item.open_amount, names_of(item),
                     item.disputed_amount, item.plan_line_id)
            for item in found.select_related("invoice__order").prefetch_related("disputes")
            if item.due_date is not None and item.invoice.invoice_date is not None
        ]  # fmt: skip
        known = {name for item in items for name in item.names}
        return propose(
            self.left, items, named=numbers_in(self.memo, known), earmarked=self.earmarked(),
            is_small=lambda difference: is_small(difference, rate=source.fx_rate),
        )  # fmt: skip

    @property
    def left(self) -> Decimal:
        """What is left of it to settle items with."""
        source: Any = self
        return Decimal(source.unallocated)

    @property
    def memo(self) -> str:
        """What the payer says it is for."""
        return ""

    def earmarked(self) -> dict[Any, Decimal]:
        """How much of it is kept for parts of a collection plan, by part."""
        return {}

    def take(self, amount: Decimal, amount_base: Decimal) -> None:
        """So much of what is left is used, or given back if negative."""
        source: Any = self
        source.unallocated -= amount
        source.unallocated_base -= amount_base
