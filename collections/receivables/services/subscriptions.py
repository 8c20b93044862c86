"""Invoices of subscriptions: proposed by the plan on the first day of each period, and issued and sent by themselves where that is set."""

from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from ltc.refusals import Refusal
from ltc.users.actors import SYSTEM
from ltc.workflow.engine import perform
from receivables.company import day_of, own_company
from receivables.models import Invoice
from receivables.services.reminders import give_task

State = Invoice.State
WAITING: Final = (State.DRAFT, State.APPROVED)


def issue_subscriptions(*, at: datetime) -> int:
    """Issue and send the invoices of subscriptions that are due, if the tenant's setting `issue_subscriptions` is on; how many.

    What takes an approval waits for it. What cannot be issued is told to finance; the others go on. Safe to run any number of times.
    """
    if not own_company().settings.get("issue_subscriptions"):
        return 0
    due = Invoice.objects.filter(
        kind=Invoice.Kind.SUBSCRIPTION, state__in=WAITING, plan_line__triggered_on__lte=day_of(at), drafted_by__isnull=True
    )
    issued = 0
    for invoice in due.select_related("customer", "order").order_by("plan_line__triggered_on", "pk"):
        try:
            with transaction.atomic():
                issued += _issue(invoice, at)
        except Refusal as refusal:
            told = {"order": invoice.order, "why": refusal}
            give_task(invoice.customer, _("The invoice of a period of %(order)s cannot be issued: %(why)s") % told, at)
    return issued


def _issue(invoice: Invoice, at: datetime) -> bool:
    if invoice.state == State.DRAFT:
        perform(invoice, "submit", actor=SYSTEM, at=at)
    if invoice.state != State.APPROVED:
        return False
    perform(invoice, "issue", actor=SYSTEM, at=at)
    if address := invoice.billing_address:
        perform(invoice, "send", actor=SYSTEM, at=at, recipient=address)
    return True
