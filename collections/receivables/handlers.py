from collections.abc import Iterable, Sequence
from typing import Any

from django.utils import timezone

from ltc.customers.ties import ties
from ltc.events.bus import subscribe
from ltc.workflow.engine import carries_out
from orders.credit import Owed, register_exposure
from orders.events import PlanLineTriggered
from orders.models import CollectionPlanLine
from receivables.aging import days_overdue
from receivables.company import day_of
from receivables.events import PaymentPosted
from receivables.models import Allocation, Dispute, DunningNotice, Invoice, Payment, PromiseToPay, ReceivableItem, Statement
from receivables.selectors import balance_of
from receivables.services import account_statements, dispatch, disputes
from receivables.services.invoicing import post_invoice, prepare_submission, propose_invoice
from receivables.services.promises import prepare_cancellation
from receivables.services.receipts import (
    allocate_the_certain,
    prepare_allocation,
    prepare_identification,
    prepare_posting,
    take_allocation_back,
    take_payment_back,
)
from receivables.services.reminders import use_up

carries_out(Invoice, "submit")(prepare_submission)
carries_out(Invoice, "issue")(post_invoice)
carries_out(Payment, "identify")(prepare_identification)
carries_out(Payment, "post")(prepare_posting)
carries_out(Payment, "allocate")(prepare_allocation)
carries_out(Payment, "reverse")(take_payment_back)
carries_out(Allocation, "reverse")(take_allocation_back)
carries_out(DunningNotice, "refuse")(use_up)
carries_out(DunningNotice, "resend")(dispatch.resend)
carries_out(DunningNotice, "confirm")(dispatch.confirm)
carries_out(Statement, "send")(account_statements.post)
carries_out(Statement, "confirm")(account_statements.answered)
carries_out(Statement, "object")(account_statements.answered)
carries_out(PromiseToPay, "cancel")(prepare_cancellation)
carries_out(Dispute, "investigate")(disputes.resume_clock)
carries_out(Dispute, "wait")(disputes.stop_clock)
for _name in ("resolve_credit", "resolve_rejected", "withdraw"):
    carries_out(Dispute, _name)(disputes.close)


@subscribe(PlanLineTriggered)
def propose_what_is_billable(event: PlanLineTriggered) -> None:
    propose_invoice(CollectionPlanLine.objects.get(pk=event.plan_line), actor=event.actor, at=event.at)


@subscribe(PaymentPosted)
def allocate_what_is_certain(event: PaymentPosted) -> None:
    allocate_the_certain(Payment.objects.get(pk=event.record), at=event.at)


@register_exposure
def owed_on_invoices(customer: Any) -> Owed:
    """What collections knows of a customer for the credit check of an order."""
    balance = balance_of(customer)
    return Owed(balance.receivables, balance.on_account, days_overdue(balance.oldest_due, day_of(timezone.now())))


@ties
def with_receivables(customers: Sequence[Any]) -> Iterable[Any]:
    """The customers that owe us something."""
    owed = ReceivableItem.objects.filter(customer__in=customers, open_amount__gt=0)
    return owed.values_list("customer", flat=True).distinct()
