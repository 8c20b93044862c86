"""Amounts, currencies, rounding, exchange rates and tax codes: exact, decimal, and the same on every screen."""
