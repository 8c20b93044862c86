"""An invoice goes to its customer by e-mail with PDF and link; what the customer sees there, and when the link shuts."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from ltc.events.outbox import run_pending
from ltc.refusals import Forbidden, Refusal
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.timeline.models import Entry
from ltc.workflow.engine import perform
from receivables.models import Invoice, InvoiceLink
from receivables.services.sending import make_link
from receivables.tasks import send_invoice
from tests import make
from tests.callers import caller_of
from tests.collections import make as cash
from tests.pages import Browser


@pytest.fixture
def invoice(inside: Tenant, rep: Any) -> Invoice:
    return cash.issued(Invoice.objects.get(order=cash.order(rep, term="prepaid")), sent=False)


@pytest.fixture
def link(invoice: Invoice) -> InvoiceLink:
    return make_link(actor=make.member("fin"), invoice=invoice, recipient="pay@example.com", language="en")


def door(link: InvoiceLink) -> str:
    return "/portal/" + link.url.split("/portal/")[1]


def test_an_invoice_leaves_by_e_mail_with_its_pdf_and_a_link_and_counts_as_sent(invoice: Invoice) -> None:
    perform(invoice, "send", actor=make.member("fin"), recipient="lin@example.com", language="en", message="As agreed by telephone.")
    assert invoice.sent_at is None and not mail.outbox
    run_pending()
    (letter,) = mail.outbox
    link = InvoiceLink.objects.get()
    assert (letter.to, letter.subject) == (["lin@example.com"], f"Invoice {invoice.number} of North")
    assert link.url in letter.body and "As agreed by telephone." in letter.body and "CNY 10,000.00" in letter.body
    ((name, content, kind),) = letter.attachments
    assert (name, content[:5], kind) == (f"{invoice.number.lower()}-en.pdf", b"%PDF-", "application/pdf")
    invoice.refresh_from_db()
    assert (invoice.sent_channel, invoice.sent_to, link.mailed_at is not None) == ("email", "lin@example.com", True)


def test_a_second_sending_is_a_link_of_its_own_and_a_repeated_job_sends_nothing(invoice: Invoice) -> None:
    for _time in range(2):
        perform(invoice, "send", actor=make.member("fin"), recipient="lin@example.com")
        run_pending()
    assert (len(mail.outbox), InvoiceLink.objects.count()) == (2, 2)
    assert Entry.objects.filter(subject=invoice.pk, name__in=["mark_sent", "sent_again"]).count() == 2
    send_invoice({"link": str(InvoiceLink.objects.first().pk)})
    assert len(mail.outbox) == 2


def test_an_invoice_that_was_voided_before_its_mail_went_out_stays_here(invoice: Invoice) -> None:
    perform(invoice, "send", actor=make.member("fin"), recipient="lin@example.com")
    perform(invoice, "void", actor=cash.approver(), reason="Wrong customer", at=invoice.issued_at)
    run_pending()
    assert not mail.outbox and InvoiceLink.objects.get().mailed_at is None


def test_only_issued_invoices_go_out_and_only_finance_sends_them(invoice: Invoice, rep: Any) -> None:
    with pytest.raises(Forbidden):
        perform(invoice, "send", actor=rep, recipient="lin@example.com")
    with pytest.raises(Refusal):
        perform(invoice, "send", actor=make.member("fin"), recipient="no address")
    draft = Invoice.objects.get(order=cash.order(rep, term="prepaid"))
    with pytest.raises(Refusal):
        make_link(actor=make.member("fin"), invoice=draft)
    assert not InvoiceLink.objects.exists() and not mail.outbox


def test_the_link_shows_the_document_what_is_open_and_the_file(invoice: Invoice, link: InvoiceLink) -> None:
    page = Client().get(door(link))
    text = page.content.decode()
    assert page.status_code == 200 and invoice.number in text and "10,000.00" in text
    cash.paid(invoice.customer, "10000.00", remittance_text=invoice.number)
    assert "Settled" in Client().get(door(link)).content.decode()
    file = Client().get(door(link) + "pdf/")
    assert (file.status_code, file["Content-Type"], file.content[:5]) == (200, "application/pdf", b"%PDF-")


def test_looking_is_told_by_the_page_and_not_by_a_program_that_previews_the_link(invoice: Invoice, link: InvoiceLink) -> None:
    text = Client().get(door(link)).content.decode()
    assert re.search(r'hx-post="viewed/"', text)
    link.refresh_from_db()
    assert link.viewed_at is None
    assert Client().get(door(link) + "viewed/").status_code == 405
    for _time in range(2):
        assert Client().post(door(link) + "viewed/").status_code == 204
    link.refresh_from_db()
    assert (link.views, Entry.objects.filter(subject=invoice.pk, name="viewed").count()) == (2, 1)


def test_our_own_people_do_not_count_as_the_customer(link: InvoiceLink) -> None:
    browser = Client()
    browser.force_login(make.member("fin").user)
    assert "viewed/" not in browser.get(door(link)).content.decode()
    browser.post(door(link) + "viewed/")
    link.refresh_from_db()
    assert link.viewed_at is None


def test_a_revoked_or_expired_or_changed_address_opens_nothing(link: InvoiceLink) -> None:
    fin, old = make.member("fin"), door(link)
    assert Client().get(old[:-4] + "x/").status_code == 410
    perform(link, "revoke", actor=fin)
    assert [Client().get(old + part).status_code for part in ("", "pdf/")] == [410, 410]
    assert Client().post(old + "viewed/").status_code == 410
    perform(link, "renew", actor=fin)
    assert Client().get(old).status_code == 410 and Client().get(door(link)).status_code == 200
    InvoiceLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    link.refresh_from_db()
    assert link.url == ""
    perform(link, "renew", actor=fin)
    assert Client().get(door(link)).status_code == 200


def test_links_by_rest(tenant: Tenant) -> None:
    with acting_for(tenant):
        invoice = cash.issued(Invoice.objects.get(order=cash.order(make.member("rep"), term="prepaid")), sent=False)
    fin = caller_of(tenant, role="fin")
    made = fin.post("invoice-links/", {"invoice": str(invoice.pk), "recipient": "lin@example.com"})
    assert made.status_code == 201, made.content
    assert "/portal/invoice/" in made.json()["url"]
    path = f"invoice-links/{made.json()['id']}"
    revoked = fin.post(f"{path}/actions/revoke/", {}, If_Match=made["ETag"])
    assert (revoked.json()["state"], revoked.json()["url"]) == ("revoked", "")
    sent = fin.post(f"invoices/{invoice.pk}/actions/send/", {"recipient": "lin@example.com"}, If_Match="*", Idempotency_Key="s")
    assert sent.status_code == 200, sent.content
    assert len(fin.get(f"invoice-links/?invoice={invoice.pk}").json()["data"]) == 2
    assert caller_of(tenant, "receivables:write", role="api").post("invoice-links/", {"invoice": str(invoice.pk)}).status_code == 403


def test_links_on_pages(tenant: Tenant) -> None:
    with acting_for(tenant):
        invoice = cash.issued(Invoice.objects.get(order=cash.order(make.member("rep"), term="prepaid")), sent=False)
        link = make_link(actor=make.member("fin"), invoice=invoice, recipient="lin@example.com")
        browser = Browser(make.member("fin"))
        assert "lin@example.com" in browser.get(f"/invoices/{invoice.pk}/").content.decode()
        page = browser.get(f"/invoice-links/{link.pk}/").content.decode()
        assert "/portal/invoice/" in page and "Revoke" in page
        assert browser.get("/invoice-links/").status_code == 200
