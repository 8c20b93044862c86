"""The tenant as a seller: its base currency, its day, its limits."""

from datetime import date, datetime
from decimal import Decimal
from typing import Final

from ltc.calendars.selectors import today
from ltc.money.exchange import convert
from ltc.tenancy.context import current_tenant_id
from ltc.tenancy.models import Tenant

APPROVAL_FROM: Final = Decimal(100_000)
TOLERANCE: Final = Decimal(1)
ACCOUNT_CODES: Final = {"AR": "1122", "NOTES": "1121", "BANK": "1002", "VAT_OUT": "2221"}


def own_company() -> Tenant:
    """The active tenant."""
    return Tenant.objects.get(pk=current_tenant_id())


def day_of(at: datetime) -> date:
    """The active tenant's date at an instant."""
    return today(own_company(), at=at)


def approval_limit(tenant: Tenant) -> Decimal:
    """From which total in base currency on an invoice needs another person's approval (setting `invoice_approval_from`)."""
    return Decimal(str(tenant.settings.get("invoice_approval_from", APPROVAL_FROM)))


def credit_note_limit(tenant: Tenant) -> Decimal:
    """From which total in base currency on a credit note needs another person's approval (setting `credit_note_approval_from`)."""
    return Decimal(str(tenant.settings.get("credit_note_approval_from", 0)))


def is_small(amount: Decimal, *, rate: Decimal | None) -> bool:
    """Whether a difference may be written off without approval: up to the setting `small_difference_tolerance`, in base currency."""
    tenant = own_company()
    tolerance = Decimal(str(tenant.settings.get("small_difference_tolerance", TOLERANCE)))
    return convert(abs(amount), rate or Decimal(1), to_currency=tenant.base_currency) <= tolerance


def retention_is_receivable(tenant: Tenant) -> bool:
    """Whether retention is booked as a receivable from the start (setting `retention_in_ar`)."""
    return bool(tenant.settings.get("retention_in_ar", False))


def account_codes() -> dict[str, str]:
    """The general ledger's accounts for ours (setting `account_codes`)."""
    return {**ACCOUNT_CODES, **own_company().settings.get("account_codes", {})}
