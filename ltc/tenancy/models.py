from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from ltc.tenancy.constraints import ReferenceTable, TriggerFunctions
from ltc.tenancy.context import current_tenant_id
from ltc.tenancy.fields import TenantField
from ltc.tenancy.identifiers import uuid7


class Tenant(models.Model):
    """A customer of ours: one company with its own users, records, calendar and currency."""

    class SalesMotion(models.TextChoices):
        B2B = "b2b", _("Leads and opportunities")
        B2C_DIRECT = "b2c_direct", _("Leads straight to orders")

    class State(models.TextChoices):
        TRIAL = "trial", _("Trial")
        ACTIVE = "active", _("Active")
        SUSPENDED = "suspended", _("Suspended")
        CLOSED = "closed", _("Closed")

    id = models.BigAutoField(primary_key=True)
    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=200)
    sales_motion = models.CharField(max_length=12, choices=SalesMotion, default=SalesMotion.B2B)
    locale = models.CharField(max_length=10, choices=[("en", "English"), ("zh-hans", "简体中文")], default="en")
    time_zone = models.CharField(max_length=64, default="UTC")
    base_currency = models.CharField(max_length=3, default="USD")
    fiscal_year_start_month = models.PositiveSmallIntegerField(default=1)
    settings = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE)
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            ReferenceTable(name="tenancy_tenant_reference"),
            TriggerFunctions(name="tenancy_trigger_functions"),
            models.CheckConstraint(condition=models.Q(fiscal_year_start_month__range=(1, 12)), name="tenant_fiscal_year_starts_in_a_month"),
        ]

    def __str__(self) -> str:
        return self.name


class TenantModel(models.Model):
    """A row that belongs to one tenant. Scoped by the database backend and by row security, whichever way it is reached."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = TenantField()

    class Meta:
        abstract = True

    def validate_constraints(self, exclude: Any = None) -> None:
        self.tenant_id = self.tenant_id or current_tenant_id()
        super().validate_constraints(exclude=set(exclude or ()) - {"tenant"})  # `tenant` is on no form, yet unique constraints contain it


class TenantRecord(TenantModel):
    """A tenant's row that people edit: it knows its age and its version, which goes up with each save (the ETag of the API)."""

    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            self.version += 1
            if (fields := kwargs.get("update_fields")) is not None:
                kwargs["update_fields"] = {*fields, "version", "updated_at"}
        super().save(*args, **kwargs)


class TenantLog(models.Model):
    """A row of an append-only mass table: a bigint identity in place of a UUID, no change log of its own."""

    append_only = True

    id = models.BigAutoField(primary_key=True)
    tenant = TenantField()

    class Meta:
        abstract = True
