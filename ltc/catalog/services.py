from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from ltc.catalog.models import Product
from ltc.refusals import Forbidden, StaleVersion
from ltc.users.actors import Actor

EDITABLE = frozenset(
    {
        *("sku", "name", "name_en", "spec", "uom", "kind", "tax_code", "list_price", "currency", "standard_cost", "lead_time_days"),
        *("active", "source_system", "external_ref"),
    }
)


@transaction.atomic
def create_product(*, actor: Actor, **fields: Any) -> Product:
    """Add a product to the catalogue. Raises ValidationError, Forbidden."""
    refuse_unless(actor.has_perm("catalog.add"))
    product = Product(**only_editable(fields))
    product.full_clean()
    product.save()
    return product


@transaction.atomic
def update_product(product: Product, *, actor: Actor, version: int | None = None, **changes: Any) -> Product:
    """Change a product; documents keep the price and name that they were written with.

    `version` is the one that the caller saw. Raises StaleVersion, ValidationError, Forbidden.
    """
    locked = Product.objects.select_for_update(of=("self",)).get(pk=product.pk)
    refuse_unless(actor.has_perm("catalog.change", locked))
    if version is not None and locked.version != version:
        raise StaleVersion(_("Someone changed this product while you had it open. Reload it and try again."))
    for name, value in only_editable(changes).items():
        setattr(locked, name, value)
    locked.full_clean()
    locked.save()
    return locked


def only_editable(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields as given; TypeError if one is not for callers to set."""
    if unknown := fields.keys() - EDITABLE:
        raise TypeError(f"A product's {', '.join(sorted(unknown))} cannot be set: name fields of {sorted(EDITABLE)}.")
    return fields


def refuse_unless(allowed: bool) -> None:
    """Raise Forbidden with the sentence for the user."""
    if not allowed:
        raise Forbidden(_("You may not change the catalogue. Ask your administrator."))
