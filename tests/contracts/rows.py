"""A row of any tenant model, made from its fields, so that a new model is under contract on the day it is born."""

import itertools
import uuid
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from ltc.money.fields import CurrencyField
from ltc.tenancy.fields import TenantField, TenantForeignKey
from ltc.users.models import Team, User

_number = itertools.count(1)

SCOPED: list[Any] = [
    model
    for model in apps.get_models(include_auto_created=True)
    if any(isinstance(field, TenantField) for field in model._meta.local_fields)
]
"""Every model that belongs to a tenant."""

HINTS: dict[str, dict[str, Any]] = {
    "money.ExchangeRate": {"from_currency": "USD", "to_currency": "CNY"},
    "leads.ScoreModel": {"penalty": 1.0, "base_rate": 0.5},
    "leads.ScoringConfig": {"active": False},
    "leads.Lead": {"email": "row@example.com"},
    "leads.Enrolment": {"stop_reason": ""},
    "leads.AccessRequest": {"lead": lambda: make_row(apps.get_model("leads.Lead"))},
    "leads.PoolMember": {"team": lambda: make_row(apps.get_model("users.Team"))},
    "leads.DistributionRule": {"team": lambda: make_row(apps.get_model("users.Team"))},
    "delivery.Case": {"opened_at": datetime(2026, 1, 1, tzinfo=UTC)},
    "opportunities.Quota": {"team": lambda: make_row(Team), "starts_on": date(2026, 1, 1), "ends_on": date(2026, 3, 31)},
    "opportunities.ForecastSubmission": {"starts_on": date(2026, 1, 1), "ends_on": date(2026, 3, 31)},
    "opportunities.OpportunityLine": {"gross": Decimal(1)},
    "orders.OrderLine": {"gross": Decimal(1)},
    "collections.Invoice": {"gross": Decimal(1)},
    "collections.InvoiceLine": {"gross": Decimal(1)},
    "collections.ReceivableItem": {"due_date": date(2026, 1, 1)},
    "collections.Allocation": {"fx_diff": Decimal(0), "payment": lambda: make_row(apps.get_model("collections.Payment"))},
    "collections.CreditNote": {"gross": Decimal(1)},
    "collections.CreditNoteLine": {"gross": Decimal(1)},
    "collections.WriteOff": {"item": lambda: make_row(apps.get_model("collections.ReceivableItem"))},
    "collections.Refund": {"payment": lambda: make_row(apps.get_model("collections.Payment"))},
    "collections.Period": {"month": lambda: date(2000 + next(_number) % 90, 1, 1)},
    "collections.Statement": {"first": date(2026, 1, 1), "last": date(2026, 1, 31), "opening": Decimal(0), "closing": Decimal(0)},
    "collections.JournalLine": {"account": "BANK", "amount_doc": Decimal(0), "amount_base": Decimal(0)},
}
"""Values for models whose check constraints ask for more than the fields say: label -> field values (or functions of nothing)."""


def make_row(model: Any, depth: int = 0, /, **given: Any) -> Any:
    """A stored row of the active tenant, with rows for whatever it must refer to."""
    values = {**{name: value() if callable(value) else value for name, value in HINTS.get(model._meta.label, {}).items()}, **given}
    for field in model._meta.local_fields:
        if field.name in values or isinstance(field, TenantField) or field.primary_key or getattr(field, "generated", False):
            continue
        if field.has_default() or (field.null and not isinstance(field, TenantForeignKey)) or getattr(field, "auto_now", False):
            continue
        if field.null and isinstance(field, TenantForeignKey):
            continue
        values[field.name] = _value(field, depth)
    row = model(**values)
    model._base_manager.bulk_create([row])
    return row


def _value(field: Any, depth: int) -> Any:
    number = next(_number)
    if isinstance(field, models.ForeignKey):
        if field.related_model is User:
            return User.objects.create(email=f"row{number}@example.com")
        return make_row(field.related_model, depth + 1)
    if field.choices:
        return field.flatchoices[0][0]
    if isinstance(field, CurrencyField):
        return "CNY"
    if field.blank and isinstance(field, models.CharField | models.TextField):
        return ""
    if isinstance(field, models.EmailField):
        return f"row{number}@example.com"
    if isinstance(field, models.CharField | models.TextField):
        return f"r{number}"[: field.max_length or 20]
    if isinstance(field, models.DateTimeField):
        return timezone.now() + timedelta(seconds=number)
    if isinstance(field, models.DateField):
        return date(2026, 1, 1) + timedelta(days=number)
    if isinstance(field, models.TimeField):
        return time(9)
    if isinstance(field, models.DecimalField):
        return Decimal("0.5")
    if isinstance(field, models.BooleanField):
        return False
    if isinstance(field, models.UUIDField):
        return uuid.uuid4()
    if isinstance(field, ArrayField):
        return []
    if isinstance(field, models.JSONField):
        return {}
    if isinstance(field, models.IntegerField):
        return number % 1000 + 1
    if isinstance(field, models.BinaryField):
        return b"x"
    raise TypeError(f"{field} needs a value here: add its type, or a hint for {field.model._meta.label}.")
