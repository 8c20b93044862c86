"""How django-allauth meets our users: accounts come from a company's sign-up or an invitation, secrets of second factors are encrypted."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter

from ltc.users.sealing import seal, unseal


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: Any) -> bool:
        """A user without a tenant has nothing to do here: people sign up a company or follow an invitation."""
        return False

    def get_login_redirect_url(self, request: Any) -> str:
        return "/"


class MFAAdapter(DefaultMFAAdapter):
    """Keeps the secret of a one-time-password app encrypted at rest, with a key derived from SECRET_KEY."""

    def encrypt(self, text: str) -> str:
        return seal(text, purpose="mfa")

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text, purpose="mfa")
