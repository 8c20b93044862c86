"""Lines of deals and orders as people enter them: completed from the product, then priced (rules R1 to R3)."""

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from ltc.catalog.lines import DocumentPrice, LineTerms, price_document


def complete(line: dict[str, Any], *, allowed: Collection[str], currency: str) -> dict[str, Any]:
    """A line as it was entered, with what its product says where nothing was: name, unit, list price, tax code.

    The list price holds only in its own currency. Raises ValidationError if something is missing.
    """
    if unknown := line.keys() - set(allowed):
        raise TypeError(f"A line's {', '.join(sorted(unknown))} cannot be set: name fields of {sorted(allowed)}.")
    entered = {name: value for name, value in line.items() if value not in (None, "")}
    if product := entered.get("product"):
        known = {"description": product.name, "uom": product.uom, "tax_code": product.tax_code}
        if product.currency == currency:
            known["unit_price"] = product.list_price
        entered = {**{name: value for name, value in known.items() if name in allowed}, **entered}
    if missing := {"description", "qty", "unit_price"} - entered.keys():
        raise ValidationError({name: _("Fill this in.") for name in sorted(missing)})
    return entered


def price(drafts: Sequence[Any], *, currency: str, tax_inclusive: bool = False) -> DocumentPrice:
    """Set net, tax and gross of unsaved lines by their tax codes; the document's sums. Raises Refusal of `ltc.money`."""
    priced = price_document(
        [
            LineTerms(quantity=draft.qty, unit_price=draft.unit_price, tax_rate=tax_rate(draft), discount_rate=draft.discount_rate)
            for draft in drafts
        ],
        currency=currency,
        tax_inclusive=tax_inclusive,
    )
    for draft, amounts in zip(drafts, priced.lines, strict=True):
        draft.net, draft.tax, draft.gross = amounts.net, amounts.tax, amounts.gross
    return priced


def tax_rate(draft: Any) -> Decimal:
    """The rate of a line's tax code as a part of one; 0 without a code."""
    return draft.tax_code.rate if draft.tax_code else Decimal(0)


def plain(number: Decimal) -> Decimal:
    """A number without trailing zeros and without an exponent, as people write it: 1130000, 0.3."""
    return Decimal(f"{number.normalize():f}")
