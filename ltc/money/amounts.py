"""An amount as it enters a document: exact, in its currency's smallest unit, and written out in words."""

from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from ltc.money.currencies import exponent
from ltc.money.errors import MoneyError
from ltc.money.rounding import round_half_up, to_units

# Chinese capital numerals (GB/T 15835, Payment and Settlement Measures of the People's Bank of China, annex 1).
DIGITS = "零壹贰叁肆伍陆柒捌玖"
GROUPS = ((10**8, "亿"), (10**4, "万"), (1000, "仟"), (100, "佰"), (10, "拾"))


def quantise(amount: Decimal, currency: str) -> Decimal:
    """Round an amount half up to the decimals of its currency, as is done when it enters a document."""
    return round_half_up(amount, exponent(currency))


def parse_amount(text: str, currency: str) -> Decimal:
    """The amount that a person or a file wrote, thousands separators allowed.

    Raises MoneyError if it is no number, or has more decimals than the currency: an amount is never rounded silently.
    """
    try:
        amount = Decimal(text.replace(",", "").strip())
    except InvalidOperation as error:
        raise MoneyError(_("“%(text)s” is not an amount. Write digits, such as 1,250.00.") % {"text": text}) from error
    if not amount.is_finite() or quantise(amount, currency) != amount:
        raise MoneyError(
            _("“%(text)s” is not an amount in %(currency)s, which has %(decimals)s decimals.")
            % {"text": text, "currency": currency, "decimals": exponent(currency)}
        )
    return quantise(amount, currency)


def amount_in_words(amount: Decimal) -> str:
    """The amount of a CNY document in Chinese capital numerals, as invoices and contracts state it.

    Below 10 000 billion; more decimals than two are rounded half up.
    """
    fen = abs(to_units(round_half_up(amount, 2), 2))
    yuan, jiao, fen = fen // 100, fen // 10 % 10, fen % 10
    if yuan >= 10**16:
        raise MoneyError(_("%(amount)s is too large to be written out in words.") % {"amount": amount})
    words = integer_in_words(yuan) + "元" if yuan else ""
    if jiao:
        words += DIGITS[jiao] + "角"
    elif fen and yuan:
        words += DIGITS[0]
    if fen:
        words += DIGITS[fen] + "分"
    if not words:
        words = DIGITS[0] + "元"
    ends_before_jiao = not jiao and not fen
    negative = amount < 0 and (yuan or jiao or fen)
    return ("负" if negative else "") + words + ("整" if ends_before_jiao else "")


def integer_in_words(number: int) -> str:
    """A whole number below 10**16 in Chinese capital numerals; a run of zeros is read as one."""
    for size, unit in GROUPS:
        if number >= size:
            high, low = divmod(number, size)
            words = integer_in_words(high) + unit
            if not low:
                return words
            return words + (DIGITS[0] if low < size // 10 else "") + integer_in_words(low)
    return DIGITS[number]
