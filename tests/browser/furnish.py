"""Gives the demo company of the town what a small one has not by chance: deals in each early stage, and customers who owe and answer.

python -m tests.browser.furnish CODE
"""

import sys
from datetime import timedelta
from decimal import Decimal

import django

django.setup()

from django.utils import timezone  # noqa: E402

from leads.collisions import request_access  # noqa: E402
from leads.models import Channel  # noqa: E402
from leads.selectors import ticket_for  # noqa: E402
from leads.services import capture_lead  # noqa: E402
from ltc.customers.models import Customer  # noqa: E402
from ltc.tenancy.context import acting_for  # noqa: E402
from ltc.tenancy.models import Tenant  # noqa: E402
from ltc.users.actors import SYSTEM  # noqa: E402
from ltc.users.models import Membership  # noqa: E402
from receivables.models import ReceivableItem  # noqa: E402
from receivables.services.account_statements import draw_up  # noqa: E402
from receivables.services.disputes import open_dispute  # noqa: E402
from receivables.services.free_invoices import draft_free_invoice  # noqa: E402
from receivables.services.promises import make_promise  # noqa: E402
from tests.collections import make as money  # noqa: E402
from tests.opportunities import make  # noqa: E402


def furnish(code: str) -> None:
    tenant = Tenant.objects.get(code=code)
    with acting_for(tenant):
        owner = Membership.objects.filter(role="rep").latest("created_at")
        for number, stage in enumerate(("discovery", "discovery", "solution", "bidding"), start=1):
            make.deal(owner=owner, name=f"Fleet renewal {number}", stage=stage)
        _late_payers(tenant.base_currency)
        _asked_for(owner)


def _asked_for(owner: Membership) -> None:
    """A colleague asks to take a lead over."""
    channel, colleague = (
        Channel.objects.order_by("code")[0],
        Membership.objects.filter(role="rep").exclude(pk=owner.pk).earliest("created_at"),
    )
    lead = capture_lead(actor=owner, channel=channel, owner=owner, contact_name="Ann Fair", company_name="Fairground", phone="+16175550999")
    request_access(actor=colleague, kind="transfer", ticket=ticket_for("lead", lead.pk, colleague), reason="She called me.")


def _late_payers(currency: str) -> None:
    """Two items of a customer that are late: of one some is disputed, the other is promised; and its account is drawn up."""
    now = timezone.now()
    today = now.date()
    customer = Customer.objects.earliest("created_at")
    for number in range(2):
        line = {"description": f"Spare part {number}", "qty": Decimal(1), "unit_price": Decimal(900)}
        draft = draft_free_invoice(
            actor=SYSTEM,
            customer=customer,
            currency=currency,
            lines=[line],
            items=[{"amount": Decimal(900), "due_date": today - timedelta(days=9)}],
        )
        money.issued(draft, at=now - timedelta(days=40))
    disputed, promised = ReceivableItem.objects.filter(customer=customer, open_amount=900).order_by("pk")[:2]
    open_dispute(actor=SYSTEM, item=disputed, reason="quality", amount=Decimal(300), at=now, description="Scratched.")
    make_promise(actor=SYSTEM, items=[{"item": promised}], promised_on=today + timedelta(days=5), at=now)
    draw_up(actor=SYSTEM, customer=customer, currency=currency, first=today - timedelta(days=40), last=today - timedelta(days=1), at=now)


if __name__ == "__main__":
    furnish(sys.argv[1])
