"""The tenant as a seller: its base currency, its day, its limits."""

from datetime import date, datetime
from decimal import Decimal
from typing import Final

from ltc.calendars.selectors import today
from ltc.tenancy.context import current_tenant_id
from ltc.tenancy.models import Tenant

APPROVAL_FROM: Final = Decimal(100_000)


def own_company() -> Tenant:
    """The active tenant."""
    return Tenant.objects.get(pk=current_tenant_id())


def day_of(at: datetime) -> date:
    """The active tenant's date at an instant."""
    return today(own_company(), at=at)


def approval_limit(tenant: Tenant) -> Decimal:
    """From which total in base currency on an invoice needs another person's approval (setting `invoice_approval_from`)."""
    return Decimal(str(tenant.settings.get("invoice_approval_from", APPROVAL_FROM)))
