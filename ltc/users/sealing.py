"""Secrets that have to be used again, kept encrypted at rest with a key derived from SECRET_KEY; each purpose has a key of its own."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings


class Unreadable(ValueError):
    """A sealed secret was made with another SECRET_KEY: it has to be entered anew."""


def _cipher(purpose: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(f"{purpose}:{settings.SECRET_KEY}".encode()).digest()))


def seal(text: str, *, purpose: str) -> str:
    """A secret as it may be stored."""
    return _cipher(purpose).encrypt(text.encode()).decode()


def unseal(sealed: str, *, purpose: str) -> str:
    """The secret itself. Raises Unreadable."""
    try:
        return _cipher(purpose).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise Unreadable("Enter the secret again.") from error
