"""The tax platform as we see it, and a stand-in that plays it honestly where no provider is connected.

A connector answers each key once, however often it is asked. The stand-in gives numbers of twenty digits (year, province, channel,
sequence), keeps red-letter confirmations in the platform's states, and lets them lapse after 72 hours.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from django.db import transaction
from django.utils import timezone

from ltc.numbering.services import advance, locked_sequence
from receivables.company import day_of, own_company
from receivables.models import LocalTaxDocument

CONFIRM_WITHIN: Final = timedelta(hours=72)
PROVINCE: Final = "44"
CHANNEL: Final = "1"


class Rejected(Exception):
    """The platform would not do it; the message is the platform's."""


class TaxPlatform(Protocol):
    """What a provider has to do for us."""

    def issue(self, key: Any, document: dict[str, Any], *, at: datetime) -> str:
        """Issue a document; its number. Raises Rejected."""

    def ask_for_red(self, key: Any, *, needs_other_side: bool, at: datetime) -> tuple[str, str]:
        """Ask for a red letter: the number of the confirmation sheet and its status (01 … 09)."""

    def red_status(self, key: Any, *, at: datetime) -> str:
        """How a red letter stands now."""

    def answer_red(self, key: Any, *, agrees: bool) -> str:
        """What the other side said; the new status."""


class LocalPlatform:
    """The stand-in. Its memory is a table, so that it forgets nothing when a process ends."""

    def issue(self, key: Any, document: dict[str, Any], *, at: datetime) -> str:
        """Give the next number, the same one to the same key."""
        if not document.get("buyer", {}).get("name") or not document.get("lines"):
            raise Rejected("buyer and lines are required")
        known = LocalTaxDocument.objects.filter(key=key, is_red=False).first()
        if known is not None:
            return known.number
        with transaction.atomic():
            on = day_of(at)
            sequence = advance(
                locked_sequence({"series": "", "doc_type": "tax_platform", "period_key": f"{on.year:04d}"}, gap_free=True), 1
            )
            number = f"{on:%y}{PROVINCE}{CHANNEL}{sequence:015d}"
            return LocalTaxDocument.objects.create(key=key, number=number, asked_at=at).number

    def ask_for_red(self, key: Any, *, needs_other_side: bool, at: datetime) -> tuple[str, str]:
        """Without the other side it is confirmed at once (01); else it waits for the buyer (02)."""
        sheet, _made = LocalTaxDocument.objects.get_or_create(
            key=key, is_red=True, defaults={"number": f"RED-{key}", "status": "02" if needs_other_side else "01", "asked_at": at}
        )
        return sheet.number, sheet.status

    def red_status(self, key: Any, *, at: datetime) -> str:
        """What waits longer than 72 hours has lapsed (07)."""
        sheet = LocalTaxDocument.objects.get(key=key, is_red=True)
        if sheet.status in ("02", "03") and at - sheet.asked_at >= CONFIRM_WITHIN:
            sheet.status = "07"
            sheet.save(update_fields=["status"])
        return sheet.status

    def answer_red(self, key: Any, *, agrees: bool) -> str:
        """The buyer confirms (04) or rejects (05), while it waits."""
        sheet = LocalTaxDocument.objects.select_for_update().get(key=key, is_red=True)
        if self.red_status(key, at=timezone.now()) in ("02", "03"):
            sheet.status = "04" if agrees else "05"
            sheet.save(update_fields=["status"])
        return sheet.status


_platforms: dict[str, Callable[[], TaxPlatform]] = {"local": LocalPlatform}


def register_platform(name: str, make: Callable[[], TaxPlatform]) -> None:
    """Make a provider known under a name, which a tenant chooses in its setting `tax_platform`."""
    _platforms[name] = make


def platform() -> TaxPlatform:
    """The active tenant's tax platform."""
    return _platforms[own_company().settings.get("tax_platform", "local")]()
