"""What a tenant has decided about its metrics: `metrics` in the tenant's settings, with the defaults of the domain rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from ltc.tenancy.context import current_tenant_id
from ltc.tenancy.models import Tenant
from ltc.tenancy.options import Option, declare

METRICS = _("Metrics")

declare(
    Option("metrics.gross_margin", _("Gross margin"), METRICS, kind="rate", default="0.35", hint=_("A part of one, for payback and LTV.")),
    Option("metrics.arpa", _("Revenue of a customer in a year"), METRICS, kind="amount", hint=_("Empty: taken from the books.")),
    Option("metrics.churn", _("Customers lost in a year"), METRICS, kind="rate", hint=_("A part of one. Empty: taken from the books.")),
    Option("metrics.cac_lag_days", _("Days between spending and winning"), METRICS, kind="days", default=0),
    Option("metrics.grace_days", _("Days that a delivery may be late"), METRICS, kind="days", default=0),
    Option("metrics.otif_tolerance", _("Part of the quantity that may be missing"), METRICS, kind="rate", default="0"),
    Option("metrics.collection_grace_days", _("Days that a payment may be late"), METRICS, kind="days", default=0),
    Option("metrics.bill_counts_as_paid", _("A bill of exchange counts as paid"), METRICS, kind="flag", default=True),
    Option(
        "metrics.attribution", _("Cash is credited to the"), METRICS, kind="choice", default="first",
        choices=(
            ("first", _("first touch")), ("last", _("latest touch")), ("linear", _("touches in equal parts")),
            ("position", _("touches by position")),
        ),
    ),
)  # fmt: skip

LAG_TARGETS: Final = {
    "first_response": Decimal(1),
    "order": Decimal(2),
    "invoice": Decimal(5),
    "invoice_sent": Decimal(1),
    "tax_invoice": Decimal(3),
    "closed": Decimal(0),
}


@dataclass(frozen=True)
class Options:
    """`gross_margin` is a part of one; `arpa` (a year, base currency) and `churn` (a year) are derived from the books where None;
    `lag_targets` are the days within which work is to pass from one hand to the next."""

    base_currency: str
    gross_margin: Decimal = Decimal("0.35")
    arpa: Decimal | None = None
    churn: Decimal | None = None
    lifetime_cap_years: Decimal = Decimal(10)
    cac_lag_days: int = 0
    grace_days: int = 0
    otif_tolerance: Decimal = Decimal(0)
    collection_grace_days: int = 0
    loss_rates: Sequence[Decimal] = (Decimal("0.005"), Decimal("0.02"), Decimal("0.05"), Decimal("0.10"), Decimal("0.30"))
    lag_targets: Mapping[str, Decimal] = field(default_factory=lambda: dict(LAG_TARGETS))
    bill_counts_as_paid: bool = True
    attribution: str = "first"


def options() -> Options:
    """The active tenant's."""
    tenant = Tenant.objects.get(pk=current_tenant_id())
    given = tenant.settings.get("metrics") or {}
    return Options(base_currency=tenant.base_currency, **{name: _typed(name, value) for name, value in given.items() if name in KNOWN})


KNOWN = frozenset(Options.__dataclass_fields__) - {"base_currency"}
WHOLE = frozenset({"cac_lag_days", "grace_days", "collection_grace_days"})


def _typed(name: str, value: Any) -> Any:
    if name == "attribution":
        return str(value)
    if name == "bill_counts_as_paid":
        return bool(value)
    if name in WHOLE:
        return int(value)
    if name == "lag_targets":
        return LAG_TARGETS | {lag: Decimal(str(days)) for lag, days in value.items()}
    if name == "loss_rates":
        return tuple(Decimal(str(rate)) for rate in value)
    return None if value is None else Decimal(str(value))
