"""The customer's own door: a signed link to its account that expires, and what the customer can say there."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.utils.translation import gettext as _

from ltc.activities.models import Activity
from ltc.activities.services import log_activity
from ltc.customers.models import Customer
from ltc.refusals import Refusal
from ltc.tenancy.context import current_tenant_id
from ltc.users.actors import SYSTEM
from ltc.users.models import Membership
from ltc.users.roles import Role

SALT: Final = "collections.portal"
LINK_AGE: Final = timedelta(days=30)


def portal_link(customer: Customer) -> str:
    """The address under which a customer sees its account for thirty days."""
    token = signing.dumps({"tenant": current_tenant_id(), "customer": str(customer.pk)}, salt=SALT)
    return f"{settings.PUBLIC_URL}/portal/{token}/"


def read_link(token: str) -> dict[str, Any]:
    """Whose account a link opens. Raises Refusal if it was tampered with or is too old."""
    try:
        found: dict[str, Any] = signing.loads(token, salt=SALT, max_age=LINK_AGE)
    except signing.SignatureExpired:
        raise Refusal(_("This link has expired. Ask us for a new one."), code="link_expired") from None
    except signing.BadSignature:
        raise Refusal(_("This link is not complete. Copy it again from the e-mail."), code="link_invalid") from None
    return found


@transaction.atomic
def note_payment(customer: Customer, *, amount: Decimal, currency: str, paid_on: date, reference: str, at: datetime) -> Activity:
    """The customer says that it has paid: a task for finance to look for the money. Nothing is booked. Raises Refusal."""
    if amount <= 0:
        raise Refusal(_("Give an amount of more than zero."), code="invalid", field="amount")
    told = {"amount": f"{amount:,f}", "currency": currency, "day": paid_on.isoformat(), "reference": reference or "–"}
    text = _("The customer says that it paid %(amount)s %(currency)s on %(day)s, reference %(reference)s.") % told
    finance = Membership.objects.filter(role=Role.FINANCE, state=Membership.State.ACTIVE).order_by("created_at", "pk").first()
    return log_activity(customer, kind=Activity.Kind.TASK, actor=SYSTEM, at=at, result=text, due_at=at, assignee=finance or customer.owner)
