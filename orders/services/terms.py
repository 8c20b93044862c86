"""Payment terms are agreed on once and named; orders take a copy."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ltc.refusals import Forbidden, Refusal
from ltc.users.actors import Actor
from orders.models import PaymentTerm, PaymentTermLine

LINE_FIELDS = frozenset({"pct", "trigger", "offset_days", "day_type", "eom", "is_retention", "gate"})


@transaction.atomic
def create_payment_term(*, actor: Actor, lines: Sequence[dict[str, Any]], **fields: Any) -> PaymentTerm:
    """Add a payment term; its parts sum to the whole price. Raises Refusal, ValidationError, Forbidden."""
    _refuse_unless(actor.has_perm("catalog.add"))
    return _write(PaymentTerm(), lines, fields)


@transaction.atomic
def update_payment_term(term: PaymentTerm, *, actor: Actor, lines: Sequence[dict[str, Any]] | None = None, **changes: Any) -> PaymentTerm:
    """Change a payment term; orders that were confirmed keep the plan made from it. Raises Refusal, ValidationError, Forbidden."""
    _refuse_unless(actor.has_perm("catalog.change", term))
    return _write(PaymentTerm.objects.select_for_update().get(pk=term.pk), lines, changes)


def _write(term: PaymentTerm, lines: Sequence[dict[str, Any]] | None, fields: dict[str, Any]) -> PaymentTerm:
    for name, value in fields.items():
        setattr(term, name, value)
    if term.is_default:
        PaymentTerm.objects.filter(is_default=True).exclude(pk=term.pk).update(is_default=False)
    term.full_clean()
    term.save()
    if lines is not None:
        term.lines.all().delete()
        _check(lines)
        parts = [PaymentTermLine(term=term, seq=seq, **line) for seq, line in enumerate(lines, start=1)]
        for part in parts:
            part.full_clean(exclude=["term"])
        PaymentTermLine.objects.bulk_create(parts)
    return term


def _check(lines: Sequence[dict[str, Any]]) -> None:
    if unknown := {name for line in lines for name in line} - LINE_FIELDS:
        raise TypeError(f"{', '.join(sorted(unknown))} cannot be set: name fields of {sorted(LINE_FIELDS)}.")
    if sum((line["pct"] for line in lines), Decimal(0)) != 1:
        raise ValidationError({"lines": _("The shares must sum to 100 %.")})
    if any(line.get("is_retention") for line in lines[:-1]):
        raise Refusal(_("Only the last part may be retention."), code="retention_is_last", field="lines")


def _refuse_unless(allowed: bool) -> None:
    if not allowed:
        raise Forbidden(_("You may not change payment terms. Ask your administrator."))
