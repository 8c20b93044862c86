"""Tax invoices and red letters, with the stand-in of the tax platform."""

from datetime import timedelta

import pytest

from ltc.events.outbox import run_pending
from ltc.refusals import Refusal
from ltc.users.actors import SYSTEM
from ltc.workflow.engine import perform
from receivables.company import own_company
from receivables.models import CreditNote, Invoice, TaxInvoice
from receivables.services.credits import draft_credit_note
from receivables.services.tax import carry_out, draft_tax_invoice, follow_reds
from tests.collections import make as cash
from tests.collections.make import NOON

pytestmark = pytest.mark.usefixtures("inside")
USCC = "91440300MA5DA00T2K"


@pytest.fixture
def invoice(rep):
    tenant = own_company()
    tenant.settings = {**tenant.settings, "tax_category_code": "1090000000000000000"}
    tenant.save()
    cash.order(rep)
    return cash.issued(Invoice.objects.get())


def blue(invoice):
    made = draft_tax_invoice(actor=SYSTEM, invoice=invoice, kind="general", at=NOON)
    perform(made, "request", actor=SYSTEM, at=NOON)
    carry_out(made, at=NOON)
    return TaxInvoice.objects.get(pk=made.pk)


def credit(invoice, amount="300.00"):
    note = draft_credit_note(actor=SYSTEM, invoice=invoice, reason="return", amount=cash.Decimal(amount), at=NOON)
    for step in ("submit", "approve"):
        perform(note, step, actor=SYSTEM, at=NOON)
    return note


def test_the_platform_gives_the_number_and_the_same_one_to_the_same_key(invoice):
    made = blue(invoice)
    assert (made.state, made.fapiao_no, made.gross_in_words) == ("issued", "26441000000000000001", "叁仟元整")
    carry_out(made, at=NOON)
    assert TaxInvoice.objects.get().fapiao_no == made.fapiao_no
    with pytest.raises(Refusal, match="already"):
        draft_tax_invoice(actor=SYSTEM, invoice=invoice, kind="general")


def test_a_special_invoice_needs_the_buyers_code(invoice):
    with pytest.raises(Refusal) as refused:
        draft_tax_invoice(actor=SYSTEM, invoice=invoice)
    assert refused.value.code == "tax_id_invalid" and not TaxInvoice.objects.exists()


def test_a_credit_note_waits_for_the_red_letter(invoice):
    blue(invoice)
    note = credit(invoice)
    with pytest.raises(Refusal) as refused:
        perform(note, "issue", actor=SYSTEM, at=NOON)
    assert refused.value.code == "red_confirmation_pending"
    perform(note, "request_red", actor=SYSTEM, at=NOON)
    red = TaxInvoice.objects.get(direction="red")
    assert (note.state, red.state, red.platform_status, red.red_reason) == ("awaiting_red_confirmation", "confirmed", "01", "return")
    perform(red, "issue_red", actor=SYSTEM, at=NOON)
    assert red.fapiao_no == "26441000000000000002"
    perform(note, "issue", actor=SYSTEM, at=NOON)
    note.refresh_from_db()
    assert note.state == "applied"


def test_a_red_letter_that_the_buyer_does_not_confirm_lapses_after_72_hours(invoice):
    perform(blue(invoice), "mark_used", actor=SYSTEM, at=NOON)
    note = credit(invoice)
    perform(note, "request_red", actor=SYSTEM, at=NOON)
    red = TaxInvoice.objects.get(direction="red")
    assert (red.state, red.platform_status) == ("waiting_other_side", "02")
    assert follow_reds(at=NOON + timedelta(hours=71, minutes=59)) == 0
    follow_reds(at=NOON + timedelta(hours=72))
    red.refresh_from_db()
    assert (red.state, red.platform_status) == ("red_lapsed", "07")
    perform(note, "request_red", actor=SYSTEM, at=NOON + timedelta(hours=73))
    again = TaxInvoice.objects.filter(direction="red").latest("created_at")
    perform(again, "record_status", actor=SYSTEM, status="04")
    assert again.state == "confirmed"
    assert CreditNote.objects.get().state == "awaiting_red_confirmation"


def test_the_platform_is_asked_by_a_job(invoice):
    made = draft_tax_invoice(actor=SYSTEM, invoice=invoice, kind="general")
    perform(made, "request", actor=SYSTEM)
    run_pending()
    made.refresh_from_db()
    assert made.state == "issued"
