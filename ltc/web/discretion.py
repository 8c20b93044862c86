"""Addresses that open something by themselves do not stand in logs: who may read a log may not read a customer's invoices."""

import logging
import re
from typing import Final

SECRET: Final = re.compile(
    r"(/(?:portal(?:/invoice|/till)?|u/[a-z0-9-]+|f/[a-z0-9-]+/[\w-]+|invitations|accounts/password/reset/key|accounts/confirm-email)/)"
    r"[^/\s?\"']{12,}"
)


def discreet(text: str) -> str:
    """A text without what opens customers' pages, unsubscribes, confirms, lets people join or sets passwords."""
    return SECRET.sub(r"\1***", text)


class Discreet(logging.Formatter):
    """Writes log lines so."""

    def format(self, record: logging.LogRecord) -> str:
        return discreet(super().format(record))
