"""Online payments: begun by the customer, booked when the provider says so, through the same doors as any other money."""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ltc.refusals import Forbidden, Refusal
from ltc.timeline.models import Entry
from ltc.timeline.services import record
from ltc.users.actors import SYSTEM, Actor
from ltc.users.sealing import seal
from ltc.workflow.engine import perform
from receivables.company import day_of, own_company
from receivables.models import Invoice, InvoiceLink, OnlineAccount, OnlinePayment, Payment, ProviderNotice
from receivables.online import PURPOSE, Notice, choices, may_pretend, provider_named
from receivables.services.receipts import record_payment
from receivables.services.reminders import give_task

SAME_WISH: Final = timedelta(minutes=30)
State = OnlinePayment.State


@transaction.atomic
def set_up_account(
    *, actor: Actor, name: str, provider: str, bank_account: str, currencies: str = "", secret: str = "", at: datetime | None = None
) -> OnlineAccount:
    """Enter our account with a provider; it is off until it is switched on. Raises Forbidden, Refusal, ValidationError."""
    if not actor.has_perm("ledger.set_up"):
        raise Forbidden(_("You may not set up payment accounts. Ask finance."))
    if provider not in dict(choices(own_company())):
        raise Refusal(_("There is no such payment provider here."), code="invalid", field="provider")
    account = OnlineAccount(
        name=name, provider=provider, bank_account=bank_account, currencies=currencies.upper(),
        sealed_secret=seal(secret or new_secret(), purpose=PURPOSE),
    )  # fmt: skip
    account.full_clean()
    account.save()
    record(account, kind=Entry.Kind.SYSTEM, name="created", to_state=account.state, actor=actor, at=at or timezone.now())
    return account


def new_secret() -> str:
    return secrets.token_urlsafe(32)


def change_secret(account: OnlineAccount, *, actor: Actor, at: datetime, secret: str = "") -> dict[str, Any]:
    """What the provider signs with from now on; it is kept sealed."""
    return {"sealed": seal(secret or new_secret(), purpose=PURPOSE)}


def account_for(invoice: Invoice) -> OnlineAccount | None:
    """Where an invoice can be paid online, if anywhere."""
    if invoice.kind == Invoice.Kind.PROFORMA or not invoice.open_amount:
        return None
    tenant = own_company()
    accounts = OnlineAccount.objects.filter(state=OnlineAccount.State.ON).order_by("name", "pk")
    return next((each for each in accounts if each.takes(invoice.currency) and (each.provider != "test" or may_pretend(tenant))), None)


@transaction.atomic
def begin_payment(invoice: Invoice, *, at: datetime, link: InvoiceLink | None = None) -> str:
    """The address where the customer pays what is open of an invoice. Pressing the button twice is one wish. Raises Refusal."""
    invoice = Invoice.objects.select_for_update(of=("self",)).select_related("customer").get(pk=invoice.pk)
    account = account_for(invoice)
    if account is None:
        raise Refusal(_("This invoice cannot be paid online. Nothing is open, or no provider takes its currency."), code="not_payable")
    wanted = {"account": account, "invoice": invoice, "amount": invoice.open_amount, "currency": invoice.currency}
    asked = OnlinePayment.objects.filter(**wanted, state=State.BEGUN, created_at__gt=at - SAME_WISH).order_by("-created_at").first()
    if asked is None:
        asked = OnlinePayment.objects.create(**wanted, customer_id=invoice.customer_id, link=link)
        record(asked, kind=Entry.Kind.SYSTEM, name="created", to_state=asked.state, actor=SYSTEM, at=at)
    return provider_named(account.provider).begin(asked)


def hear(account: OnlineAccount, headers: Mapping[str, str], body: bytes, *, at: datetime) -> str:
    """Take a provider's notice; what came of it. Raises BadNotice, and Refusal if it names no payment of this account."""
    notice = provider_named(account.provider).read(account, headers, body, now=at)
    return take_notice(account, notice, sha256=hashlib.sha256(body).hexdigest(), at=at)


@transaction.atomic
def take_notice(account: OnlineAccount, notice: Notice, *, sha256: str, at: datetime) -> str:
    """Book what a checked notice says, once: `paid`, `failed`, `in_question`, or `known` if it was heard or booked before."""
    asked = OnlinePayment.objects.select_for_update(of=("self",)).filter(pk=notice.reference, account=account).first()
    if asked is None:
        raise Refusal("No payment of this account has this reference.", code="unknown_reference")
    outcome = _outcome(asked, notice)
    heard = ProviderNotice(account=account.pk, notice=notice.id, online_payment=asked.pk, outcome=outcome, sha256=sha256, at=at)
    try:
        with transaction.atomic():
            heard.save(force_insert=True)
    except IntegrityError:
        return "known"
    if outcome == "failed":
        perform(asked, "fail", actor=SYSTEM, at=at, reason=notice.reason or "–")
    elif outcome == "paid":
        return _book(account, asked, notice, at)
    return outcome


def _outcome(asked: OnlinePayment, notice: Notice) -> str:
    if not notice.paid:
        return "failed" if asked.state == State.BEGUN else "known"
    known = Payment.objects.filter(bank_account=asked.account.bank_account, bank_ref=notice.charge).exists()
    return "known" if known else "paid"


def _book(account: OnlineAccount, asked: OnlinePayment, notice: Notice, at: datetime) -> str:
    """The money came: record it. What was asked is posted and pays the invoice; another amount, or a second payment of the same wish,
    waits for a person, for it is the customer's money either way."""
    invoice, day = asked.invoice, min(day_of(notice.at), day_of(at))
    payment = record_payment(
        actor=SYSTEM, amount=notice.amount, currency=notice.currency, received_on=day, customer=asked.customer,
        method=notice.method, bank_account=account.bank_account, bank_ref=notice.charge, remittance_text=str(invoice.number), at=at,
    )  # fmt: skip
    told: dict[str, Any] = {"charge": notice.charge, "payment": payment, "amount": notice.amount, "currency": notice.currency}
    again = asked.state in (State.PAID, State.IN_QUESTION)
    wrong = (notice.amount, notice.currency) != (asked.amount, asked.currency)
    why = _("It was paid twice.") if again else _("Another amount was paid than was asked for.") if wrong else ""
    if not why:
        try:
            with transaction.atomic():
                perform(payment, "post", actor=SYSTEM, at=at)
        except Refusal as refusal:
            why = str(refusal)
    if not why:
        perform(asked, "pay", actor=SYSTEM, at=at, **told)
        data = {"payment": str(payment.pk)}
        record(invoice, kind=Entry.Kind.ACTIVITY, name="paid_online", actor=SYSTEM, at=at, body=notice.charge, data=data)
        return "paid"
    if not again:
        perform(asked, "put_in_question", actor=SYSTEM, at=at, reason=why, **told)
    give_task(asked.customer, _("Look at the online payment %(charge)s of %(invoice)s: %(why)s") % {
        "charge": notice.charge, "invoice": invoice.number, "why": why,
    }, at)  # fmt: skip
    return "in_question"
