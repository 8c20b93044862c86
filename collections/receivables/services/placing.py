"""Placing money with one press: the payer is named, the payment posted, and what it would pay is paid."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ltc.refusals import Refusal
from ltc.users.actors import Actor
from ltc.workflow.engine import perform
from receivables.models import Payment

State = Payment.State


@transaction.atomic
def place(payment: Payment, *, actor: Actor, customer: Any = None, at: datetime | None = None) -> Payment:
    """Take a payment as far as it goes: identified as this customer's if nobody is known, posted, allocated as suggested.

    What is left stays on the customer's account. Raises Forbidden, Refusal.
    """
    at = at or timezone.now()
    if payment.customer_id is None:
        if customer is None:
            raise Refusal(_("Say who paid first."), code="required", field="customer")
        payment = perform(payment, "identify", actor=actor, at=at, customer=customer)
    if payment.state == State.IDENTIFIED:
        payment = perform(payment, "post", actor=actor, at=at)
    payment.refresh_from_db()
    if payment.state == State.POSTED and payment.unallocated and payment.suggestion().shares:
        payment = perform(payment, "allocate", actor=actor, at=at)
    return payment
