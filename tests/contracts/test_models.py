"""Every model that belongs to a tenant: scoped, row-secured, with references that cannot leave the tenant."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, models, transaction

from ltc.tenancy.constraints import AppendOnly, ChangeLogged, RowLevelSecurity, TenantFK, TenantPrimaryKey
from ltc.tenancy.context import NoActiveTenant, acting_for
from ltc.tenancy.fields import TenantField, TenantForeignKey
from ltc.tenancy.models import Tenant
from tests.contracts.rows import SCOPED, make_row

READS: dict[str, Callable[[Any], Any]] = {
    "list": lambda manager: list(manager.all()[:1]),
    "count": lambda manager: manager.count(),
    "exists": lambda manager: manager.exists(),
    "first": lambda manager: manager.order_by("pk").first(),
    "update": lambda manager: manager.update(tenant_id=1),
    "delete": lambda manager: manager.all().delete(),
    "aggregate": lambda manager: manager.aggregate(n=models.Count("pk")),
    "subquery": lambda manager: list(Tenant.objects.filter(pk__in=manager.values("tenant_id"))),
    "values": lambda manager: list(manager.values_list("pk")[:1]),
    "iterator": lambda manager: list(manager.iterator(chunk_size=1)),
    "explain": lambda manager: manager.all().explain(),
    "lock": lambda manager: manager.select_for_update().first(),
}
scoped = pytest.mark.parametrize("model", SCOPED, ids=lambda model: model._meta.label)


@pytest.mark.parametrize("read", READS)
@scoped
def test_no_query_runs_outside_a_tenant(db: None, model: Any, read: str) -> None:
    for manager in (model._default_manager, model._base_manager):
        with pytest.raises(NoActiveTenant), transaction.atomic():
            READS[read](manager)


@scoped
def test_the_database_itself_refuses_sql_without_a_tenant(db: None, model: Any) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f'SELECT count(*) FROM "{model._meta.db_table}"')


@scoped
def test_another_tenants_row_can_be_neither_seen_nor_changed_nor_referred_to(tenant: Tenant, other_tenant: Tenant, model: Any) -> None:
    with acting_for(other_tenant):
        theirs = make_row(model)
        before = model._base_manager.filter(pk=theirs.pk).values().get()
    with acting_for(tenant):
        manager = model._base_manager
        assert not manager.filter(pk=theirs.pk).exists()
        assert manager.filter(pk=theirs.pk).update(tenant_id=tenant.pk) == 0
        assert manager.filter(pk=theirs.pk).delete()[0] == 0
        with pytest.raises(model.DoesNotExist):
            theirs.refresh_from_db()
        with pytest.raises((ValueError, DatabaseError)), transaction.atomic():
            manager.bulk_create([model(**{field.attname: getattr(theirs, field.attname) for field in model._meta.local_fields})])
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT count(*) FROM "{model._meta.db_table}" WHERE tenant_id = %s', [other_tenant.pk])
            assert cursor.fetchone()[0] == 0
    with acting_for(other_tenant):
        assert model._base_manager.filter(pk=theirs.pk).values().get() == before


REFERENCES = [(model, field) for model in SCOPED for field in model._meta.local_fields if isinstance(field, TenantForeignKey)]


@pytest.mark.parametrize(("model", "field"), REFERENCES, ids=[f"{model._meta.label}.{field.name}" for model, field in REFERENCES])
def test_no_reference_reaches_into_another_tenant(tenant: Tenant, other_tenant: Tenant, model: Any, field: Any) -> None:
    with acting_for(other_tenant):
        theirs = make_row(field.related_model)
    with acting_for(tenant), pytest.raises(DatabaseError), transaction.atomic():
        make_row(model, **{field.name: theirs})
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@scoped
def test_the_model_carries_its_key_its_row_security_and_its_history(model: Any) -> None:
    kinds = {type(rule) for rule in model._meta.constraints}
    assert {TenantPrimaryKey, RowLevelSecurity} <= kinds
    assert kinds & {ChangeLogged, AppendOnly} or model.change_logged is False
    fields = model._meta.local_fields
    for field in fields:
        if isinstance(field, models.ForeignKey) and not isinstance(field, TenantField) and field.related_model in SCOPED:
            assert isinstance(field, TenantForeignKey), f"{field} must be a TenantForeignKey"
            assert any(isinstance(rule, TenantFK) and rule.field == field.name for rule in model._meta.constraints)
        assert not (field.unique and not field.primary_key), f"{field}: use a UniqueConstraint that starts with tenant"
    for rule in model._meta.constraints:
        if isinstance(rule, models.UniqueConstraint):
            assert rule.fields[:1] == ("tenant",) or "tenant" in repr(rule.expressions[:1]), rule.name
    for many in model._meta.local_many_to_many:
        assert many.remote_field.through in SCOPED


def test_migrations_say_all_that_the_models_say(db: None) -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_an_unscoped_model_is_found() -> None:
    """The contract's own test: a reference between tenant tables made with a plain ForeignKey is noticed."""

    class Stray(models.Model):
        id = models.UUIDField(primary_key=True, default=uuid.uuid4)
        tenant = TenantField()
        to = models.ForeignKey(SCOPED[0], models.CASCADE, related_name="+")

        class Meta:
            app_label = "tests"

        def __str__(self) -> str:
            return "stray"

    with pytest.raises(AssertionError, match="must be a TenantForeignKey"):
        test_the_model_carries_its_key_its_row_security_and_its_history(Stray)
