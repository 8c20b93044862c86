"""Invoices, payments and all that became of them: told through the ledger's own services, each on its day."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.utils.translation import gettext as _

from ltc.customers.models import Customer
from ltc.events.past import telling_the_past
from ltc.refusals import Refusal
from ltc.workflow.engine import perform
from orders.models import Order
from receivables.history.acts import Made, acts_of
from receivables.history.billed import bill_the_orders
from receivables.history.values import Wrong
from receivables.history.world import AT_ONCE, IMPORTER, Fact, World
from receivables.models import CreditNote, Dispute, Invoice, Payment, PromiseToPay, ReceivableItem
from receivables.services.allocating import apply_credit
from receivables.services.credits import draft_credit_note
from receivables.services.differences import write_off
from receivables.services.disputes import open_dispute
from receivables.services.free_invoices import issue_past_invoice
from receivables.services.promises import judge_promises, make_promise
from receivables.services.receipts import record_payment
from receivables.services.refunds import request_refund
from receivables.services.retention import release_retention

REASONS: Final = frozenset(Dispute.Reason.values)


def bring_money(world: World) -> None:
    """Every fact of the ledger in order of time; then promises are judged and orders told what was billed of them."""
    teller = Teller(world)
    with telling_the_past():
        for number, fact in enumerate(acts_of(world), start=1):
            teller.tell(fact)
            if number % AT_ONCE == 0:
                world.settle()
        teller.judge()
        bill_the_orders(world)


class Teller:
    """Tells one act after the other."""

    def __init__(self, world: World) -> None:
        self.world, self.made = world, Made(world)
        self._failed: set[uuid.UUID] = set()
        self._tellers: dict[str, Callable[[Fact], Any]] = {
            "invoice": self._invoice, "retention_release": self._release, "credit_note": self._credit, "payment": self._payment,
            "share": self._share, "payment_reversal": self._reverse, "refund": self._refund, "dispute": self._dispute,
            "dispute_end": self._end_dispute, "write_off": self._write_off, "promise": self._promise, "promise_cancel": self._cancel,
        }  # fmt: skip

    def tell(self, fact: Fact) -> None:
        """Do what a fact says, or report why it cannot be so. What hangs on a fact that failed is passed over: one fault is enough."""
        if self._hangs_on_a_fault(fact):
            self._failed.add(fact.subject)
            return
        name = {"share": "payment" if fact.ref == "" and "payment" not in fact.data else "allocation", "dispute_end": "dispute"}
        object = name.get(fact.object, fact.object)
        try:
            with transaction.atomic():
                made = self._tellers[fact.object](fact)
        except Wrong as wrong:
            self.world.faults.add_wrong(fact.line, object, wrong)
        except Refusal as refusal:
            self.world.faults.add(fact.line, object, refusal.field or "", refusal, _("Correct the line, or the facts before it."))
        except ValidationError as error:
            self.world.faults.add(fact.line, object, "", " ".join(error.messages), _("Correct the line, or the facts before it."))
        except DatabaseError as error:
            sentence = str(error).strip().splitlines()[0]
            message = _("The database refused the facts: %(why)s") % {"why": sentence}
            self.world.faults.add(fact.line, object, "", message, _("Correct the line, or the facts before it."))
        else:
            if made is not None:
                self.made.note(fact.subject, made.pk)
            return
        if fact.ref:
            self._failed.add(fact.subject)

    def _hangs_on_a_fault(self, fact: Fact) -> bool:
        if not self._failed:
            return False
        named = {fact.subject, *(fact.id(name) for name in ("invoice", "payment", "promise"))}
        return bool(self._failed & named)

    def judge(self) -> None:
        """The promises of which the days of grace are over, each as it stood then."""
        waiting = PromiseToPay.objects.filter(state=PromiseToPay.State.OPEN, good_until__lt=self.world.clock.today)
        for pk, until in list(waiting.order_by("made_at").values_list("pk", "good_until")):
            at = self.world.clock.midnight(until + timedelta(days=1))
            judge_promises(at=at, promises=PromiseToPay.objects.filter(pk=pk))
        judge_promises(at=self.world.now)

    # Each act

    def _invoice(self, fact: Fact) -> Invoice:
        world, day = self.world, fact.day("invoice_date")
        currency = fact.data.get("currency", world.currency)
        assert day is not None
        items = [
            {
                "seq": item["seq"],
                "amount": world.exact(Decimal(item["amount"]), currency, "items"),
                "due_date": item.get("due_date"),
                "retention": item.get("retention", False),
            }
            for item in fact.data["items"]
        ]
        split: dict[str, Any] = {
            name: world.exact(part, currency, name) for name in ("net", "tax") if (part := fact.number(name)) is not None
        }
        gross = sum((item["amount"] for item in items), Decimal(0))
        if split:
            split = {"net": split.get("net", gross - split.get("tax", Decimal(0)))}
            split["tax"] = gross - split["net"]
        return issue_past_invoice(
            customer=Customer.objects.get(pk=fact.data["customer"]), items=items,
            order=Order.objects.get(pk=fact.data["order"]) if "order" in fact.data else None,
            on=day, at=fact.at, currency=currency, fx_rate=world.rate_of(fact, currency, day), external_ref=fact.ref, actor=IMPORTER,
            **split,
        )  # fmt: skip

    def _release(self, fact: Fact) -> None:
        release_retention(item=self._item(fact), actor=IMPORTER, on=fact.day("on"), due_date=fact.day("due_date"), at=fact.at)

    def _credit(self, fact: Fact) -> CreditNote:
        invoice = Invoice.objects.get(pk=self._record(fact, "invoice"))
        amount = self.world.amount_of(fact, invoice.currency)
        split: dict[str, Any] = {
            name: self.world.exact(part, invoice.currency, name) for name in ("net", "tax") if (part := fact.number(name)) is not None
        }
        credit = draft_credit_note(
            actor=IMPORTER, invoice=invoice, reason=CreditNote.Reason.PRICE, amount=amount, at=fact.at, external_ref=fact.ref, **split
        )
        perform(credit, "submit", actor=IMPORTER, at=fact.at)
        if credit.state == CreditNote.State.IN_APPROVAL:
            perform(credit, "approve", actor=IMPORTER, at=fact.at)
        perform(credit, "issue", actor=IMPORTER, at=fact.at, on=fact.day("date"))
        apply_credit(credit, actor=IMPORTER, at=fact.at)
        return credit

    def _payment(self, fact: Fact) -> Payment:
        world, day = self.world, fact.day("received_on")
        currency = fact.data.get("currency", world.currency)
        assert day is not None
        amount, rate = world.amount_of(fact, currency), world.rate_of(fact, currency, day)
        payment = record_payment(
            actor=IMPORTER, amount=amount, currency=currency, received_on=day, customer=Customer.objects.get(pk=fact.data["customer"]),
            method=fact.data.get("method", Payment.Method.BANK_TRANSFER), external_ref=fact.ref, at=fact.at,
        )  # fmt: skip
        return perform(payment, "post", actor=IMPORTER, at=fact.at, fx_rate=rate)

    def _share(self, fact: Fact) -> None:
        payment, item = Payment.objects.get(pk=self.made.record(fact.subject)), self._item(fact)
        amount = self.world.amount_of(fact, payment.currency)
        perform(payment, "allocate", actor=IMPORTER, at=fact.at, rows=[{"item": item, "amount": amount}], on=self.world.day(fact.at))

    def _reverse(self, fact: Fact) -> None:
        payment = Payment.objects.get(pk=self.made.record(fact.subject))
        perform(payment, "reverse", actor=IMPORTER, at=fact.at, reason=IMPORTER.label)

    def _refund(self, fact: Fact) -> None:
        payment = Payment.objects.get(pk=self.made.record(fact.subject))
        amount = self.world.amount_of(fact, payment.currency)
        request_refund(actor=IMPORTER, payment=payment, amount=amount, date=fact.day("on"), reason=IMPORTER.label, at=fact.at)

    def _dispute(self, fact: Fact) -> Dispute:
        item, said = self._item(fact), fact.data.get("reason", "")
        reason = said if said in REASONS else Dispute.Reason.OTHER
        amount = self.world.amount_of(fact, item.currency)
        description = "" if said in REASONS else said
        return open_dispute(actor=IMPORTER, item=item, reason=reason, amount=amount, description=description, at=fact.at, is_history=True)

    def _end_dispute(self, fact: Fact) -> None:
        """It was granted if a credit note followed, else rejected: the file says only when."""
        dispute = Dispute.objects.get(pk=self.made.record(fact.subject))
        if not dispute.is_unsolved:
            return
        credited = CreditNote.objects.filter(
            invoice=self._record(fact, "invoice"), credit_date__gte=dispute.opened_on, credit_date__lte=self.world.day(fact.at)
        )
        name = "resolve_credit" if credited.exists() else "resolve_rejected"
        perform(dispute, name, actor=IMPORTER, at=fact.at, resolution=IMPORTER.label)

    def _write_off(self, fact: Fact) -> Any:
        item = self._item(fact)
        return write_off(
            actor=IMPORTER, item=item, amount=self.world.amount_of(fact, item.currency), kind=fact.data["kind"], date=fact.day("date"),
            reason=IMPORTER.label, at=fact.at, external_ref=fact.ref,
        )  # fmt: skip

    def _promise(self, fact: Fact) -> PromiseToPay:
        item, day = self._item(fact), fact.day("promised_on")
        assert day is not None
        judge_promises(at=fact.at, promises=PromiseToPay.objects.filter(items__item=item))
        rows = [{"item": item, "amount": self.world.amount_of(fact, item.currency)}]
        return make_promise(actor=IMPORTER, items=rows, promised_on=day, at=fact.at, is_history=True)

    def _cancel(self, fact: Fact) -> None:
        pk = self.made.record(fact.subject)
        judge_promises(at=fact.at, promises=PromiseToPay.objects.filter(pk=pk))
        promise = PromiseToPay.objects.get(pk=pk)
        if promise.state == PromiseToPay.State.OPEN:
            perform(promise, "cancel", actor=IMPORTER, at=fact.at, reason=IMPORTER.label)

    def _record(self, fact: Fact, name: str) -> uuid.UUID:
        found = fact.id(name)
        assert found is not None
        return self.made.record(found)

    def _item(self, fact: Fact) -> ReceivableItem:
        """The open item that a fact names by its invoice and number. Raises Wrong."""
        seq = fact.data["seq"]
        item = ReceivableItem.objects.filter(invoice=self._record(fact, "invoice"), seq=seq).select_related("invoice", "customer").first()
        if item is None:
            raise Wrong(_("The invoice has no item %(seq)s.") % {"seq": seq}, _("Write the number of one of its items."), "seq")
        return item
