"""The payment terms that a new tenant starts with, by its language. Data: a tenant edits its own terms afterwards."""

from decimal import Decimal
from typing import Any, Final

from ltc.tenancy.models import Tenant
from ltc.tenancy.seeding import starts_with
from orders.models import PaymentTerm, PaymentTermLine

BEFORE_SHIPMENT: Final = {"gate": "before_shipment"}
MONTH_END: Final = {"eom": True}

# code, name, parts: (share, trigger, days to pay, other)
Terms = tuple[tuple[str, str, tuple[tuple[str, str, int, dict[str, Any]], ...]], ...]
CHINESE: Final[Terms] = (
    (
        "3-3-3-1",
        "3-3-3-1(签约30%、发货前30%、终验30%、质保10%)",
        (
            ("0.3", "contract_signed", 7, {}),
            ("0.3", "goods_ready", 0, BEFORE_SHIPMENT),
            ("0.3", "final_accepted", 30, {}),
            ("0.1", "warranty_end", 0, {"is_retention": True}),
        ),
    ),
    (
        "3-6-1",
        "3-6-1(签约30%、到货60%、终验10%)",
        (("0.3", "contract_signed", 7, {}), ("0.6", "delivered", 30, {}), ("0.1", "final_accepted", 30, {})),
    ),
    ("prepaid", "预付100%", (("1", "order_confirmed", 0, BEFORE_SHIPMENT),)),
    ("eom-30", "月结30天", (("1", "invoice_issued", 30, MONTH_END),)),
    ("eom-60", "月结60天", (("1", "invoice_issued", 60, MONTH_END),)),
    ("eom-90", "月结90天", (("1", "invoice_issued", 90, MONTH_END),)),
    ("acceptance-60", "货到验收60天", (("1", "final_accepted", 60, {}),)),
)
ENGLISH: Final[Terms] = (
    ("net-30", "Net 30", (("1", "invoice_issued", 30, {}),)),
    ("50-50", "50 % on order, 50 % on delivery", (("0.5", "order_confirmed", 0, {}), ("0.5", "delivered", 30, {}))),
    ("prepaid", "Prepaid", (("1", "order_confirmed", 0, BEFORE_SHIPMENT),)),
)


@starts_with
def seed_payment_terms(tenant: Tenant) -> None:
    """Give the active tenant the usual payment terms of its language; those that it has already stay as they are."""
    catalogue = CHINESE if tenant.locale.startswith("zh") else ENGLISH
    has_default = PaymentTerm.objects.filter(is_default=True).exists()
    for number, (code, name, parts) in enumerate(catalogue):
        term, made = PaymentTerm.objects.get_or_create(code=code, defaults={"name": name, "is_default": number == 0 and not has_default})
        if made:
            PaymentTermLine.objects.bulk_create(
                PaymentTermLine(term=term, seq=seq, pct=Decimal(share), trigger=trigger, offset_days=days, **other)
                for seq, (share, trigger, days, other) in enumerate(parts, start=1)
            )
