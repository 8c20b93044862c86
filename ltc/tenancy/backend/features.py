from django.db import models
from django.db.backends.postgresql.features import DatabaseFeatures as PostgresFeatures

from ltc.tenancy.fields import TenantField


class DatabaseFeatures(PostgresFeatures):
    def allows_group_by_selected_pks_on_model(self, model: type[models.Model]) -> bool:
        """The table's key is (tenant_id, id), not the ORM's pk, so PostgreSQL wants the other columns in GROUP BY too."""
        is_tenants = any(isinstance(field, TenantField) for field in model._meta.local_fields)
        return super().allows_group_by_selected_pks_on_model(model) and not is_tenants
