"""Keeping mailboxes. Their passwords go in and never come out again."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from leads.mail.polling import first_day
from leads.mail.server import PURPOSE, MailboxFailed, opened
from leads.models import Mailbox
from ltc.events.outbox import enqueue
from ltc.notifications.outward import NotReachable, addresses_of, is_own
from ltc.refusals import Forbidden, Refusal
from ltc.users.actors import Actor
from ltc.users.sealing import seal

EDITABLE = frozenset(
    {
        *("name", "address", "host", "port", "security", "login", "folder", "starts_on", "channel", "campaign", "owner", "active"),
        "password",
    }
)
PATIENCE = 20.0  # seconds that somebody waits for a connection to be tried out
ANOTHER_PLACE = frozenset({"host", "port", "login", "folder", "starts_on"})


@transaction.atomic
def create_mailbox(*, actor: Actor, **fields: Any) -> Mailbox:
    """Connect a mailbox. Raises Forbidden, Refusal, NotReachable."""
    if not actor.has_perm("mailboxes.add"):
        raise Forbidden(_("You may not connect mailboxes. Ask your administrator."))
    if not fields.get("password"):
        raise Refusal(_("Enter the password."), code="invalid_input", field="password")
    fields["starts_on"] = fields.get("starts_on") or first_day(timezone.now())
    return _saved(Mailbox(), fields)


@transaction.atomic
def update_mailbox(mailbox: Mailbox, *, actor: Actor, **changes: Any) -> Mailbox:
    """Change a mailbox; without a password it keeps the one that it has. Another place needs the password again, so that nobody sends it
    elsewhere. Raises Forbidden, Refusal, NotReachable."""
    locked = Mailbox.objects.select_for_update(of=("self",)).get(pk=mailbox.pk)
    if not actor.has_perm("mailboxes.change", locked):
        raise Forbidden(_("You may not change mailboxes. Ask your administrator."))
    changes = {name: value for name, value in changes.items() if name not in ("password", "starts_on") or value}
    moved = {name for name in ("host", "port", "security", "login") if name in changes and changes[name] != getattr(locked, name)}
    if moved and "password" not in changes:
        raise Refusal(_("Enter the password again: the server or the login is another one."), code="invalid_input", field="password")
    if any(name in changes and changes[name] != getattr(locked, name) for name in ANOTHER_PLACE):
        locked.last_uid = locked.uid_validity = 0
    locked.failures, locked.error = 0, ""
    return _saved(locked, changes)


def _saved(mailbox: Mailbox, fields: Mapping[str, Any]) -> Mailbox:
    for name, value in fields.items():
        if name not in EDITABLE:
            raise TypeError(f"A mailbox has no {name} to be set.")
        if name == "password":
            mailbox.secret = seal(value, purpose=PURPOSE)
        else:
            setattr(mailbox, name, value.strip() if isinstance(value, str) else value)
    mailbox.host, mailbox.address = mailbox.host.lower(), mailbox.address.lower()
    try:
        mailbox.full_clean()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Refusal(messages[0], code="invalid_input", field="" if field == "__all__" else field) from error
    if mailbox.security == Mailbox.Security.NONE and not is_own(mailbox.host, mailbox.port):
        sentence = _("Without encryption only a server of the operator's own may be used.")
        raise Refusal(sentence, code="invalid_input", field="security")
    if {"host", "port"} & fields.keys():
        addresses_of(mailbox.host, mailbox.port)
    mailbox.save()
    return mailbox


def try_out(mailbox: Mailbox, *, actor: Actor) -> dict[str, Any]:
    """Connect once and look: whether the folder opens. Raises Forbidden."""
    if not actor.has_perm("mailboxes.change", mailbox):
        raise Forbidden(_("You may not change mailboxes. Ask your administrator."))
    try:
        with opened(mailbox, within=PATIENCE) as folder:
            return {"ok": True, "detail": "", "next_uid": folder.next_uid}
    except (MailboxFailed, NotReachable) as refusal:
        return {"ok": False, "detail": str(refusal), "next_uid": 0}


def poll_soon(mailbox: Mailbox, *, actor: Actor) -> None:
    """Have a mailbox looked into now. Raises Forbidden, Refusal."""
    if not actor.has_perm("mailboxes.change", mailbox):
        raise Forbidden(_("You may not change mailboxes. Ask your administrator."))
    if not mailbox.active:
        raise Refusal(_("This mailbox is switched off."), code="mailbox_inactive")
    enqueue("leads.poll_mailbox", key=f"{mailbox.pk}:now:{uuid4()}", payload={"mailbox": str(mailbox.pk)})
