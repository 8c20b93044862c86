"""Contact data as it is shown to who may not see it whole."""

import re
from typing import Any


def mask_phone(phone: str) -> str:
    """A number with its middle hidden: +86138****8000."""
    if len(phone) < 8:
        return "****" if phone else ""
    return f"{phone[:-8]}****{phone[-4:]}"


def mask_email(email: str) -> str:
    """An address with only the first letter of its name: z***@x.cn."""
    name, _at, domain = email.partition("@")
    return f"{name[:1]}***@{domain}" if email else ""


def mask_name(name: str) -> str:
    """The first letter of an account name."""
    return f"{name[:1]}***" if name else ""


def looks_masked(value: str) -> bool:
    """Whether a value that came back from a form or a program is only the mask of the real one."""
    return re.search(r"\*{3,}", value) is not None


def contact_points(contact: Any, actor: Any) -> dict[str, str]:
    """Telephone and e-mail of a person at a customer, as the actor may see them; the contact's customer must be at hand."""
    if actor.has_perm("customers.reveal", contact):
        return {"phone": contact.phone, "email": contact.email}
    return {"phone": mask_phone(contact.phone), "email": mask_email(contact.email)}
