"""Makes a workspace whose customers each owe one overdue invoice: `python -m tests.faults.debtors 300` prints its id."""

import sys
from datetime import timedelta
from decimal import Decimal

import django

django.setup()

from django.utils import timezone  # noqa: E402

from ltc.customers.models import Contact, Customer  # noqa: E402
from ltc.tenancy.context import acting_for  # noqa: E402
from ltc.tenancy.models import Tenant  # noqa: E402
from orders.models import Order  # noqa: E402
from receivables.models import DunningCase, DunningPolicy, Invoice, ReceivableItem  # noqa: E402
from receivables.services.policies import policy_in_force  # noqa: E402
from tests import make  # noqa: E402

PAGE = 2000


def customer(number: int) -> Customer:
    made = Customer(name=f"Debtor {number:05d}", language="en")
    made.fold_name()
    return made


def debtors(count: int) -> int:
    """A company that works around the clock, with so many customers four days late."""
    now = timezone.now()
    tenant = Tenant.objects.create(code=f"debtors-{now:%H%M%S%f}", name="Debtors", time_zone="UTC", base_currency="USD")
    with acting_for(tenant):
        DunningPolicy.objects.filter(pk=policy_in_force().pk).update(business_days_only=False, windows=[])
        today = now.date()
        customers = Customer.objects.bulk_create([customer(number) for number in range(count)], batch_size=PAGE)
        Contact.objects.bulk_create(
            [Contact(customer=each, name="Books", email=f"books{number}@example.com") for number, each in enumerate(customers)],
            batch_size=PAGE,
        )
        order = Order(customer=customers[0], number="SO-1", currency="USD", order_date=today, owner=make.member("rep"))
        Order.objects.bulk_create([order])
        amount, fields = Decimal(5000), {"currency": "USD", "fx_rate": Decimal(1), "state": "issued", "issued_at": now, "sent_at": now}
        invoices = [
            Invoice(
                customer=each, order=order, number=f"INV-{number:05d}", invoice_date=today - timedelta(days=34), net=amount, tax=0,
                gross=amount, gross_base=amount, tax_base=0, **fields,
            )
            for number, each in enumerate(customers)
        ]  # fmt: skip
        Invoice.objects.bulk_create(invoices, batch_size=PAGE)
        items = [
            ReceivableItem(
                invoice=each, customer_id=each.customer_id, seq=1, currency="USD", amount=amount, amount_base=amount, open_amount=amount,
                open_base=amount, due_date=today - timedelta(days=4),
            )
            for each in invoices
        ]  # fmt: skip
        ReceivableItem.objects.bulk_create(items, batch_size=PAGE)
        DunningCase.objects.bulk_create([DunningCase(customer=each, currency="USD") for each in customers], batch_size=PAGE)
    return int(tenant.pk)


if __name__ == "__main__":
    print(debtors(int(sys.argv[1])))
