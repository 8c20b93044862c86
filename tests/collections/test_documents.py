"""Invoices, credit notes and statements as PDF: in two languages, the same bytes for ever once issued, for who may see the record."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from ltc.customers.models import Customer, CustomerAddress
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.users.actors import SYSTEM
from receivables.company import own_company
from receivables.documents import credit_note_data, invoice_data, statement_data
from receivables.models import CreditNote, Invoice, IssuedDocument
from receivables.services.account_statements import draw_up
from receivables.services.documents import pdf_of
from receivables.services.free_invoices import draft_free_invoice
from tests import make
from tests.callers import caller_of
from tests.collections import make as cash
from tests.opportunities import make as customers
from tests.pages import Browser

LINE = {"description": "Pump “P-200” *#x* 泵", "qty": "2", "unit_price": "500.55", "tax_rate": Decimal(0), "uom": "pc"}


def billed(**fields: Any) -> Invoice:
    customer = customers.customer("苏州龘喆泵业有限公司", owner=make.member("rep"), language="zh-hans")
    CustomerAddress.objects.create(customer=customer, kind="bill", lines="1 Pump Road\nSuzhou")
    return draft_free_invoice(actor=SYSTEM, customer=customer, currency="CNY", lines=[LINE], **fields)


def said(invoice: Invoice, language: str) -> dict[str, Any]:
    with translation.override(language):
        return invoice_data(invoice, own_company(), language)


def test_an_invoice_says_its_amount_in_chinese_capitals_to_a_chinese_reader(inside) -> None:
    invoice = cash.issued(billed(), sent=False)
    chinese, english = said(invoice, "zh-hans"), said(invoice, "en")
    assert (chinese["words"], english["words"]) == ("壹仟零壹元壹角", "")
    assert (chinese["heading"], english["heading"], chinese["mark"]) == ("应收单", "Invoice", "")
    assert english["totals"][-1] == ["Total", "CNY 1,001.10", True]
    assert english["lines"]["rows"] == [["1", LINE["description"], "2 pc", "500.55", "0%", "1,001.10"]]
    assert chinese["buyer"]["lines"] == ["1 Pump Road", "Suzhou"]


def test_an_issued_invoice_is_the_same_file_for_ever(inside) -> None:
    invoice = cash.issued(billed(), sent=False)
    first = pdf_of(invoice)
    assert first.content.startswith(b"%PDF-") and first.name == f"{invoice.number.lower()}-zh-hans.pdf"
    Customer.objects.filter(pk=invoice.customer_id).update(name="Another name")
    again = pdf_of(Invoice.objects.get(pk=invoice.pk))
    assert again.content == first.content
    assert pdf_of(invoice, language="en").content != first.content
    assert sorted(IssuedDocument.objects.values_list("language", flat=True)) == ["en", "zh-hans"]


def test_a_draft_says_that_it_is_one_and_is_not_kept(inside) -> None:
    invoice = billed()
    assert said(invoice, "en")["mark"] == "Draft"
    assert pdf_of(invoice).content.startswith(b"%PDF-")
    assert not IssuedDocument.objects.exists()


@pytest.mark.parametrize("name", ["Pumps 😀", "บริษัท", "private \ue000 use", 'text() #panic("x") "]', "bell \x07"])
def test_no_name_keeps_an_invoice_from_being_set(inside, name) -> None:
    invoice = billed()
    Customer.objects.filter(pk=invoice.customer_id).update(name=name)
    assert pdf_of(Invoice.objects.get(pk=invoice.pk)).content.startswith(b"%PDF-")


def test_a_credit_note_is_negative(inside) -> None:
    invoice = cash.issued(billed(), sent=False)
    line = invoice.lines.get()
    from_invoice = {"invoice": invoice, "customer": invoice.customer, "currency": "CNY", "reason": "price", "net": line.net, "tax": 0}
    credit = CreditNote.objects.create(**from_invoice, gross=line.gross, drafted_by=None)
    with translation.override("zh-hans"):
        data = credit_note_data(credit, own_company(), "zh-hans")
    assert (data["words"], data["totals"][-1][1]) == ("负壹仟零壹元壹角", "CNY −1,001.10")
    assert pdf_of(credit, language="en").content.startswith(b"%PDF-")


def test_a_statement_tells_each_movement_in_the_readers_language(inside) -> None:
    invoice = cash.issued(billed(), sent=False)
    cash.paid(invoice.customer, "1.10")
    statement = draw_up(actor=SYSTEM, customer=invoice.customer, currency="CNY", first=date(2026, 6, 1), last=date(2026, 6, 30))
    with translation.override("zh-hans"):
        data = statement_data(statement, own_company(), "zh-hans")
    assert data["lines"]["rows"][1][1] == "发票开具" or data["lines"]["rows"][1][1] != "Invoice issued"
    assert data["lines"]["rows"][-1][-1] == "1,000.00" and data["words"] == "壹仟元整"
    assert pdf_of(statement).content.startswith(b"%PDF-")


@pytest.mark.parametrize("path", ["invoices", "credit-notes", "account-statements"])
def test_rest_describes_and_gives_the_file(tenant: Tenant, path: str) -> None:
    caller = caller_of(tenant)
    operation = caller.get("openapi.json").json()["paths"][f"/api/v1/{path}/{{id}}/pdf/"]["get"]
    assert list(operation["responses"]["200"]["content"]) == ["application/pdf"]
    assert "language" in {parameter["name"] for parameter in operation["parameters"]}


def test_rest_gives_an_invoice_in_a_language_and_knows_no_third(tenant: Tenant, other_tenant: Tenant) -> None:
    with acting_for(tenant):
        invoice = cash.issued(billed(), sent=False)
    answer = caller_of(tenant).get(f"invoices/{invoice.pk}/pdf/?language=en")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer["Content-Disposition"] == f'attachment; filename="{invoice.number.lower()}-en.pdf"'
    assert answer.content.startswith(b"%PDF-")
    assert caller_of(tenant).get(f"invoices/{invoice.pk}/pdf/?language=fr").status_code == 400
    assert caller_of(tenant, "leads:read").get(f"invoices/{invoice.pk}/pdf/").status_code == 403
    assert caller_of(other_tenant).get(f"invoices/{invoice.pk}/pdf/").status_code == 404


def test_the_page_has_the_button_and_the_file(tenant: Tenant) -> None:
    with acting_for(tenant):
        invoice = cash.issued(billed(), sent=False)
        browser = Browser(make.member("fin"))
        page = browser.get(f"/invoices/{invoice.pk}/").content.decode()
        assert f"/invoices/{invoice.pk}/pdf/" in page and "PDF in English" in page
        file = browser.get(f"/invoices/{invoice.pk}/pdf/", language="en")
        assert (file.status_code, file["Content-Type"]) == (200, "application/pdf")
        assert Browser(make.member("mkt"), raise_request_exception=False).get(f"/invoices/{invoice.pk}/pdf/").status_code in (403, 404)
