"""How django-allauth meets our users: accounts come from a company's sign-up or an invitation, secrets of second factors are encrypted."""

import base64
import hashlib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from django.conf import settings


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: Any) -> bool:
        """A user without a tenant has nothing to do here: people sign up a company or follow an invitation."""
        return False

    def get_login_redirect_url(self, request: Any) -> str:
        return "/"


class MFAAdapter(DefaultMFAAdapter):
    """Keeps the secret of a one-time-password app encrypted at rest, with a key derived from SECRET_KEY."""

    def _cipher(self) -> Fernet:
        return Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"mfa:" + settings.SECRET_KEY.encode()).digest()))

    def encrypt(self, text: str) -> str:
        return self._cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return self._cipher().decrypt(encrypted_text.encode()).decode()
