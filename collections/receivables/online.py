"""Payment providers as we see them, and a stand-in for tests and demos that takes no money.

A provider is asked for the address where the customer pays, and tells later, in a signed notice, what came of it. Notices are signed as
Standard Webhooks says: HMAC-SHA256 over `id.timestamp.body`, so that neither can be changed or an old one sent again.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Protocol
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from ltc.money.currencies import CURRENCIES
from ltc.tenancy.models import Tenant
from ltc.users.sealing import unseal
from receivables.models import OnlineAccount, OnlinePayment, Payment

TOLERANCE: Final = timedelta(minutes=5)
PURPOSE: Final = "payments"  # of the key that secrets are sealed with
SALT: Final = "collections.test-till"


class BadNotice(Exception):
    """What came is no notice of this provider: unsigned, signed by somebody else, too old, or unreadable. `code` says which."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code


@dataclass(frozen=True)
class Notice:
    """What a provider tells of one payment. `reference` is ours, `charge` the provider's."""

    id: str
    reference: UUID
    charge: str
    paid: bool
    amount: Decimal
    currency: str
    method: str
    at: datetime
    reason: str = ""


class PaymentProvider(Protocol):
    """What a provider has to do for us."""

    def begin(self, asked: OnlinePayment) -> str:
        """The address where the customer pays."""

    def read(self, account: OnlineAccount, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Notice:
        """What a notice says. Raises BadNotice unless it is signed with a secret of the account and fresh."""


def signature(secret: str, notice: str, stamp: int, body: bytes) -> str:
    """The signature of a notice (Standard Webhooks 1.0)."""
    signed = hmac.new(secret.encode(), f"{notice}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(signed).decode()}"


def check_signature(secrets: Sequence[str], headers: Mapping[str, str], body: bytes, *, now: datetime) -> str:
    """The id of a notice whose signature holds and whose time is within five minutes of ours. Raises BadNotice."""
    notice, stamp, given = (headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
    if not notice or len(notice) > 100 or not stamp.isascii() or not stamp.isdigit() or len(stamp) > 12:
        raise BadNotice("unsigned", "The headers webhook-id, webhook-timestamp and webhook-signature are needed.")
    good = [signature(secret, notice, int(stamp), body) for secret in secrets]
    if not any(hmac.compare_digest(one.encode(), each.encode()) for one in given.split() for each in good):
        raise BadNotice("bad_signature", "The signature is not of this account.")
    if abs(now - datetime.fromtimestamp(int(stamp), UTC)) > TOLERANCE:
        raise BadNotice("too_old", "The notice was signed more than five minutes ago, or in the future. Sign it again.")
    return notice


def notice_in(notice: str, body: bytes) -> Notice:
    """A notice in our own words: {reference, charge, paid, amount, currency, method, at, reason}. Raises BadNotice."""
    try:
        said = json.loads(body)
        at = parse_datetime(said["at"])
        amount = Decimal(said["amount"])
        if at is None or at.tzinfo is None or not amount.is_finite() or amount <= 0 or not isinstance(said["paid"], bool):
            raise ValueError
        if not isinstance(said["charge"], str) or not 0 < len(said["charge"]) <= 100 or said["currency"] not in CURRENCIES:
            raise ValueError
        method = str(said.get("method", Payment.Method.CARD))
        return Notice(
            notice, UUID(said["reference"]), said["charge"], said["paid"], amount, said["currency"],
            method if method in Payment.Method.values else Payment.Method.CARD, at, str(said.get("reason", ""))[:300],
        )  # fmt: skip
    except (ValueError, TypeError, KeyError, AttributeError, InvalidOperation, RecursionError):
        raise BadNotice("unreadable", "The notice cannot be read.") from None


class TestTill:
    """The stand-in: a page of ours where the customer presses “pay” or “decline”. It signs its notices like any other provider."""

    def begin(self, asked: OnlinePayment) -> str:
        """Its own page, under a signed address."""
        return f"{settings.PUBLIC_URL}/portal/till/{signing.dumps([asked.tenant_id, str(asked.pk)], salt=SALT)}/"

    def read(self, account: OnlineAccount, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Notice:
        """Check and read a notice."""
        return notice_in(check_signature(secrets_of(account), headers, body, now=now), body)

    @staticmethod
    def tell(account: OnlineAccount, notice: Notice, *, now: datetime) -> tuple[dict[str, str], bytes]:
        """Headers and body of a notice as this provider sends it."""
        said = {name: value if isinstance(value, bool) else str(value) for name, value in asdict(notice).items() if name != "id"}
        body = json.dumps({**said, "at": notice.at.isoformat()}).encode()
        stamp = int(now.timestamp())
        signed = signature(secrets_of(account)[0], notice.id, stamp, body)
        return {"webhook-id": notice.id, "webhook-timestamp": str(stamp), "webhook-signature": signed}, body


def notice_url(account: OnlineAccount, workspace: str) -> str:
    """Where the provider sends its notices."""
    return f"{settings.PUBLIC_URL}/hooks/payments/{workspace}/{account.pk}/"


def secrets_of(account: OnlineAccount) -> list[str]:
    """The secrets that an account's notices may be signed with, the present one first. Raises Unreadable."""
    return [unseal(sealed, purpose=PURPOSE) for sealed in (account.sealed_secret, account.sealed_secret_before) if sealed]


_providers: dict[str, tuple[Any, Callable[[], PaymentProvider]]] = {}


def register_provider(name: str, label: Any, make: Callable[[], PaymentProvider]) -> None:
    """Make a provider known under a name, which an account chooses."""
    _providers[name] = (label, make)


def provider_named(name: str) -> PaymentProvider:
    return _providers[name][1]()


def choices(tenant: Tenant) -> list[tuple[str, Any]]:
    """The providers that a tenant may choose. The stand-in takes no money: only demos and servers that say so have it."""
    return [(name, label) for name, (label, _make) in _providers.items() if name != "test" or may_pretend(tenant)]


def may_pretend(tenant: Tenant) -> bool:
    return tenant.is_demo or bool(settings.TEST_PAYMENT_PROVIDER)


register_provider("test", _("Test till"), TestTill)
