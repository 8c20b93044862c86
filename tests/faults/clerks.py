"""Clerks who allocate at once, as processes of their own.

python -m tests.faults.clerks books PAYMENTS        a workspace with so many payments that stand on account; prints its id
python -m tests.faults.clerks work TENANT CLERKS    so many threads take on every payment, two of them each; prints what came of it
python -m tests.faults.clerks check TENANT          what the check of the books finds, a line each
"""

import json
import sys
import threading
import time
from collections import Counter
from datetime import timedelta
from decimal import Decimal

import django

django.setup()

from django.db import InterfaceError, OperationalError, connections  # noqa: E402
from django.utils import timezone  # noqa: E402

from ltc.customers.models import Customer  # noqa: E402
from ltc.refusals import Refusal  # noqa: E402
from ltc.tenancy.context import acting_for  # noqa: E402
from ltc.tenancy.models import Tenant  # noqa: E402
from ltc.users.actors import SYSTEM  # noqa: E402
from ltc.users.services import create_tenant  # noqa: E402
from ltc.workflow.engine import perform  # noqa: E402
from receivables.integrity import violations  # noqa: E402
from receivables.models import Payment  # noqa: E402
from receivables.services.free_invoices import issue_past_invoice  # noqa: E402
from receivables.services.receipts import record_payment  # noqa: E402

CUSTOMERS = 10
PAID, ITEM = Decimal(150), Decimal(100)  # what a payment settles is one item and a half, so that neighbours meet
PATIENCE = 240


def books(payments: int) -> int:
    """Customers who owe as much as they have paid, and nothing of it allocated."""
    tenant = create_tenant(code=f"clerks-{time.monotonic_ns()}", name="Clerks", time_zone="UTC", currency="USD")
    each = payments // CUSTOMERS
    at = timezone.now() - timedelta(days=40)
    for number in range(CUSTOMERS):
        with acting_for(tenant):
            customer = Customer(name=f"Customer {number}")
            customer.fold_name()
            customer.save()
            items = [{"amount": ITEM, "due_date": at.date() + timedelta(days=day % 30)} for day in range(int(each * PAID / ITEM))]
            issue_past_invoice(customer=customer, items=items, on=at.date(), at=at)
        with acting_for(tenant):
            for _payment in range(each):
                payment = record_payment(
                    actor=SYSTEM, amount=PAID, currency="USD", received_on=at.date(), customer=customer, at=at, remittance_text="thanks"
                )  # fmt: skip
                perform(payment, "post", actor=SYSTEM, at=at)
    return int(tenant.pk)


def work(tenant: Tenant, clerks: int) -> Counter[str]:
    """Every payment is on two desks at once; a clerk whose database goes away tries again until an answer comes."""
    with acting_for(tenant):
        payments = list(Payment.objects.filter(unallocated__gt=0).order_by("number").values_list("pk", flat=True))
    piles = [[payment for payment in payments if hash(payment) % clerks in (desk, (desk + 1) % clerks)] for desk in range(clerks)]
    came_out = Counter[str]()
    ready = threading.Barrier(clerks)

    def sit(pile: list[object]) -> None:
        ready.wait()
        for pk in pile:
            came_out[_allocate(tenant, pk)] += 1

    threads = [threading.Thread(target=sit, args=(pile,)) for pile in piles]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return came_out


def _allocate(tenant: Tenant, pk: object) -> str:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            with acting_for(tenant):
                perform(Payment.objects.get(pk=pk), "allocate", actor=SYSTEM)
            return "allocated"
        except Refusal:
            return "refused"  # the other clerk was quicker, or our own commit went through though nobody told us
        except (OperationalError, InterfaceError):
            connections.close_all()
            time.sleep(0.2)
        except Exception as error:
            return f"unexpected {type(error).__name__}: {error}"
    return "unexpected: out of patience"


def main(words: list[str]) -> None:
    if words[0] == "books":
        print(books(int(words[1])))
        return
    tenant = Tenant.objects.get(pk=int(words[1]))
    if words[0] == "work":
        print(json.dumps(work(tenant, int(words[2]))))
        return
    with acting_for(tenant):
        for finding in violations():
            print(finding)


if __name__ == "__main__":
    main(sys.argv[1:])
