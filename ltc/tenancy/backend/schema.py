from typing import Any

from django.db.backends.postgresql.schema import DatabaseSchemaEditor as PostgresSchemaEditor


class DatabaseSchemaEditor(PostgresSchemaEditor):
    def execute(self, sql: Any, params: Any = ()) -> None:
        """A constraint that put its statements among the deferred ones itself has nothing left to say here."""
        if sql is not None:
            super().execute(sql, params)
