"""What the demo shows of documents: a payment account, a subscription, and a link that its customer has opened."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from ltc.calendars.selectors import today
from ltc.tenancy.models import Tenant
from ltc.users.actors import SYSTEM
from ltc.workflow.engine import perform
from orders.models import Order
from orders.services.drafts import create_order
from orders.services.progress import fire_dated_triggers
from receivables.models import Invoice
from receivables.services.online import set_up_account
from receivables.services.receipts import record_payment
from receivables.services.sending import make_link, note_view

BEGAN: Final = timedelta(days=70)
CN: Final[dict[str, Any]] = {
    "account": "在线收款", "plan": "远程运维服务", "unit": "月",
}  # fmt: skip
US: Final[dict[str, Any]] = {
    "account": "Card payments", "plan": "Premium support", "unit": "month",
}  # fmt: skip


def add_papers(tenant: Tenant, anchor: datetime) -> None:
    """Inside the tenant, when its story has been lived."""
    told = CN if tenant.locale.startswith("zh") else US
    account = set_up_account(actor=SYSTEM, name=told["account"], provider="test", bank_account="DEMO-ONLINE", at=anchor - BEGAN)
    perform(account, "switch_on", actor=SYSTEM, at=anchor - BEGAN)
    paid = Order.objects.filter(collection_status=Order.Progress.FULL).select_related("customer", "owner").order_by("confirmed_at").first()
    if paid is not None:
        _subscribe(tenant, paid, told, anchor)


def _subscribe(tenant: Tenant, paid: Order, told: dict[str, Any], anchor: datetime) -> None:
    """A customer that pays well has a plan by the month: the first month is paid, the second was looked at, the third is proposed."""
    began = anchor - BEGAN
    day = today(tenant, at=began)
    line = {"description": told["plan"], "qty": Decimal(12), "uom": told["unit"], "unit_price": Decimal(1200), "promised_on": day}
    order = create_order(actor=SYSTEM, customer=paid.customer, owner=paid.owner, at=began, currency=paid.currency, lines=[line])
    perform(order, "bill_periodically", actor=SYSTEM, at=began, every="month", first=day, periods=12, days_to_pay=15)
    perform(order, "override_credit", actor=SYSTEM, at=began, reason=told["plan"])
    perform(order, "confirm", actor=SYSTEM, at=began)
    fire_dated_triggers(on=today(tenant, at=anchor), at=anchor)
    first, second = Invoice.objects.filter(order=order).order_by("plan_line__seq")[:2]
    for invoice, at in ((first, began + timedelta(days=1)), (second, began + timedelta(days=32))):
        perform(invoice, "submit", actor=SYSTEM, at=at)
        if invoice.state == Invoice.State.IN_APPROVAL:
            perform(invoice, "approve", actor=SYSTEM, at=at)
        perform(invoice, "issue", actor=SYSTEM, at=at)
        perform(
            invoice, "mark_sent", actor=SYSTEM, at=at, channel=Invoice.Channel.EMAIL, recipient=invoice.billing_address or "ap@example.com"
        )
    at = began + timedelta(days=14)
    payment = record_payment(
        actor=SYSTEM, amount=first.gross, currency=first.currency, received_on=today(tenant, at=at), customer=first.customer, at=at,
        bank_account="DEMO", bank_ref="BANK-PLAN-1", remittance_text=first.number or "",
    )  # fmt: skip
    perform(payment, "post", actor=SYSTEM, at=at)
    link = make_link(actor=SYSTEM, invoice=second, recipient=second.sent_to, at=anchor - timedelta(days=2))
    note_view(link, at=anchor - timedelta(hours=20))
