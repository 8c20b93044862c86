"""Products in the catalogue."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from ltc.catalog.models import Product
from ltc.catalog.selectors import products_on_sale
from ltc.catalog.services import create_product, update_product
from ltc.money.seeds import seed_tax_codes
from ltc.refusals import Forbidden, StaleVersion
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.users.models import Membership
from tests import make


def product(actor: Any, **fields: Any) -> Product:
    terms = {"sku": "YH-200", "name": "Controller", "uom": "pc", "list_price": Decimal("9999.99"), "currency": "CNY"}
    return create_product(actor=actor, **{**terms, "tax_code": seed_tax_codes("CN")[0], **fields})


@pytest.fixture
def admin(inside: Tenant) -> Membership:
    return make.member("adm")


def test_an_administrator_adds_a_product_and_changes_its_price(admin: Membership) -> None:
    added = product(admin)
    changed = update_product(added, actor=admin, version=added.version, list_price=Decimal("8888.5"))
    changed.refresh_from_db()
    assert (changed.list_price, changed.version) == (Decimal("8888.500000"), 2)


def test_a_stale_change_of_a_product_is_refused(admin: Membership) -> None:
    added = product(admin)
    update_product(added, actor=admin, name="Controller 2")
    with pytest.raises(StaleVersion):
        update_product(added, actor=admin, version=1, name="Controller 3")
    assert Product.objects.get().name == "Controller 2"


def test_a_rep_may_not_change_the_catalogue_but_sees_what_is_on_sale(admin: Membership) -> None:
    rep = make.member("rep")
    with pytest.raises(Forbidden):
        product(rep)
    sold, withdrawn = product(admin), product(admin, sku="YH-100", active=False)
    with pytest.raises(Forbidden):
        update_product(sold, actor=rep, list_price=Decimal(1))
    assert list(products_on_sale(rep)) == [sold]
    assert Product.objects.get(pk=withdrawn.pk).list_price == Decimal("9999.99")


@pytest.mark.parametrize(
    "fields", [{"sku": "YH-200"}, {"list_price": Decimal(-1)}, {"currency": "RMB"}, {"name": ""}, {"standard_cost": Decimal(-1)}]
)
def test_a_product_that_makes_no_sense_is_refused(admin: Membership, fields: dict[str, Any]) -> None:
    product(admin)
    with pytest.raises(ValidationError):
        product(admin, **{"sku": "YH-300", **fields})
    assert Product.objects.count() == 1


def test_two_tenants_may_use_the_same_sku_and_not_each_others_tax_codes(tenant: Tenant, other_tenant: Tenant) -> None:
    with acting_for(other_tenant):
        theirs = product(make.member("adm")).tax_code
    with acting_for(tenant):
        product(make.member("adm"))
        with pytest.raises(ValidationError):
            product(make.member("adm"), sku="YH-300", tax_code=theirs)


def test_what_is_not_for_callers_to_set_is_a_mistake(admin: Membership) -> None:
    with pytest.raises(TypeError, match="version"):
        product(admin, version=7)
