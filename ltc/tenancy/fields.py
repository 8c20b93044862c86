"""The two fields that make a table a tenant's: its tenant_id, and references that cannot leave the tenant."""

from typing import Any, cast

from django.db import models
from django.db.backends.utils import names_digest
from django.db.models.sql.where import AND, WhereNode

from ltc.tenancy.constraints import AppendOnly, ChangeLogged, RowLevelSecurity, TenantFK, TenantPrimaryKey
from ltc.tenancy.context import ALL, active_tenant, current_tenant_id


def add_to_meta(cls: type[models.Model], kind: str, item: Any) -> None:
    """Add a constraint or an index to a model that is being built, as if its Meta listed it.

    Models rebuilt by a migration are left alone: there the operations say it.
    """
    meta = cls._meta
    if meta.abstract or cls.__module__ == "__fake__" or any(other.name == item.name for other in getattr(meta, kind) if item.name):
        return
    first, others = ([item], getattr(meta, kind)) if isinstance(item, TenantPrimaryKey) else (getattr(meta, kind), [item])
    setattr(meta, kind, [*first, *others])  # the key comes first: references to the table need it
    meta.original_attrs.setdefault(kind, [])


class TenantField(models.ForeignKey):
    """The tenant_id column itself. Filled from the context on insert; another tenant's value is refused.

    It brings the table's key (tenant_id, id), its row security and its change log along.
    """

    def __init__(self, to: Any = "tenancy.Tenant", on_delete: Any = models.PROTECT, **kwargs: Any) -> None:
        kwargs.setdefault("db_index", False)
        kwargs.setdefault("related_name", "+")
        kwargs.setdefault("editable", False)
        super().__init__(to, on_delete, **kwargs)

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:  # type: ignore[override]
        super().contribute_to_class(cls, name, private_only)
        table = cls._meta.db_table
        add_to_meta(cls, "constraints", TenantPrimaryKey(name=f"{table}_tenant_key"))
        add_to_meta(cls, "constraints", RowLevelSecurity(name=f"{table}_own_tenant_only"))
        if getattr(cls, "append_only", False):
            add_to_meta(cls, "constraints", AppendOnly(name=f"{table}_append_only"))
        elif getattr(cls, "change_logged", True):
            add_to_meta(cls, "constraints", ChangeLogged(name=f"{table}_change_logged"))

    def pre_save(self, model_instance: models.Model, add: bool) -> int:
        value = getattr(model_instance, self.attname)
        if (
            value is not None and active_tenant() is ALL
        ):  # platform code names the tenant itself; row security holds for ltc_app all the same
            return int(value)
        tenant = current_tenant_id()
        if value is None:
            setattr(model_instance, self.attname, tenant)
        elif value != tenant:
            raise ValueError(
                f"{model_instance._meta.label} {model_instance.pk} belongs to tenant {value} and was written under tenant {tenant}."
            )
        return tenant


class TenantForeignKey(models.ForeignKey):
    """A reference to a row of the same tenant: joins on tenant_id too, and the database's constraint holds both columns."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["db_constraint"] = False
        kwargs["db_index"] = False
        super().__init__(*args, **kwargs)

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:  # type: ignore[override]
        super().contribute_to_class(cls, name, private_only)
        add_to_meta(cls, "constraints", TenantFK(name, name=f"{cls._meta.db_table}_{name}_same_tenant"))
        table = cls._meta.db_table
        add_to_meta(cls, "indexes", models.Index(fields=["tenant", name], name=f"{table[:20]}_{names_digest(table, name, length=6)}_fk"))

    def get_extra_restriction(self, alias: str | None, related_alias: str | None) -> WhereNode | None:
        if alias is None or related_alias is None:
            return None
        target, source = (cast(Any, model._meta.get_field("tenant")) for model in (self.remote_field.model, self.model))
        same = target.get_lookup("exact")(target.get_col(alias), source.get_col(related_alias))
        return WhereNode([same], connector=AND)
