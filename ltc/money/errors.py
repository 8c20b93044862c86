"""What can be wrong with an amount; each refusal has the stable code that the API tells."""

from ltc.refusals import Refusal


class MoneyError(Refusal):
    """An amount, rate or currency that the arithmetic refuses."""

    code = "bad_amount"


class UnknownCurrency(MoneyError):
    """A code that ISO 4217 does not list as a currency in use."""

    code = "unknown_currency"


class CurrencyMismatch(MoneyError):
    """Amounts of two currencies met where one was expected."""

    code = "currency_mismatch"


class FxRateMissing(MoneyError):
    """No exchange rate of the document's date or of the seven days before it."""

    code = "fx_rate_missing"


class TaxToleranceExceeded(MoneyError):
    """A tax document differs from our own tax by more than the tolerance."""

    code = "tolerance_exceeded"
