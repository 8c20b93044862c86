"""Contact data as an actor may see it: whole for who works on the lead, masked in the pool and for read-only roles."""

from typing import Any

from ltc.customers.masking import mask_email, mask_name, mask_phone
from ltc.users.roles import Scope

CONTACT_FIELDS = ("phone", "email", "wecom")


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


def mask_submission(submission: Any, actor: Any) -> Any:
    """What a visitor has sent, as the actor may see it: who may not reveal leads sees no contact data and no free text. Not to be saved."""
    if Scope.ALL not in actor.scopes("leads.reveal"):
        known = {name: value for name, value in submission.values.items() if name != "need"}
        submission.values = {name: MASKS[name](value) if name in MASKS else value for name, value in known.items()}
        submission.trail = {"utm": submission.trail.get("utm", {})}
        submission.error = ""
    return submission


def mask_mail(mail: Any, actor: Any) -> Any:
    """A mail that came, as the actor may see it: who may not reveal leads sees neither address nor text. Not to be saved."""
    if Scope.ALL not in actor.scopes("leads.reveal"):
        mail.sender, mail.text, mail.subject, mail.error, mail.attachments = mask_email(mail.sender), "", "", "", []
    return mail
