"""What a tenant decides about its invoices, its ledger and its reminders."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from ltc.tenancy.options import Option, declare
from receivables.company import ACCOUNT_CODES, APPROVAL_FROM, TOLERANCE
from receivables.models import JournalLine

SELLER: Final = _("Seller on documents")
INVOICES: Final = _("Invoices and receipts")
REMINDERS: Final = _("Reminders")
LEDGER: Final = _("Accounts of the general ledger")

declare(
    Option("company.uscc", _("Unified social credit code or tax number"), SELLER),
    Option("company.address", _("Address"), SELLER),
    Option("company.phone", _("Telephone"), SELLER),
    Option("company.bank", _("Bank"), SELLER),
    Option("company.account", _("Bank account"), SELLER),
    Option(
        "tax_category_code", _("Tax category code"), SELLER, pattern=r"\d{19}",
        hint=_("The nineteen digits that digital tax invoices are issued under."),
    ),
    Option("pay_account.name", _("Customers pay to: name"), INVOICES),
    Option("pay_account.bank", _("Customers pay to: bank"), INVOICES),
    Option("pay_account.account", _("Customers pay to: account"), INVOICES),
    Option("invoice_approval_from", _("Invoices need approval from"), INVOICES, kind="amount", default=format(APPROVAL_FROM, "f")),
    Option("credit_note_approval_from", _("Credit notes need approval from"), INVOICES, kind="amount", default="0"),
    Option(
        "small_difference_tolerance", _("Small differences are written off up to"), INVOICES, kind="amount", default=format(TOLERANCE, "f")
    ),
    Option(
        "auto_allocate", _("Money is allocated by itself"), INVOICES, kind="choice", default="certain",
        choices=(("certain", _("where the invoice is certain")), ("all", _("also to the oldest item"))),
    ),
    Option("issue_subscriptions", _("Invoices of subscriptions are issued and sent by themselves"), INVOICES, kind="flag", default=False),
    Option("retention_in_ar", _("Retention is a receivable from the start"), INVOICES, kind="flag", default=False),
    Option("reminder_phone", _("Telephone in reminders"), REMINDERS),
    Option(
        "late_interest_daily", _("Late interest a day"), REMINDERS, kind="rate", hint=_("A part of one: 0.0005 is five in ten thousand.")
    ),
    Option("require_bank_import", _("Remind only after the bank file of the day is in"), REMINDERS, kind="flag", default=False),
    *(
        Option(f"account_codes.{account.value}", account.label, LEDGER, default=ACCOUNT_CODES.get(account.value, account.value))
        for account in JournalLine.Account
    ),
)  # fmt: skip
