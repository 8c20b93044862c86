"""PostgreSQL, with every statement on a tenant table scoped to the active tenant. Django wants the module name `base`."""

from django.db.backends.postgresql.base import DatabaseWrapper as PostgresWrapper

from ltc.tenancy.backend.features import DatabaseFeatures
from ltc.tenancy.backend.operations import DatabaseOperations
from ltc.tenancy.backend.schema import DatabaseSchemaEditor


class DatabaseWrapper(PostgresWrapper):
    features_class = DatabaseFeatures
    ops_class = DatabaseOperations
    SchemaEditorClass = DatabaseSchemaEditor
