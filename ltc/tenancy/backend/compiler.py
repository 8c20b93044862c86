"""Every SELECT, UPDATE and DELETE on a tenant table carries tenant_id = <active tenant>; with none active it raises.

The tenant is looked up when the SQL is compiled, so a queryset built at import time is safe, and so are managers,
cascades, subqueries and refresh_from_db.
"""

from functools import cache
from typing import Any

from django.apps import apps
from django.db.models.sql import compiler
from django.db.models.sql.constants import LOUTER
from django.db.models.sql.where import AND, WhereNode

from ltc.tenancy.context import ALL, NoActiveTenant, active_tenant
from ltc.tenancy.fields import TenantField

django_compiler: Any = compiler


@cache
def tenant_field(table: str) -> Any:
    """The tenant field of the model behind a table, or None if it is a global one."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.db_table == table:
            return next((field for field in model._meta.local_fields if isinstance(field, TenantField)), None)
    return None


def scoped(query: Any, where: Any, only: str | None = None) -> Any:
    """`where`, and-ed with the active tenant for each tenant table that the query reads."""
    tenant = active_tenant()
    if query.combinator or tenant is ALL:  # the parts of a combined query are compiled one by one
        return where
    conditions: list[Any] = []
    for alias, join in query.alias_map.items():
        if only not in (None, alias):
            continue
        field = query.alias_refcount.get(alias) and tenant_field(join.table_name)
        if not field:
            continue
        if tenant is None:
            raise NoActiveTenant(f"A query on {join.table_name} ran with no tenant active. Wrap it in `with acting_for(tenant):`.")
        if getattr(join, "join_type", None) != LOUTER:  # an outer join has it in its ON clause (TenantForeignKey)
            conditions.append(field.get_lookup("exact")(field.get_col(alias), tenant))
    if not conditions:
        return where
    return WhereNode([*conditions, *([where] if where else [])], connector=AND)


class SQLCompiler(django_compiler.SQLCompiler):
    def pre_sql_setup(self, with_col_aliases: bool = False) -> Any:
        result = super().pre_sql_setup(with_col_aliases=with_col_aliases)
        self.where = scoped(self.query, self.where)
        return result


class SQLAggregateCompiler(django_compiler.SQLAggregateCompiler):
    """Its inner query is compiled, and scoped, by SQLCompiler."""


class SQLInsertCompiler(django_compiler.SQLInsertCompiler):
    """TenantField.pre_save fills and checks the value."""


class SQLUpdateCompiler(django_compiler.SQLUpdateCompiler):
    def pre_sql_setup(self) -> Any:
        super().pre_sql_setup()
        self.query.where = scoped(self.query, self.query.where, only=self.query.base_table)  # its joins are in a subquery by now

    def as_sql(self) -> Any:
        query, self.query = self.query, self.query.clone()
        try:
            return super().as_sql()
        finally:
            self.query = query


class SQLDeleteCompiler(django_compiler.SQLDeleteCompiler):
    def _as_sql(self, query: Any) -> Any:
        query = query.clone()
        query.get_initial_alias()
        query.where = scoped(query, query.where)
        return super()._as_sql(query)
