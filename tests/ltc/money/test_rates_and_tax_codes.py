"""Exchange rates and tax codes as a tenant keeps them."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from ltc.money.errors import FxRateMissing
from ltc.money.models import ExchangeRate, TaxCode
from ltc.money.seeds import seed_tax_codes
from ltc.money.selectors import exchange_rate, tax_codes_in_force
from ltc.money.services import record_exchange_rate
from ltc.refusals import Forbidden
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from ltc.users.actors import SYSTEM
from ltc.users.models import Membership
from tests import make

JUNE = date(2026, 6, 8)


def enter(rate: str, on: date = JUNE, **fields: str) -> ExchangeRate:
    return record_exchange_rate(
        actor=SYSTEM, from_currency="USD", to_currency=fields.pop("to_currency", "CNY"), rate_date=on, rate=Decimal(rate), **fields
    )


def test_the_rate_of_the_week_before_holds_for_a_document(inside: Tenant) -> None:
    enter("7.10", date(2026, 6, 1))
    enter("7.20")
    found = exchange_rate(from_currency="USD", to_currency="CNY", on=date(2026, 6, 12))
    assert (found.rate, found.rate_date, found.source) == (Decimal("7.20"), JUNE, "manual")
    with pytest.raises(FxRateMissing):
        exchange_rate(from_currency="USD", to_currency="CNY", on=date(2026, 6, 16))
    with pytest.raises(FxRateMissing):
        exchange_rate(from_currency="CNY", to_currency="USD", on=JUNE)


def test_of_two_sources_of_a_day_the_one_entered_last_holds(inside: Tenant) -> None:
    enter("7.20", source="bank")
    enter("7.25", source="central_bank")
    assert exchange_rate(from_currency="USD", to_currency="CNY", on=JUNE).rate == Decimal("7.25")


def test_a_rate_entered_twice_is_corrected_not_doubled(inside: Tenant) -> None:
    enter("7.20")
    enter("7.21")
    assert [row.rate for row in ExchangeRate.objects.all()] == [Decimal("7.21")]


@pytest.mark.parametrize(("rate", "to"), [("0", "CNY"), ("-1", "CNY"), ("7.2", "USD"), ("7.2", "XXX")])
def test_a_rate_that_makes_no_sense_is_refused(inside: Tenant, rate: str, to: str) -> None:
    with pytest.raises(ValidationError):
        enter(rate, to_currency=to)
    assert not ExchangeRate.objects.exists()


def test_a_rep_may_not_enter_exchange_rates(rep: Membership) -> None:
    with pytest.raises(Forbidden):
        record_exchange_rate(actor=rep, from_currency="USD", to_currency="CNY", rate_date=JUNE, rate=Decimal(7))
    assert not ExchangeRate.objects.exists()


def test_finance_enters_exchange_rates(inside: Tenant) -> None:
    record_exchange_rate(actor=make.member("fin"), from_currency="USD", to_currency="CNY", rate_date=JUNE, rate=Decimal(7))
    assert ExchangeRate.objects.count() == 1


def test_a_tenant_knows_only_its_own_rates(tenant: Tenant, other_tenant: Tenant) -> None:
    with acting_for(tenant):
        enter("7.20")
    with acting_for(other_tenant), pytest.raises(FxRateMissing):
        exchange_rate(from_currency="USD", to_currency="CNY", on=JUNE)


def test_a_chinese_tenant_starts_with_the_rates_of_the_law(inside: Tenant) -> None:
    for _again in range(2):
        codes = seed_tax_codes("CN")
    assert [str(code.rate) for code in codes] == ["0.130000", "0.090000", "0.060000", "0.030000", "0.000000"]
    assert [code.code for code in codes if code.is_default] == ["VAT13"]
    assert TaxCode.objects.count() == 5


def test_an_american_tenant_starts_without_sales_tax(inside: Tenant) -> None:
    [code] = seed_tax_codes("US")
    assert (code.rate, code.kind, code.is_default) == (Decimal(0), "out_of_scope", True)


def test_a_tax_code_holds_between_its_dates(inside: Tenant) -> None:
    TaxCode.objects.create(code="VAT16", name="Old", rate=Decimal("0.16"), valid_to=date(2019, 3, 31))
    TaxCode.objects.create(code="VAT13", name="New", rate=Decimal("0.13"), valid_from=date(2019, 4, 1))
    assert [code.code for code in tax_codes_in_force(date(2019, 3, 31))] == ["VAT16"]
    assert [code.code for code in tax_codes_in_force(date(2019, 4, 1))] == ["VAT13"]


@pytest.mark.parametrize(
    "fields",
    [
        {"rate": Decimal("1.3")},
        {"rate": Decimal("-0.1")},
        {"rate": Decimal("0.13"), "kind": "exempt"},
        {"rate": Decimal(0), "code": "VAT13"},
    ],
)
def test_the_database_refuses_a_tax_code_that_makes_no_sense(inside: Tenant, fields: dict[str, object]) -> None:
    seed_tax_codes("CN")
    with pytest.raises(IntegrityError), transaction.atomic():
        TaxCode.objects.create(**{"code": "X", "name": "X", **fields})
    assert TaxCode.objects.count() == 5
