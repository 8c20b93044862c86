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
from receivables.events import CreditNoteIssued, InvoiceIssued, PaymentPosted
from receivables.models import (
    Allocation,
    Bill,
    CreditNote,
    Dispute,
    DunningNotice,
    Invoice,
    OnlineAccount,
    Payment,
    Period,
    PromiseToPay,
    ReceivableItem,
    Refund,
    Statement,
    TaxInvoice,
    WriteOff,
)
from receivables.selectors import balance_of
from receivables.services import account_statements, dispatch, disputes, online, sending, tax
from receivables.services.allocating import (
    allocate_the_certain,
    allocate_what_stands,
    apply_credit,
    prepare_allocation,
    take_allocation_back,
)
from receivables.services.bills import discount_bill, dishonour_bill, endorse_bill, honour_bill
from receivables.services.credits import post_credit_note, prepare_credit_submission
from receivables.services.differences import prepare_write_off, take_write_off_back
from receivables.services.invoicing import bill_or_release, post_invoice, prepare_submission, withdraw_invoice
from receivables.services.periods import check_close
from receivables.services.promises import prepare_cancellation
from receivables.services.receipts import prepare_identification, prepare_posting, take_payment_back
from receivables.services.recovery import recover_write_off
from receivables.services.refunds import prepare_refund, take_refund_back
from receivables.services.reminders import use_up

carries_out(Invoice, "submit")(prepare_submission)
carries_out(Invoice, "issue")(post_invoice)
carries_out(Invoice, "send")(sending.send_invoice)
carries_out(Invoice, "void")(withdraw_invoice)
carries_out(CreditNote, "submit")(prepare_credit_submission)
carries_out(CreditNote, "request_red")(tax.ask_for_red)
carries_out(TaxInvoice, "request")(tax.ask_platform)
carries_out(TaxInvoice, "issue_red")(tax.issue_red_number)
carries_out(CreditNote, "issue")(post_credit_note)
carries_out(CreditNote, "allocate")(prepare_allocation)
carries_out(WriteOff, "approve")(prepare_write_off)
carries_out(WriteOff, "reverse")(take_write_off_back)
carries_out(WriteOff, "recover")(recover_write_off)
carries_out(Refund, "approve")(prepare_refund)
carries_out(Refund, "give_back")(take_refund_back)
carries_out(Period, "close")(check_close)
carries_out(OnlineAccount, "new_secret")(online.change_secret)
carries_out(Bill, "honour")(honour_bill)
carries_out(Bill, "endorse")(endorse_bill)
carries_out(Bill, "discount")(discount_bill)
carries_out(Bill, "dishonour")(dishonour_bill)
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
    bill_or_release(CollectionPlanLine.objects.get(pk=event.plan_line), on=event.on, actor=event.actor, at=event.at)


@subscribe(PaymentPosted)
def allocate_what_is_certain(event: PaymentPosted) -> None:
    allocate_the_certain(Payment.objects.get(pk=event.record), at=event.at)


@subscribe(InvoiceIssued)
def settle_from_account(event: InvoiceIssued) -> None:
    invoice = Invoice.objects.get(pk=event.record)
    allocate_what_stands(invoice.customer_id, invoice.currency, at=event.at)


@subscribe(CreditNoteIssued)
def apply_credit_note(event: CreditNoteIssued) -> None:
    apply_credit(CreditNote.objects.get(pk=event.record), actor=event.actor, at=event.at)


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
