"""The columns that amounts, prices, quantities, rates and currencies live in: one width each, everywhere."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from ltc.money.currencies import CURRENCIES


def validate_currency(code: str) -> None:
    """Refuse a code that is no currency in use."""
    if code not in CURRENCIES:
        raise ValidationError(_("%(code)s is not a currency code. Give one such as CNY or USD."), params={"code": code})


class FixedDecimalField(models.DecimalField):
    """A decimal column whose width is given by its kind, not by whoever declares it."""

    width: int
    decimals: int

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.update(max_digits=self.width, decimal_places=self.decimals)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        """Migrations name the kind; the width goes with it."""
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_digits"], kwargs["decimal_places"]
        return name, path, args, kwargs


class AmountField(FixedDecimalField):
    """An amount of money in a currency that another field, or the tenant, names."""

    width, decimals = 20, 4


class UnitPriceField(FixedDecimalField):
    """The price of one unit, finer than the smallest coin."""

    width, decimals = 20, 6


class QuantityField(FixedDecimalField):
    """How many units, in the unit of measure of the product."""

    width, decimals = 18, 6


class RateField(FixedDecimalField):
    """A tax or discount rate as a part of one: 13 % is 0.13."""

    width, decimals = 7, 6


class ExchangeRateField(FixedDecimalField):
    """Units of one currency for one unit of another."""

    width, decimals = 18, 8


class CurrencyField(models.CharField):
    """A currency by its ISO 4217 code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_length"] = 3
        kwargs.setdefault("validators", [validate_currency])
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        """Migrations name the kind; width and validation go with it."""
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_length"]
        kwargs.pop("validators", None)
        return name, path, args, kwargs
