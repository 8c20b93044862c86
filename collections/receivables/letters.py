"""The texts of reminders, per level and language, and how their variables are filled in. Data and a pure renderer.

A missing value is an error: a reminder with a hole in it is not sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from ltc.money.currencies import exponent


@dataclass(frozen=True)
class Row:
    """One item of a reminder."""

    invoice_no: str
    invoice_date: date
    due_date: date
    open_amount: Decimal
    days_overdue: int
    po_ref: str = ""


@dataclass(frozen=True)
class Letter:
    """A rendered message in plain text."""

    subject: str
    body: str


class MissingValue(ValueError):
    """A template needs something that nobody has entered."""


ROW: Final = {
    "en": "{invoice_no}  dated {invoice_date}  due {due_date}  open {open_amount} {currency}  {lateness}",
    "zh-hans": "{invoice_no}  开票日{invoice_date}  到期日{due_date}  未付{open_amount}{currency}  {lateness}",
}
LATENESS: Final = {"en": ("not yet due", "{days} days overdue"), "zh-hans": ("未到期", "逾期{days}天")}
DUE_TODAY: Final = {
    "en": ("today is the due date", "the due date was {oldest_due_date}"),
    "zh-hans": ("今日到期", "已于{oldest_due_date}到期"),
}

TEMPLATES: Final[dict[str, dict[int, tuple[str, str]]]] = {
    "en": {
        1: (
            "Invoice {invoice_nos} falls due on {due_date}",
            "Dear {contact_name},\n\na short note in advance: the amounts below fall due on {due_date}. If anything is missing on your "
            "side (order number, acceptance sheet, tax invoice), please tell us now so that payment can go through on time. If payment is "
            "already arranged, thank you.\n\n{rows}\n\n{sender_name}\n{company_name}",
        ),
        2: (
            "Due today: {total_due} {currency}",
            "Dear {contact_name},\n\n{due_today} of the items below. Please confirm the planned transfer date.\n\n{rows}\n\n"
            "{sender_name}\n{company_name}",
        ),
        3: (
            "Friendly reminder: {total_overdue} {currency} past due",
            "Dear {contact_name},\n\nwe have not yet seen the payment of the items below, now {max_days_overdue} days past due. It may "
            "simply have been overlooked. Could you check and let us know the payment date, or tell us if something is unclear?\n\n{rows}"
            "\n\n{sender_name}\n{company_name}",
        ),
        4: (
            "Second reminder: payment overdue {max_days_overdue} days",
            "Dear {contact_name},\n\ndespite our earlier message the following remains open. Please pay by {deadline_date} or send us a "
            "firm date and amount. {owner_name} can help with any open point.\n\n{rows}\n\n{sender_name}\n{company_name}",
        ),
        5: (
            "Payment demand: {total_overdue} {currency}",
            "Dear {contact_name},\n\nthe items below are seriously overdue. We ask for payment by {deadline_date}. If you dispute any "
            "part, state reason and amount in writing; the undisputed part remains payable.\n\n{rows}\n\n{sender_name}\n{company_name}",
        ),
        6: (
            "Formal notice of default",
            "Dear {contact_name},\n\nin spite of several reminders {total_overdue} {currency} is unpaid for up to {max_days_overdue} days. "
            "New deliveries and services may be suspended until the account is settled. Please pay in full by {deadline_date} or contact "
            "{sender_name} to agree a written schedule.\n\n{rows}\n\n{sender_name}\n{company_name}",
        ),
        7: (
            "Final notice before further steps",
            "Dear {contact_name},\n\nthis is our last notice before handing the matter to our legal advisers. Full payment "
            "of {total_overdue} {currency} is expected by {deadline_date}. All rights are reserved."
            "\n\n{rows}\n\n{sender_name}\n{company_name}",
        ),
    },
    "zh-hans": {
        1: (
            "【到期提前提醒】应付款项将于{due_date}到期",
            "{contact_name}您好:\n\n下列款项将于{due_date}到期,特此提前告知。如贵司付款还需要订单号、验收单或发票等资料,请告诉我们,"
            "我们马上补齐。若已安排付款,谢谢您。\n\n{rows}\n\n{company_name} {sender_name}",
        ),
        2: (
            "【到期提醒】{total_due}{currency}{due_today}",
            "{contact_name}您好:\n\n下列款项已到付款日,烦请确认付款安排并回复预计付款日期。\n\n{rows}\n\n{company_name} {sender_name}",
        ),
        3: (
            "【友好提醒】有{total_overdue}{currency}尚未收到",
            "{contact_name}您好:\n\n截至今日我们尚未收到下列款项,最长已逾期{max_days_overdue}天,可能是流程中有所遗漏。烦请查核并告知付款日期;"
            "如对货物、服务或票据有疑问,也请直接回复,我们尽快处理。\n\n{rows}\n\n{company_name} {sender_name}",
        ),
        4: (
            "【再次提醒】款项逾期{max_days_overdue}天,请于{deadline_date}前付款",
            "{contact_name}您好:\n\n此前已就下列款项提醒,至今仍未收到。请于{deadline_date}前付款,或书面告知确定的付款日期与金额。"
            "如有争议请一并说明,无争议部分请先行支付。抄送:{owner_name}。\n\n{rows}\n\n{company_name} {sender_name}",
        ),
        5: (
            "【催款函】请支付逾期款项{total_overdue}{currency}",
            "{customer_name}:\n\n贵司下列款项已严重逾期,现郑重提请于{deadline_date}前付清。如对其中部分有异议,请书面说明理由及金额,"
            "无异议部分仍应按期支付。\n\n{rows}\n\n{company_name} {sender_name}",
        ),
        6: (
            "【正式催款通知】",
            "{customer_name}:\n\n经多次提醒,贵司仍欠付{total_overdue}{currency},最长逾期{max_days_overdue}天。在结清之前,我司可能暂停新的发货与服务。"
            "请于{deadline_date}前全额付款,或与{sender_name}书面商定还款计划。\n\n{rows}\n\n{company_name} {sender_name}",
        ),
        7: (
            "【最后通知】",
            "{customer_name}:\n\n此为我司采取法律措施前的最后通知。请于{deadline_date}前付清全部欠款{total_overdue}{currency}。我司保留一切权利。"
            "\n\n{rows}\n\n{company_name} {sender_name}",
        ),
    },
}


@dataclass(frozen=True)
class Occasion:
    """Everything that a reminder says beside its items."""

    level: int
    language: str
    currency: str
    customer_name: str
    contact_name: str
    company_name: str
    sender_name: str
    owner_name: str
    deadline: date


def language_of(*wished: str) -> str:
    """The first of the wished languages that there are texts in; else English."""
    for wish in wished:
        for language in TEMPLATES:
            if wish and language.partition("-")[0] == wish.lower().partition("-")[0]:
                return language
    return "en"


def write(occasion: Occasion, rows: Sequence[Row]) -> Letter:
    """The reminder of a level in a language; amounts with the currency's decimals. Raises MissingValue."""
    texts = TEMPLATES[occasion.language]
    subject, body = texts[min(occasion.level, max(texts))]
    oldest, latest = min(row.due_date for row in rows), max(row.days_overdue for row in rows)
    values = {
        "invoice_nos": ", ".join(row.invoice_no for row in rows),
        "due_date": oldest.isoformat(),
        "oldest_due_date": oldest.isoformat(),
        "total_due": amount(sum((row.open_amount for row in rows), Decimal(0)), occasion.currency),
        "total_overdue": amount(sum((row.open_amount for row in rows if row.days_overdue), Decimal(0)), occasion.currency),
        "max_days_overdue": str(latest),
        "due_today": DUE_TODAY[occasion.language][1 if latest else 0].format(oldest_due_date=oldest.isoformat()),
        "currency": occasion.currency,
        "rows": "\n".join(_row(row, occasion) for row in sorted(rows, key=lambda row: (row.due_date, row.invoice_no))),
        "customer_name": occasion.customer_name,
        "contact_name": occasion.contact_name,
        "company_name": occasion.company_name,
        "sender_name": occasion.sender_name,
        "owner_name": occasion.owner_name,
        "deadline_date": occasion.deadline.isoformat(),
    }
    if missing := [name for name, value in values.items() if not value and f"{{{name}}}" in subject + body]:
        raise MissingValue(f"Enter {', '.join(missing)} first.")
    return Letter(subject.format(**values), body.format(**values))


def amount(value: Decimal, currency: str) -> str:
    """An amount with the decimals of its currency and thousands separators."""
    return f"{value:,.{exponent(currency)}f}"


def _row(row: Row, occasion: Occasion) -> str:
    on_time, late = LATENESS[occasion.language]
    return ROW[occasion.language].format(
        invoice_no=row.invoice_no,
        invoice_date=row.invoice_date.isoformat(),
        due_date=row.due_date.isoformat(),
        open_amount=amount(row.open_amount, occasion.currency),
        currency=occasion.currency,
        lateness=late.format(days=row.days_overdue) if row.days_overdue else on_time,
    )
