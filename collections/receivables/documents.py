"""What the PDF of an invoice, a credit note or a statement says, as data for its layout. Read only, in the active language."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from ltc.customers.models import Customer, CustomerAddress
from ltc.money.amounts import amount_in_words, quantise
from ltc.tenancy.models import Tenant
from ltc.web import formats
from receivables.models import CreditNote, Invoice, Statement
from receivables.statements import label_of

NONE: Final = "–"


def exact(amount: Decimal, currency: str) -> str:
    """1,234.50: grouped, with the decimals of its currency, the minus as one writes it."""
    return f"{quantise(amount, currency):,f}".replace("-", "−")


def plain(number: Decimal) -> str:
    """A quantity or price without zeros at its end, but no less than it says."""
    return str(formats.number(number))


def price(number: Decimal, currency: str) -> str:
    """A unit price: the decimals of the currency, more where it has more."""
    rounded = quantise(number, currency)
    return exact(number, currency) if rounded == number else plain(number)


def day(on: date | None) -> str:
    return on.isoformat() if on else NONE


def column(label: Any, *, wide: bool = False, figures: bool = False) -> dict[str, Any]:
    return {"label": str(label), "wide": wide, "figures": figures}


def in_words(amount: Decimal, currency: str, language: str) -> str:
    """The amount in Chinese capital numerals, as Chinese documents in CNY state it."""
    return amount_in_words(amount) if currency == "CNY" and language.startswith("zh") else ""


def frame(tenant: Tenant, customer: Customer, language: str, *, heading: str, number: str, mark: str = "") -> dict[str, Any]:
    """What stands around every document: whose it is, for whom, in which language."""
    own = tenant.settings.get("company") or {}
    told = [own.get("address"), own.get("phone"), f"{_('Tax number')} {own['uscc']}" if own.get("uscc") else ""]
    address = customer.addresses.filter(kind=CustomerAddress.Kind.BILL).order_by("pk").first()
    tax_id = customer.uscc or customer.tax_id
    buyer = [*(address.lines.splitlines() if address else []), f"{_('Tax number')} {tax_id}" if tax_id else ""]
    chinese = language.startswith("zh")
    named = customer.invoice_title or (customer.name if chinese else customer.name_en or customer.name)
    return {
        "title": f"{heading} {number}".strip(), "author": tenant.name, "heading": heading, "number": number, "mark": mark,
        "lang": "zh" if chinese else "en", "region": "cn" if chinese else "us",
        "seller": {"name": tenant.name, "lines": [str(line) for line in told if line]},
        "buyer": {"label": _("Bill to"), "name": named, "lines": [line for line in buyer if line]},
        "pay_label": _("Please pay to"), "pay": pay_to(tenant),
    }  # fmt: skip


def pay_to(tenant: Tenant) -> list[str]:
    """Our account for payments (setting `pay_account`), a line each for name, bank and number."""
    account = tenant.settings.get("pay_account") or {}
    return [str(account[name]) for name in ("name", "bank", "account") if account.get(name)]


def invoice_data(invoice: Invoice, tenant: Tenant, language: str) -> dict[str, Any]:
    """An invoice: who, what, how much, until when."""
    proforma = invoice.kind == Invoice.Kind.PROFORMA
    heading = _("Pro forma") if proforma else pgettext("heading of a document", "Invoice")
    mark = "" if invoice.state in Invoice.POSTED else _("Void") if invoice.state == Invoice.State.VOID else _("Draft")
    currency = invoice.currency
    items = sorted(invoice.items.all(), key=lambda item: item.seq)
    facts = [[_("Invoice date"), day(invoice.invoice_date)], [_("Currency"), currency]]
    if len(items) == 1:
        facts.append([_("Due on"), day(items[0].due_date)])
    if invoice.order is not None:
        facts.append([_("Order"), invoice.order.number])
    if invoice.po_ref:
        facts.append([_("Customer's order number"), invoice.po_ref])
    rows = [
        [str(line.line_no), line.description, f"{plain(line.qty)} {line.uom}".strip(), price(line.unit_price, currency),
         formats.percent(line.discount_rate, 1) if line.discount_rate else "", formats.percent(line.tax_rate), exact(line.net, currency)]
        for line in invoice.lines.order_by("line_no")
    ]  # fmt: skip
    return {
        **frame(tenant, invoice.customer, language, heading=heading, number=invoice.number or "", mark=str(mark)),
        "facts": facts,
        "lines": listing(line_columns(), rows or [["1", invoice.note or heading, "", "", "", "", exact(invoice.net, currency)]]),
        "totals": sums(invoice.net, invoice.tax, invoice.gross, currency),
        "words_label": _("Amount in words"), "words": in_words(invoice.gross, currency, language),
        "items": {
            "title": _("Due"),
            **listing(
                [column(_("Due on")), column(_("Kind")), column(_("Amount"), figures=True)],
                [[day(item.due_date), item.get_kind_display(), exact(item.amount, currency)] for item in items],
            ),
        },
        "note": invoice.note if rows else "",
    }  # fmt: skip


def line_columns() -> list[dict[str, Any]]:
    return [
        column("#"), column(_("Description"), wide=True), column(_("Quantity"), figures=True), column(_("Unit price"), figures=True),
        column(_("Discount"), figures=True), column(_("Tax rate"), figures=True), column(_("Net"), figures=True),
    ]  # fmt: skip


def listing(columns: list[dict[str, Any]], rows: Iterable[list[str]]) -> dict[str, Any]:
    """A table, without the columns that say nothing."""
    found = [[str(cell) for cell in row] for row in rows]
    said = [number for number in range(len(columns)) if not found or any(row[number] for row in found)]
    return {"columns": [columns[number] for number in said], "rows": [[row[number] for number in said] for row in found]}


def sums(net: Decimal, tax: Decimal, gross: Decimal, currency: str) -> list[list[Any]]:
    return [
        [_("Net"), exact(net, currency), False],
        [_("Tax"), exact(tax, currency), False],
        [_("Total"), f"{currency} {exact(gross, currency)}", True],
    ]


def credit_note_data(credit: CreditNote, tenant: Tenant, language: str) -> dict[str, Any]:
    """A credit note: what is taken back of which invoice. Its amounts are negative, as they stand to the customer."""
    mark = "" if credit.state in CreditNote.POSTED else _("Cancelled") if credit.state == CreditNote.State.CANCELLED else _("Draft")
    currency = credit.currency
    facts = [
        [_("Date"), day(credit.credit_date)], [_("Currency"), currency], [_("Of invoice"), credit.invoice.number or ""],
        [_("Reason"), credit.get_reason_display()],
    ]  # fmt: skip
    rows = [
        [str(line.line_no), line.invoice_line.description, f"{plain(line.qty)} {line.invoice_line.uom}".strip() if line.qty else "",
         price(line.invoice_line.unit_price, currency) if line.qty else "", "", formats.percent(line.invoice_line.tax_rate),
         exact(-line.net, currency)]
        for line in credit.lines.select_related("invoice_line").order_by("line_no")
    ]  # fmt: skip
    heading = _("Credit note")
    return {
        **frame(tenant, credit.customer, language, heading=heading, number=credit.number or "", mark=str(mark)),
        "facts": facts,
        "lines": listing(line_columns(), rows or [["1", credit.note or heading, "", "", "", "", exact(-credit.net, currency)]]),
        "totals": sums(-credit.net, -credit.tax, -credit.gross, currency),
        "words_label": _("Amount in words"), "words": in_words(-credit.gross, currency, language),
        "items": {"title": "", "columns": [], "rows": []}, "pay": [], "note": credit.note if rows else "",
    }  # fmt: skip


def statement_data(statement: Statement, tenant: Tenant, language: str) -> dict[str, Any]:
    """A statement of account: opening, every movement with the balance after it, closing."""
    currency, balance = statement.currency, statement.opening
    rows = [["", _("Opening balance"), "", "", exact(balance, currency)]]
    for line in statement.lines:
        amount = Decimal(line["amount"])
        balance += amount
        rows.append([line["date"], label_of(line), line["number"], exact(amount, currency), exact(balance, currency)])
    rows.append(["", _("Closing balance"), "", "", exact(balance, currency)])
    columns = [
        column(_("Date")), column(_("What"), wide=True), column(_("Number")), column(_("Amount"), figures=True),
        column(_("Balance"), figures=True),
    ]  # fmt: skip
    summary: list[list[Any]] = [
        [_("Opening balance"), exact(statement.opening, currency), False],
        [_("Invoices"), exact(statement.invoices, currency), False],
        [_("Credit notes"), exact(-statement.credits, currency), False],
        [_("Payments"), exact(-statement.receipts, currency), False],
        [_("Adjustments"), exact(statement.adjustments, currency), False],
        [_("Closing balance"), f"{currency} {exact(statement.closing, currency)}", True],
    ]
    return {
        **frame(tenant, statement.customer, language, heading=_("Statement of account"), number=""),
        "facts": [[_("From"), day(statement.first)], [_("To"), day(statement.last)], [_("Currency"), currency]],
        "summary": summary, "lines": listing(columns, rows), "words_label": _("Amount in words"),
        "words": in_words(statement.closing, currency, language) if statement.closing > 0 else "",
        "note": _("Please compare it with your books and tell us within fourteen days if something is different."),
    }  # fmt: skip
