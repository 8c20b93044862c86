"""Posting rules: what each event of a receivable does to the ledger. Pure; debit is positive, credit negative.

Each function returns the lines of one balanced entry: they sum to zero in base currency, and per document currency, where exchange
differences carry no document amount. The ledger is a sub-ledger: BILLINGS is the counter-account of invoices.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final

from ltc.money.currencies import exponent
from ltc.money.exchange import convert
from ltc.money.rounding import apportion

ZERO = Decimal(0)


class Account(StrEnum):
    """The accounts of the receivables ledger."""

    AR = "AR"
    RETENTION = "RETENTION"
    NOTES = "NOTES"
    BANK = "BANK"
    SUSPENSE = "SUSPENSE"
    ADVANCE = "ADVANCE"
    BILLINGS = "BILLINGS"
    VAT_OUT = "VAT_OUT"
    DISCOUNT = "DISCOUNT"
    SMALL_DIFF = "SMALL_DIFF"
    BAD_DEBT = "BAD_DEBT"
    BANK_FEE = "BANK_FEE"
    PAYABLES = "PAYABLES"
    FX = "FX"


@dataclass(frozen=True)
class Line:
    """One line of an entry: what it is in the document's currency, and in the tenant's base currency."""

    account: Account
    amount_doc: Decimal
    amount_base: Decimal
    item: Any = None
    payment: Any = None
    credit_note: Any = None


@dataclass(frozen=True)
class BilledItem:
    """An item of an invoice as it is posted."""

    item: Any
    amount: Decimal
    amount_base: Decimal
    released: bool = True


@dataclass(frozen=True)
class Relief:
    """What an allocation takes off the item and off the source, in base currency; the difference is the exchange result."""

    base_item: Decimal
    base_source: Decimal

    @property
    def fx_diff(self) -> Decimal:
        """Positive is a loss."""
        return self.base_item - self.base_source


class Unbalanced(ValueError):
    """The lines of an entry do not sum to zero."""


def item_bases(amounts: Sequence[Decimal], rate: Decimal, base_currency: str) -> list[Decimal]:
    """What the items of an invoice are worth in base currency at its rate; they sum to the invoice's worth (rule R5)."""
    total = convert(sum(amounts, ZERO), rate, to_currency=base_currency)
    return apportion([Fraction(amount) * Fraction(rate) for amount in amounts], total, exponent(base_currency))


def invoice_issued(*, net: Decimal, tax: Decimal, tax_base: Decimal, items: Iterable[BilledItem]) -> list[Line]:
    """AR (what is not yet released: RETENTION) against BILLINGS and VAT_OUT."""
    billed = list(items)
    gross_base = sum((item.amount_base for item in billed), ZERO)
    lines = [Line(Account.AR if item.released else Account.RETENTION, item.amount, item.amount_base, item=item.item) for item in billed]
    lines.append(Line(Account.BILLINGS, -net, tax_base - gross_base))
    if tax or tax_base:
        lines.append(Line(Account.VAT_OUT, -tax, -tax_base))
    return balanced(lines)


def payment_posted(
    *, amount: Decimal, amount_base: Decimal, payment: Any, payer_is_known: bool, fee: Decimal = ZERO, fee_base: Decimal = ZERO,
    is_bill: bool = False,
) -> list[Line]:  # fmt: skip
    """BANK (net of what banks kept, which is BANK_FEE) against ADVANCE, from where allocations move it on; against SUSPENSE if nobody
    knows who paid. A bill of exchange is in NOTES."""
    against = Account.ADVANCE if payer_is_known else Account.SUSPENSE
    lines = [Line(Account.NOTES if is_bill else Account.BANK, amount - fee, amount_base - fee_base, payment=payment)]
    if fee or fee_base:
        lines.append(Line(Account.BANK_FEE, fee, fee_base, payment=payment))
    return balanced([*lines, Line(against, -amount, -amount_base, payment=payment)])


def payer_identified(*, amount: Decimal, amount_base: Decimal, payment: Any) -> list[Line]:
    """SUSPENSE to ADVANCE."""
    return balanced(
        [Line(Account.SUSPENSE, amount, amount_base, payment=payment), Line(Account.ADVANCE, -amount, -amount_base, payment=payment)]
    )


def credit_issued(*, net: Decimal, tax: Decimal, gross_base: Decimal, tax_base: Decimal, credit_note: Any) -> list[Line]:
    """BILLINGS and VAT_OUT taken back against ADVANCE, from where the items of the invoice are settled."""
    lines = [Line(Account.BILLINGS, net, gross_base - tax_base, credit_note=credit_note)]
    if tax or tax_base:
        lines.append(Line(Account.VAT_OUT, tax, tax_base, credit_note=credit_note))
    return balanced([*lines, Line(Account.ADVANCE, -(net + tax), -gross_base, credit_note=credit_note)])


def allocated(*, amount: Decimal, relief: Relief, item: Any, payment: Any = None, credit_note: Any = None) -> list[Line]:
    """ADVANCE to AR; the exchange result goes to FX."""
    lines = [
        Line(Account.ADVANCE, amount, relief.base_source, payment=payment, credit_note=credit_note),
        Line(Account.AR, -amount, -relief.base_item, item=item),
    ]
    if relief.fx_diff:
        lines.append(Line(Account.FX, ZERO, relief.fx_diff, item=item))
    return balanced(lines)


LOSS: Final = {"small_difference": Account.SMALL_DIFF, "discount": Account.DISCOUNT}


def written_off(*, kind: str, amount: Decimal, amount_base: Decimal, item: Any) -> list[Line]:
    """BAD_DEBT, SMALL_DIFF or DISCOUNT against AR."""
    return balanced(
        [Line(LOSS.get(kind, Account.BAD_DEBT), amount, amount_base, item=item), Line(Account.AR, -amount, -amount_base, item=item)]
    )


def overpaid(*, amount: Decimal, amount_base: Decimal, payment: Any) -> list[Line]:
    """A tiny overpayment that nobody claims: ADVANCE to SMALL_DIFF."""
    return balanced(
        [Line(Account.ADVANCE, amount, amount_base, payment=payment), Line(Account.SMALL_DIFF, -amount, -amount_base, payment=payment)]
    )


def refunded(*, amount: Decimal, amount_base: Decimal, payment: Any = None, credit_note: Any = None) -> list[Line]:
    """ADVANCE to BANK."""
    return balanced(
        [
            Line(Account.ADVANCE, amount, amount_base, payment=payment, credit_note=credit_note),
            Line(Account.BANK, -amount, -amount_base, payment=payment, credit_note=credit_note),
        ]
    )


def bill_settled(
    *, amount: Decimal, amount_base: Decimal, payment: Any, into: Account, fee: Decimal = ZERO, fee_base: Decimal = ZERO
) -> list[Line]:
    """A bill of exchange became money (BANK, less the fee of a bank that discounted it) or paid a supplier (PAYABLES)."""
    lines = [Line(into, amount - fee, amount_base - fee_base, payment=payment)]
    if fee or fee_base:
        lines.append(Line(Account.BANK_FEE, fee, fee_base, payment=payment))
    return balanced([*lines, Line(Account.NOTES, -amount, -amount_base, payment=payment)])


def retention_released(*, amount: Decimal, amount_base: Decimal, item: Any) -> list[Line]:
    """RETENTION to AR, when its condition is met."""
    return balanced([Line(Account.AR, amount, amount_base, item=item), Line(Account.RETENTION, -amount, -amount_base, item=item)])


def mirrored(lines: Iterable[Line]) -> list[Line]:
    """The entry that takes another one back, with the same numbers."""
    return balanced([replace(line, amount_doc=-line.amount_doc, amount_base=-line.amount_base) for line in lines])


def relief_of(
    amount: Decimal, *, item_open: Decimal, item_open_base: Decimal, item_rate: Decimal,
    source_left: Decimal, source_left_base: Decimal, source_rate: Decimal, base_currency: str,
) -> Relief:  # fmt: skip
    """What an allocation of `amount` relieves in base currency.

    Whoever is used up gives all that is left in base, so that item and source both end at exactly zero in both currencies.
    """
    at_item_rate, at_source_rate = (convert(amount, rate, to_currency=base_currency) for rate in (item_rate, source_rate))
    return Relief(
        base_item=item_open_base if amount == item_open else min(at_item_rate, item_open_base),
        base_source=source_left_base if amount == source_left else min(at_source_rate, source_left_base),
    )


def balanced(lines: list[Line]) -> list[Line]:
    """The lines, if they sum to zero in the document's currency and in base; else Unbalanced."""
    if sum((line.amount_doc for line in lines), ZERO) or sum((line.amount_base for line in lines), ZERO):
        raise Unbalanced(f"An entry must sum to zero: {lines}")
    return lines
