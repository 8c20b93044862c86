"""How a letter is written: its variables are filled into a text that was checked when it was saved. Pure.

A missing value is an error: a reminder with a hole in it is not sent. What may be missing stands inside an `if` that asks for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.utils.html import escape, format_html_join, linebreaks
from django.utils.safestring import mark_safe

from ltc.money.currencies import exponent
from ltc.money.rounding import round_half_up
from ltc.notifications.texts import HTML, PLAIN, Hole, check_text, filled
from receivables.texts import HEADS, LATENESS, LETTERS, ROW

ITEM: Final = ("invoice_no", "fapiao_no", "invoice_date", "due_date", "amount", "open_amount", "days_overdue", "po_ref", "contract_no")
VARIABLES: Final = (
    "customer_name", "contact_name", "salutation", "items", "rows", "invoice_nos", "due_date", "total_due", "total_overdue", "currency",
    "max_days_overdue", "oldest_due_date", "interest_amount", "promise.amount", "promise.date", "statement_link", "pay_account",
    "pay_account.name", "pay_account.bank", "pay_account.account", "sender_name", "sender_phone", "company_name", "owner_name",
    "deadline_date", "today", "period", "closing",
)  # fmt: skip
SME_DAILY_RATE: Final = Decimal("0.0005")


@dataclass(frozen=True)
class Row:
    """One item of a letter. `open_amount` is what is asked for: disputed parts are not in it."""

    invoice_no: str
    invoice_date: date
    due_date: date
    open_amount: Decimal
    days_overdue: int
    po_ref: str = ""
    amount: Decimal = Decimal(0)
    fapiao_no: str = ""
    contract_no: str = ""


@dataclass(frozen=True)
class Letter:
    """A rendered message: in plain text, and in HTML with everything escaped."""

    subject: str
    body: str
    html: str = ""


@dataclass(frozen=True)
class Occasion:
    """Everything that a letter says beside its items. `more` are the values that only some letters have."""

    code: str
    language: str
    currency: str
    customer_name: str
    contact_name: str
    company_name: str
    sender_name: str
    owner_name: str
    deadline: date
    today: date
    sender_phone: str = ""
    interest: Decimal = Decimal(0)
    pay_account: Mapping[str, str] = field(default_factory=dict)
    statement_link: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)


def language_of(*wished: str) -> str:
    """The first of the wished languages that there are texts in; else English."""
    for wish in wished:
        for language in LETTERS:
            if wish and language.partition("-")[0] == wish.lower().partition("-")[0]:
                return language
    return "en"


def built_in(code: str, language: str) -> tuple[str, str]:
    """The subject and body that come with the product."""
    texts = LETTERS[language]
    return texts.get(code, texts["L7"])


def check(text: str) -> None:
    """Raise UnknownVariable, with what is wrong in words, unless a text uses variables of letters and conditions on them only."""
    check_text(text, VARIABLES, parts=ITEM)


def interest_on(amount: Decimal, days: int, daily_rate: Decimal, currency: str) -> Decimal:
    """Interest for late payment so far: amount × daily rate × days overdue, rounded once to the currency."""
    return round_half_up(amount * daily_rate * days, exponent(currency))


def write(occasion: Occasion, rows: Sequence[Row], text: tuple[str, str] | None = None) -> Letter:
    """A letter in its language; amounts with the currency's decimals. Raises MissingValue, UnknownVariable."""
    subject, body = text or built_in(occasion.code, occasion.language)
    rows = sorted(rows, key=lambda row: (row.due_date, row.invoice_no))
    values = _values(occasion, rows)
    plain = values | {"rows": "\n".join(_row(row, occasion) for row in rows)}
    table = mark_safe(_table(rows, occasion))
    return Letter(
        " ".join(filled(PLAIN, subject, plain).split()),
        filled(PLAIN, body, plain),
        filled(HTML, linebreaks(body), values | {"rows": table}),
    )


def _values(occasion: Occasion, rows: Sequence[Row]) -> dict[str, Any]:
    currency = occasion.currency
    oldest = min((row.due_date for row in rows), default=None)
    values: dict[str, Any] = {
        "invoice_nos": ", ".join(dict.fromkeys(row.invoice_no for row in rows)),
        "items": [_item(row, currency) for row in rows],
        "due_date": oldest.isoformat() if oldest else "",
        "oldest_due_date": oldest.isoformat() if oldest else "",
        "total_due": amount(sum((row.open_amount for row in rows), Decimal(0)), currency),
        "total_overdue": amount(sum((row.open_amount for row in rows if row.days_overdue), Decimal(0)), currency),
        "interest_amount": amount(occasion.interest, currency) if occasion.interest else "",
        "currency": currency,
        "customer_name": occasion.customer_name,
        "contact_name": occasion.contact_name,
        "salutation": occasion.contact_name,
        "company_name": occasion.company_name,
        "sender_name": occasion.sender_name,
        "sender_phone": occasion.sender_phone,
        "owner_name": occasion.owner_name,
        "deadline_date": occasion.deadline.isoformat(),
        "today": occasion.today.isoformat(),
        "statement_link": occasion.statement_link,
        "pay_account": dict(occasion.pay_account),
        "promise": {},
        "period": "",
        "closing": "",
        **occasion.more,
    }
    values = {name: value or Hole(name) for name, value in values.items()}
    return values | {"max_days_overdue": max((row.days_overdue for row in rows), default=0)}


def _item(row: Row, currency: str) -> dict[str, Any]:
    return {
        "invoice_no": row.invoice_no, "fapiao_no": row.fapiao_no, "invoice_date": row.invoice_date.isoformat(),
        "due_date": row.due_date.isoformat(), "amount": amount(row.amount, currency), "open_amount": amount(row.open_amount, currency),
        "days_overdue": row.days_overdue, "po_ref": row.po_ref, "contract_no": row.contract_no,
    }  # fmt: skip


def amount(value: Decimal, currency: str) -> str:
    """An amount with the decimals of its currency and thousands separators."""
    return f"{value:,.{exponent(currency)}f}"


def _cells(row: Row, occasion: Occasion) -> dict[str, str]:
    on_time, late = LATENESS[occasion.language]
    return {
        "invoice_no": row.invoice_no,
        "invoice_date": row.invoice_date.isoformat(),
        "due_date": row.due_date.isoformat(),
        "open_amount": amount(row.open_amount, occasion.currency),
        "currency": occasion.currency,
        "lateness": late.format(days=row.days_overdue) if row.days_overdue else on_time,
    }


def _row(row: Row, occasion: Occasion) -> str:
    return ROW[occasion.language].format(**_cells(row, occasion))


def _table(rows: Sequence[Row], occasion: Occasion) -> str:
    """The items as a table, every cell escaped."""
    head = format_html_join("", "<th>{}</th>", ((name,) for name in HEADS[occasion.language]))
    lines = []
    for row in rows:
        cells = _cells(row, occasion)
        shown = (cells["invoice_no"], cells["invoice_date"], cells["due_date"], f"{cells['open_amount']} {escape(occasion.currency)}")
        lines.append("<tr>" + format_html_join("", "<td>{}</td>", ((cell,) for cell in (*shown, cells["lateness"]))) + "</tr>")
    return f"<table><tr>{head}</tr>{''.join(lines)}</table>"
