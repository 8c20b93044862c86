"""Collecting: planning the reminders of a tenant with 100,000 open items, and the page of receivables by age over 1,000,000 of them, each
beside the bare SQL that reads the same rows."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.db import connections
from django.utils import timezone

from bench.loading import bulk, rows, time_ordered
from bench.measuring import Case, Server, measured, statements
from bench.world import bare, session_of
from ltc.customers.models import Contact, Customer
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.users.models import User
from ltc.users.roles import Role
from ltc.users.services import create_tenant, join
from receivables.models import DunningCase, DunningNotice, DunningPolicy, Invoice, ReceivableItem
from receivables.services.policies import policy_in_force
from receivables.services.reminders import plan_reminders

MOST_TIMES_SQL: Final = 3.0
AMOUNT: Final = 1000
PAGE: Final = 51


@dataclass(frozen=True)
class Debts:
    """How much is owed by how many; each invoice has so many items."""

    items: int
    customers: int
    per_invoice: int


PLANNED, AGED = Debts(100_000, 20_000, 5), Debts(1_000_000, 20_000, 50)
FEW_PLANNED, FEW_AGED = Debts(600, 60, 5), Debts(2_000, 60, 50)
READ_ITEMS = """
SELECT i.id, i.customer_id, i.currency, i.seq, i.amount, i.amount_base, i.due_date, i.open_amount, i.open_base, i.dunning_epoch, i.released,
       v.id, v.number, v.invoice_date, v.sent_at, v.fx_rate
  FROM collections_receivableitem i JOIN collections_invoice v ON v.tenant_id = i.tenant_id AND v.id = i.invoice_id
 WHERE i.tenant_id = %s AND i.open_amount > 0 AND i.released
"""
READ_CASES = """
SELECT d.*, c.name, c.language, c.time_zone FROM collections_dunningcase d
  JOIN customers_customer c ON c.tenant_id = d.tenant_id AND c.id = d.customer_id WHERE d.tenant_id = %s
"""
READ_CONTACTS = "SELECT customer_id, email, email_status FROM customers_contact WHERE tenant_id = %s"
READ_USED = "SELECT item_id, epoch, level, at FROM collections_dunningnoticeitem WHERE tenant_id = %s AND state <> 'released'"
AGES = """
SELECT sum(open_base) FILTER (WHERE due_date >= current_date), sum(open_base) FILTER (WHERE due_date BETWEEN current_date - 30 AND current_date - 1),
       sum(open_base) FILTER (WHERE due_date BETWEEN current_date - 60 AND current_date - 31),
       sum(open_base) FILTER (WHERE due_date BETWEEN current_date - 90 AND current_date - 61),
       sum(open_base) FILTER (WHERE due_date < current_date - 90)
  FROM collections_receivableitem WHERE tenant_id = %s AND open_amount > 0 AND released AND in_ledger
"""  # noqa: E501
OLDEST = f"""
SELECT i.*, c.name, v.number FROM collections_receivableitem i
  JOIN customers_customer c ON c.tenant_id = i.tenant_id AND c.id = i.customer_id
  JOIN collections_invoice v ON v.tenant_id = i.tenant_id AND v.id = i.invoice_id
 WHERE i.tenant_id = %s AND i.open_amount > 0 ORDER BY i.due_date, i.id LIMIT {PAGE}
"""


def collecting(ours: Server, *, small: bool, rounds: int, say: Any) -> str:
    """What planning and aging take, in words."""
    planned, aged = (FEW_PLANNED, FEW_AGED) if small else (PLANNED, AGED)
    return _planning(owed("bench-planner", planned, say), planned, say) + "\n" + _aging(ours, owed("bench-aging", aged, say), aged, rounds)


def owed(code: str, debts: Debts, say: Any) -> Tenant:
    """A tenant whose customers owe so much; loaded once by set-based SQL."""
    tenant = Tenant.objects.filter(code=code).first()
    if tenant is not None:
        return tenant
    say(f"Loading {debts.items:,} open items into {code}")
    tenant = create_tenant(code=code, name=code.title(), time_zone="UTC", currency="USD")
    with acting_for(tenant):
        user = User.objects.create(email=f"clerk@{code}.example", name="Clerk")
        join(user=user, role=Role.FINANCE, team=None)
        DunningPolicy.objects.filter(pk=policy_in_force().pk).update(business_days_only=False, windows=[])
    own, name = {"tenant_id": str(tenant.pk)}, "'debtor ' || i"
    customers = f"customers_customer c WHERE c.tenant_id = {tenant.pk}"
    items = f"collections_invoice v CROSS JOIN generate_series(1, {debts.per_invoice}) i WHERE v.tenant_id = {tenant.pk}"
    invoices = f"generate_series(1, {debts.items // debts.per_invoice}) i JOIN customers_customer c ON c.tenant_id = {tenant.pk}"
    total = str(AMOUNT * debts.per_invoice)
    with bulk(Customer), bulk(Contact), bulk(DunningCase), bulk(Invoice), bulk(ReceivableItem):
        rows(
            Customer, f"generate_series(1, {debts.customers}) i", **own, id=time_ordered("now()", "i::text"), name=name,
            normalized_name=name, likeness_name=name, sort_key=name, initials="'d'", language="'en'",
        )  # fmt: skip
        rows(Contact, customers, **own, id=time_ordered("now()", "c.name"), customer_id="c.id", name="'Books'", email="'books@example.com'")
        rows(DunningCase, customers, **own, id=time_ordered("now()", "c.name"), customer_id="c.id", currency="'USD'")
        rows(
            Invoice, f"{invoices} AND c.sort_key = 'debtor ' || (1 + i %% {debts.customers})", **own, id=time_ordered("now()", "i::text"),
            number="'B-' || i", customer_id="c.id", invoice_date="current_date - 120", currency="'USD'", fx_rate="1", net=total, tax="0",
            gross=total, gross_base=total, tax_base="0", state="'issued'", issued_at="now()", sent_at="now()",
        )  # fmt: skip
        rows(
            ReceivableItem, items, **own, id=time_ordered("now()", "v.number || i"), invoice_id="v.id", customer_id="v.customer_id",
            seq="i", currency="'USD'",
            amount=str(AMOUNT), amount_base=str(AMOUNT), open_amount=str(AMOUNT), open_base=str(AMOUNT),
            due_date="current_date + 30 - (hashtext(v.number || ':' || i) & 127)",
        )  # fmt: skip
    with connections["bare"].cursor() as cursor:
        cursor.execute("ANALYZE")
    return tenant


def _planning(tenant: Tenant, debts: Debts, say: Any) -> str:
    say(f"Planning over {debts.items:,} items")
    now = timezone.now()

    def read() -> None:
        for statement in (READ_ITEMS, READ_CASES, READ_CONTACTS, READ_USED):
            bare(statement, [tenant.pk])

    def plan() -> None:
        with acting_for(tenant):
            plan_reminders(now=now)

    with acting_for(tenant):
        anew = not DunningNotice.objects.exists()
    first = _seconds(plan) if anew else 0.0
    again, sql = (min(_seconds(act) for _ in range(2)) for act in (plan, read))
    with acting_for(tenant):
        notices = DunningNotice.objects.count()
    lines = [f"Planning the reminders of {debts.items:,} open items of {debts.customers:,} customers; the bare SQL takes {sql:.2f} s:"]
    if anew:
        lines.append(
            f"  {f'the first night: {notices:,} reminders':46}{first:8.1f} s {debts.items / first:9,.0f} items/s {first / sql:7.1f}x"
        )
    lines.append(f"  {'any other night: nothing new':46}{again:8.1f} s {debts.items / again:9,.0f} items/s {again / sql:7.1f}x")
    return "\n".join(lines)


def _aging(ours: Server, tenant: Tenant, debts: Debts, rounds: int) -> str:
    cookie = f"{settings.SESSION_COOKIE_NAME}={session_of(User.objects.get(email=f'clerk@{tenant.code}.example'))}"
    page = ours.case("aging", "GET", f"/t/{tenant.code}/receivables/", {"cookie": cookie})
    sql = Case("aging sql", lambda _: (bare(AGES, [tenant.pk]), bare(OLDEST, [tenant.pk])))
    found = measured([page, sql], max(2, rounds // 4))
    ratio = found["aging"].quick / found["aging sql"].quick
    told = f"{found['aging'].quick:,.0f} ms, {statements(page)} queries, {ratio:.2f}x its bare SQL ({found['aging sql'].quick:,.0f} ms)"
    missed = f"   MISSED: at most {MOST_TIMES_SQL}x wanted" if ratio > MOST_TIMES_SQL and debts.items >= AGED.items else ""
    return f"Receivables by age over {debts.items:,} open items: {told}{missed}"


def _seconds(act: Callable[[], Any]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started
