"""Database objects that ride in Meta.constraints, so that makemigrations sees, adds and drops them.

`TenantField` and `TenantForeignKey` add them by themselves; no model lists them.
"""

from typing import Any, TypeAlias, cast

from django.conf import settings
from django.db import models

from ltc.tenancy import triggers

Model: TypeAlias = Any
Editor: TypeAlias = Any


class DatabaseRule(models.BaseConstraint):
    """A constraint written in SQL of our own: `up` makes it, `down` takes it away."""

    column = "tenant_id"

    def up(self, model: Model, editor: Editor) -> list[str]:
        return []

    def down(self, model: Model, editor: Editor) -> list[str]:
        return []

    def create_sql(self, model: Model, schema_editor: Editor) -> Any:
        return ";\n".join(self.up(model, schema_editor)) or None

    def constraint_sql(self, model: Model, schema_editor: Editor) -> Any:
        schema_editor.deferred_sql[0:0] = self.up(model, schema_editor)  # inside CreateModel: before the foreign keys that Django defers

    def remove_sql(self, model: Model, schema_editor: Editor) -> Any:
        for statement in self.down(model, schema_editor):
            schema_editor.execute(statement)

    def validate(self, model: Model, instance: models.Model, exclude: Any = None, using: str = "default") -> None:
        """The database checks it."""

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.deconstruct() == other.deconstruct()

    def __hash__(self) -> int:
        return hash((type(self), self.name))


class RowLevelSecurity(DatabaseRule):
    """Row security, enabled and forced: only rows of the tenant that the transaction is bound to."""

    def up(self, model: Model, editor: Editor) -> list[str]:
        table, policy = editor.quote_name(model._meta.db_table), editor.quote_name(self.name)
        rule = f"{self.column} = current_setting('app.tenant_id')::bigint"  # no sub-select, no missing_ok: both were measured mistakes
        return [
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
            f"CREATE POLICY {policy} ON {table} USING ({rule}) WITH CHECK ({rule})",
        ]

    def down(self, model: Model, editor: Editor) -> list[str]:
        table, policy = editor.quote_name(model._meta.db_table), editor.quote_name(self.name)
        return [
            f"DROP POLICY {policy} ON {table}",
            f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
        ]


class TenantPrimaryKey(DatabaseRule):
    """The ORM's pk stays `id`; the table's becomes (tenant_id, id)."""

    def _swap(self, model: Model, editor: Editor, columns: list[str]) -> list[str]:
        table, key = editor.quote_name(model._meta.db_table), editor.quote_name(model._meta.db_table + "_pkey")
        listed = ", ".join(map(editor.quote_name, columns))
        return [f"ALTER TABLE {table} DROP CONSTRAINT {key} CASCADE", f"ALTER TABLE {table} ADD CONSTRAINT {key} PRIMARY KEY ({listed})"]

    def up(self, model: Model, editor: Editor) -> list[str]:
        statements = self._swap(model, editor, [self.column, model._meta.pk.column])
        if colocate := settings.CITUS_COLOCATE_WITH:
            statements.append(f"SELECT create_distributed_table('{model._meta.db_table}', '{self.column}', colocate_with => '{colocate}')")
        return statements

    def down(self, model: Model, editor: Editor) -> list[str]:
        return self._swap(model, editor, [model._meta.pk.column])


class TenantFK(DatabaseRule):
    """FOREIGN KEY (tenant_id, <field>) -> <target>(tenant_id, id), for a TenantForeignKey."""

    def __init__(self, field: str, *, name: str) -> None:
        super().__init__(name=name)
        self.field = field

    def create_sql(self, model: Model, schema_editor: Editor) -> Any:
        quote, field = schema_editor.quote_name, cast(Any, model._meta.get_field(self.field))
        target = field.remote_field.model
        schema_editor.deferred_sql.append(  # at the end of the migration: the target's key (tenant_id, id) exists by then
            f"ALTER TABLE {quote(model._meta.db_table)} ADD CONSTRAINT {quote(self.name)} "
            f"FOREIGN KEY ({self.column}, {quote(field.column)}) "
            f"REFERENCES {quote(target._meta.db_table)} ({self.column}, {quote(target._meta.pk.column)}) DEFERRABLE INITIALLY DEFERRED"
        )

    constraint_sql = create_sql

    def down(self, model: Model, editor: Editor) -> list[str]:
        return [f"ALTER TABLE {editor.quote_name(model._meta.db_table)} DROP CONSTRAINT IF EXISTS {editor.quote_name(self.name)}"]

    def deconstruct(self) -> Any:
        path, _, kwargs = super().deconstruct()
        return path, (self.field,), kwargs


class _Trigger(DatabaseRule):
    event = ""
    function = ""

    def up(self, model: Model, editor: Editor) -> list[str]:
        table, name = editor.quote_name(model._meta.db_table), editor.quote_name(self.name)
        return [f"CREATE TRIGGER {name} {self.event} ON {table} FOR EACH ROW EXECUTE FUNCTION {self.function}()"]

    def down(self, model: Model, editor: Editor) -> list[str]:
        return [f"DROP TRIGGER IF EXISTS {editor.quote_name(self.name)} ON {editor.quote_name(model._meta.db_table)}"]


class ChangeLogged(_Trigger):
    """Every write to the table leaves a row in the change log: who changed what from what to what, bulk and raw SQL included."""

    event = "AFTER INSERT OR UPDATE OR DELETE"
    function = "log_change"


class AppendOnly(_Trigger):
    """Rows are added and never changed: an UPDATE or DELETE raises."""

    event = "BEFORE UPDATE OR DELETE"
    function = "refuse_change"


class TriggerFunctions(DatabaseRule):
    """The functions behind ChangeLogged and AppendOnly; they ride on the tenant table, which is made before any tenant's table."""

    def up(self, model: Model, editor: Editor) -> list[str]:
        return [triggers.LOG_CHANGE, triggers.REFUSE_CHANGE]

    def down(self, model: Model, editor: Editor) -> list[str]:
        return [triggers.DROP]


class ReferenceTable(DatabaseRule):
    """A global table that tenant tables refer to: replicated to every node on Citus, nothing elsewhere."""

    def up(self, model: Model, editor: Editor) -> list[str]:
        return [f"SELECT create_reference_table('{model._meta.db_table}')"] if settings.CITUS_COLOCATE_WITH else []
