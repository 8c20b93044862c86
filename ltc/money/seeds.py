"""The tax codes that a new tenant starts with, by country. Data: a tenant edits its own codes afterwards."""

from decimal import Decimal

from ltc.money.models import TaxCode
from ltc.tenancy.models import Tenant
from ltc.tenancy.seeding import starts_with

Kind = TaxCode.Kind

# Code, name, rate, kind; the first is the default. China: Interim Regulations on Value-Added Tax; 3 % is the simplified method.
TAX_CODES: dict[str, tuple[tuple[str, str, str, str], ...]] = {
    "CN": (
        ("VAT13", "增值税 13%", "0.13", Kind.SPECIAL),
        ("VAT9", "增值税 9%", "0.09", Kind.SPECIAL),
        ("VAT6", "增值税 6%", "0.06", Kind.SPECIAL),
        ("VAT3", "增值税 3%(简易计税)", "0.03", Kind.GENERAL),
        ("VAT0", "出口零税率", "0", Kind.ZERO),
    ),
    "US": (("NONE", "No sales tax", "0", Kind.OUT_OF_SCOPE),),
}


def seed_tax_codes(country: str) -> list[TaxCode]:
    """Give the active tenant the tax codes of its country; those that it has already stay as they are. Of other countries: no tax."""
    codes = TAX_CODES.get(country, TAX_CODES["US"])
    has_default = TaxCode.objects.filter(is_default=True).exists()
    TaxCode.objects.bulk_create(
        [
            TaxCode(code=code, name=name, rate=Decimal(rate), kind=kind, is_default=number == 0 and not has_default)
            for number, (code, name, rate, kind) in enumerate(codes)
        ],
        ignore_conflicts=True,
    )
    return list(TaxCode.objects.filter(code__in=[code for code, *_rest in codes]))


@starts_with
def first_tax_codes(tenant: Tenant) -> None:
    """China's tax codes for a tenant whose books are in CNY; others start without tax and enter their own."""
    seed_tax_codes("CN" if tenant.base_currency == "CNY" else "US")
