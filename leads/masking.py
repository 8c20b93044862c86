"""Contact data as an actor may see it: whole for who works on the lead, masked in the pool and for read-only roles."""

import re
from typing import Any

CONTACT_FIELDS = ("phone", "email", "wecom")


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


MASKS = {"phone": mask_phone, "email": mask_email, "wecom": mask_name}


def may_reveal(lead: Any, actor: Any) -> bool:
    """Whether an actor sees the lead's contact data whole.

    In the pool no person does before they claim it, or unmask it, which is written down.
    """
    return bool(actor.has_perm("leads.reveal", lead)) and not (actor.kind == "user" and is_pooled(lead))


def may_unmask(lead: Any, actor: Any) -> bool:
    """Whether somebody to whom the data is masked may ask for it."""
    return bool(actor.has_perm("leads.reveal", lead)) and not may_reveal(lead, actor)


def is_pooled(lead: Any) -> bool:
    """Whether the lead waits for an owner."""
    return lead.owner_id is None and lead.is_open


def contact_data(lead: Any, actor: Any) -> dict[str, str]:
    """Telephone, e-mail and WeCom name of a lead, as the actor may see them."""
    if may_reveal(lead, actor):
        return {name: getattr(lead, name) for name in CONTACT_FIELDS}
    return {name: MASKS[name](getattr(lead, name)) for name in CONTACT_FIELDS}


def looks_masked(value: str) -> bool:
    """Whether a value that came back from a form or a program is only the mask of the real one."""
    return re.search(r"\*{3,}", value) is not None
