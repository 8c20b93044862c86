"""F15: what keeps tenants apart, one fence at a time with the others out of the way. Each holds alone."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connections, transaction

from ltc.tenancy.context import acting_for, all_tenants
from ltc.tenancy.fields import TenantForeignKey
from ltc.tenancy.models import Tenant
from tests import make
from tests.contracts.rows import SCOPED, make_row
from tests.faults.outcome import Outcome

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "platform"])
REFERENCES = [(model, field) for model in SCOPED for field in model._meta.local_fields if isinstance(field, TenantForeignKey)]


@pytest.fixture
def two() -> Iterator[tuple[Tenant, Tenant]]:
    yield make.tenant("north"), make.tenant("south")


def values_of(row: Any) -> dict[str, Any]:
    return {
        field.attname: getattr(row, field.attname) for field in row._meta.local_fields if not getattr(field, "generated", False)
    }  # fmt: skip


def refused(action: Any, using: str = "default") -> bool:
    try:
        with transaction.atomic(using=using):
            action()
            with connections[using].cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except DatabaseError:
        return True
    return False


def test_row_security_holds_without_the_scope_of_the_code(two: tuple[Tenant, Tenant]) -> None:
    """`all_tenants()` switches the code's scope off; the application's role is still bound to the transaction's tenant."""
    ours, theirs = two
    leaks = []
    for model in SCOPED:
        with acting_for(theirs):
            row = make_row(model)
        with acting_for(ours), all_tenants():
            found = model._base_manager.filter(pk=row.pk)
            if found.exists() or found.update(tenant_id=theirs.pk):
                leaks.append(f"{model._meta.label} read or changed")
            if not refused(lambda model=model, row=row: model._base_manager.bulk_create([model(**values_of(row))])):
                leaks.append(f"{model._meta.label} written")
    print(*leaks, sep="\n")
    Outcome(unexpected=len(leaks), note=f"{len(SCOPED)} tables, the code's scope off").judge("F15 row security", 0)


def test_without_a_tenant_the_database_gives_nothing(two: tuple[Tenant, Tenant]) -> None:
    leaks = []
    for model in SCOPED:
        with acting_for(two[1]):
            make_row(model)
        with all_tenants():
            if not refused(lambda model=model: model._base_manager.count()):
                leaks.append(model._meta.label)
    Outcome(unexpected=len(leaks), note=f"{len(SCOPED)} tables, no tenant bound: {leaks}").judge("F15 no tenant", 0)


def test_the_scope_of_the_code_holds_without_row_security(two: tuple[Tenant, Tenant]) -> None:
    """The platform's role passes row security; what the code compiles into each statement still keeps to one tenant."""
    ours, theirs = two
    leaks = []
    for model in SCOPED:
        with acting_for(theirs):
            row = make_row(model)
        with acting_for(ours, using="platform"):
            found = model._base_manager.using("platform").filter(pk=row.pk)
            if found.exists() or found.update(tenant_id=ours.pk) or (not getattr(model, "append_only", False) and found.delete()[0]):
                leaks.append(model._meta.label)
    Outcome(unexpected=len(leaks), note=f"{len(SCOPED)} tables, past row security: {leaks}").judge("F15 scope", 0)


def test_references_hold_without_either(two: tuple[Tenant, Tenant]) -> None:
    """Past row security and past the code's scope, the foreign key of both columns still refuses another tenant's row."""
    ours, theirs = two
    leaks = []
    for model, field in REFERENCES:
        with acting_for(theirs):
            target = make_row(field.related_model)
        with acting_for(ours):
            row = make_row(model)
        statement = f'UPDATE "{model._meta.db_table}" SET "{field.column}" = %s WHERE tenant_id = %s AND id = %s'

        def write(statement: str = statement, values: tuple[Any, ...] = (target.pk, ours.pk, row.pk)) -> None:
            with connections["platform"].cursor() as cursor:
                cursor.execute(statement, values)
                if cursor.rowcount == 0:
                    raise IntegrityError("the row to plant the reference in is gone")

        if not refused(write, "platform"):
            leaks.append(f"{model._meta.label}.{field.name}")
    Outcome(unexpected=len(leaks), note=f"{len(REFERENCES)} references, both other fences off: {leaks}").judge("F15 references", 0)


def test_a_table_without_row_security_would_be_noticed(two: tuple[Tenant, Tenant]) -> None:
    """The probe's own test: the same question to a global table finds the other tenant's row."""
    ours, theirs = two
    with acting_for(ours), all_tenants():
        assert Tenant._base_manager.filter(pk=theirs.pk).exists()
