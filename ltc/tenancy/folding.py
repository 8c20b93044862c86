"""Indexes and constraints stand in the migration inside the table that they belong to.

Django writes most of them as operations of their own, and each such operation makes `migrate` build every related model anew:
with tables that all refer to the tenant that was nine tenths of the time of a first migration, and so of every test run.
"""

from typing import Any

from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.operations import AddConstraint, AddIndex, CreateModel
from django.db.migrations.operations.base import Operation


def folded(operations: list[Operation], app_label: str) -> list[Operation]:
    """The same operations, with each index and constraint moved into its CreateModel unless something in between concerns that table."""
    result: list[Operation] = []
    for operation in operations:
        place = home_of(operation, result) if isinstance(operation, AddIndex | AddConstraint) else None
        if place is None:
            result.append(operation)
        else:
            (result[place],) = result[place].reduce(operation, app_label)  # type: ignore[misc]
    return result


def home_of(operation: Any, earlier: list[Operation]) -> int | None:
    """Where its table is made, if nothing has been done to that table since."""
    for place in range(len(earlier) - 1, -1, -1):
        other: Any = earlier[place]
        if isinstance(other, CreateModel):
            if other.name_lower == operation.model_name_lower:
                return place
        elif getattr(other, "model_name_lower", operation.model_name_lower) == operation.model_name_lower:
            return None
    return None


class FoldingAutodetector(MigrationAutodetector):
    migrations: dict[str, list[Any]]

    def _optimize_migrations(self) -> None:
        super()._optimize_migrations()  # type: ignore[misc]
        for app_label, migrations in self.migrations.items():
            for migration in migrations:
                migration.operations = folded(list(migration.operations), app_label)
