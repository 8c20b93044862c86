"""A collection plan made of a payment term: what each part is, how much, and when we count on it. Pure."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from ltc.money.currencies import exponent
from ltc.money.rounding import split_cumulatively

KIND_OF_TRIGGER: Final = {
    "contract_signed": "advance",
    "order_confirmed": "advance",
    "goods_ready": "progress",
    "shipped": "delivery",
    "delivered": "delivery",
    "preliminary_accepted": "acceptance",
    "final_accepted": "acceptance",
    "warranty_end": "retention",
    "invoice_issued": "standard",
    "fixed_date": "standard",
}
# Counted on after the last promised day, while the trigger has not happened: our usual time to an acceptance, a year of warranty.
USUAL_LAG: Final = {"preliminary_accepted": timedelta(days=15), "final_accepted": timedelta(days=30), "warranty_end": timedelta(days=365)}
PAID_BEFORE_DELIVERY: Final = frozenset({"contract_signed", "order_confirmed", "goods_ready"})


def kind_of(trigger: str, *, is_retention: bool) -> str:
    """What a part of the price is, by what triggers it."""
    return "retention" if is_retention else KIND_OF_TRIGGER[trigger]


def amounts(gross: Decimal, shares: Sequence[Decimal], currency: str) -> list[Decimal]:
    """The parts of a total, by cumulative rounding (rule R4), so that they sum to it exactly. Raises ValueError unless shares sum to 1."""
    return split_cumulatively(gross, shares, exponent(currency))


def expected_trigger(trigger: str, *, confirmed_on: date, promised_on: date) -> date:
    """When we count on a trigger, on the day of confirmation."""
    if trigger in ("contract_signed", "order_confirmed"):
        return confirmed_on
    return promised_on + USUAL_LAG.get(trigger, timedelta(0))


def secures(trigger: str, gate: str) -> bool:
    """Whether a part is paid before we deliver, so that it needs no credit."""
    return trigger in PAID_BEFORE_DELIVERY or gate != "none"
