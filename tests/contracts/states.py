"""A stored record in each of its states, whatever that state asks for."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from ltc.tenancy.fields import TenantField, TenantForeignKey
from tests.contracts.rows import make_row

FROZEN: dict[str, Any] = {"fx_rate": Decimal(1)}
NEEDS: dict[str, dict[tuple[str, ...], dict[str, Any]]] = {
    "customers.Customer": {("merged",): {"merged_into": "another"}},
    "leads.Lead": {("merged",): {"merged_into": "another"}},
    "opportunities.Opportunity": {("won",): {**FROZEN, "amount_base": Decimal(1)}},
    "orders.Order": {
        ("confirmed", "in_progress", "completed", "closed"): {**FROZEN, "gross_base": Decimal(0)},
        ("on_hold",): {**FROZEN, "gross_base": Decimal(0), "held_from": "confirmed", "hold_reason": "Late payer"},
    },
    "delivery.Shipment": {("delivered",): {"pod_signed_by": "Li Lei"}},
    "delivery.Acceptance": {
        ("accepted", "deemed_accepted"): {"submitted_on": date(2026, 1, 1)},
        ("rejected",): {"rejected_reason": "Dented"},
    },
    "collections.Invoice": {
        ("issued",): {**FROZEN, "number": "R-1", "invoice_date": date(2026, 1, 1)},
        ("settled",): {**FROZEN, "number": "R-2", "invoice_date": date(2026, 1, 1), "closed_on": date(2026, 1, 1)},
    },
    "collections.Payment": {
        ("posted",): {**FROZEN, "number": "Z-1"},
        ("unidentified",): {**FROZEN, "number": "Z-2"},
        ("reversed",): {**FROZEN, "number": "Z-3"},
    },
    "collections.Statement": {("confirmed", "objected"): {"answered_on": date(2026, 1, 1)}},
    "collections.CreditNote": {
        ("issued",): {**FROZEN, "number": "CN-1", "credit_date": date(2026, 1, 1)},
        ("applied",): {**FROZEN, "number": "CN-2", "credit_date": date(2026, 1, 1)},
    },
    "collections.WriteOff": {("posted", "reversed"): {"amount_base": Decimal(1), "posted_at": timezone.now()}},
    "collections.Dispute": {("resolved_credit", "resolved_rejected", "withdrawn"): {"resolved_on": date(2026, 1, 1)}},
}
"""What a state asks for beyond references and moments: model -> states -> field values. "another" is another row of the model."""


def in_every_state(model: Any) -> dict[str, Any]:
    """A record of the active tenant in each of its states."""
    return {state: _in_state(model, str(state)) for state, _label in model._meta.get_field("state").flatchoices}


def _in_state(model: Any, state: str) -> Any:
    """With as little as the state's constraints accept: nothing more, or also references, or also moments."""
    needed = next((values for states, values in NEEDS.get(model._meta.label, {}).items() if state in states), {})
    needed = {name: make_row(model) if value == "another" else value for name, value in needed.items()}
    attempts: list[dict[str, Any]] = [{}, _references(model), _moments(model), {**_references(model), **_moments(model)}]
    refusals = []
    for given in attempts:
        try:
            with transaction.atomic():
                row = make_row(model, state=state, **{**given, **needed})
        except IntegrityError as refusal:
            refusals.append(str(refusal).split("\n")[0])
            continue
        return model._base_manager.get(pk=row.pk)
    raise AssertionError(f"No {model._meta.label} could be made in state {state!r}: add to NEEDS. {refusals}")


def _references(model: Any) -> dict[str, Any]:
    return {
        field.name: make_row(field.related_model)
        for field in model._meta.local_fields
        if isinstance(field, TenantForeignKey) and not isinstance(field, TenantField) and field.null and field.related_model is not model
    }


def _moments(model: Any) -> dict[str, Any]:
    now = timezone.now()
    return {
        field.name: now if field.get_internal_type() == "DateTimeField" else now.date()
        for field in model._meta.local_fields
        if field.null and field.get_internal_type() in ("DateTimeField", "DateField")
    }
