from collections.abc import Sequence
from typing import Any

from django.utils import timezone, translation

from ltc.events.outbox import enqueue
from ltc.events.past import is_past
from ltc.notifications.models import Notification
from ltc.tenancy.identifiers import uuid7
from ltc.tenancy.models import Tenant
from ltc.users.models import Membership

MAIL = "notifications.mail"
LETTER = "notifications.letter"


def language_of(member: Membership) -> str:
    """The language in which a member reads: their own choice, else the workspace's."""
    return str(member.user.language or Tenant.objects.get(pk=member.tenant_id).locale)


def notify(
    member: Membership,
    *,
    title: Any,
    body: Any = "",
    values: dict[str, Any] | None = None,
    about: Any = None,
    url: str = "",
    icon: str = "bell",
    mail: bool = True,
) -> Notification:
    """Tell a member something, in their language, and send it by e-mail too unless `mail` is off.

    `title` and `body` may be lazy translations with placeholders, which `values` fill. `about` is the record that it leads to.
    The e-mail is written to the outbox: it leaves after this transaction, once.
    """
    if is_past():
        return Notification(recipient=member)
    with translation.override(language_of(member)):
        notification = Notification.objects.create(
            recipient=member,
            title=_filled(title, values)[:200],
            body=_filled(body, values),
            icon=icon,
            subject_type=about._meta.label_lower if about is not None else "",
            subject=about.pk if about is not None else None,
            url=url,
        )
    if mail and member.email and member.state == Membership.State.ACTIVE:
        enqueue(MAIL, key=str(notification.pk), payload={"notification": str(notification.pk)})
    return notification


def notify_together(told: Sequence[tuple[Membership, dict[str, Any], Any]], *, title: Any, icon: str = "bell") -> None:
    """Tell many members something at once, each in their language: who, what fills the title, which record. On their pages only."""
    if not told:
        return
    locale = Tenant.objects.get(pk=told[0][0].tenant_id).locale
    made = []
    for member, values, about in told:
        with translation.override(str(member.user.language or locale)):
            text = _filled(title, values)[:200]
        made.append(Notification(recipient=member, title=text, icon=icon, subject_type=about._meta.label_lower, subject=about.pk))
    Notification.objects.bulk_create(made)


def send_mail(*, to: str, subject: str, body: str) -> None:
    """Send an e-mail to someone who need not be a member. It is written to the outbox: it leaves after this transaction, once."""
    letter = uuid7()
    enqueue(LETTER, key=str(letter), payload={"id": str(letter), "to": to, "subject": " ".join(subject.split()), "body": body})


def mark_read(member: Membership, *, notification: Any = None) -> int:
    """Mark one notification of a member as read, or all of them; how many were unread."""
    unread = Notification.objects.filter(recipient=member, read_at__isnull=True)
    if notification is not None:
        unread = unread.filter(pk=notification)
    return unread.update(read_at=timezone.now())


def _filled(text: Any, values: dict[str, Any] | None) -> str:
    return str(text) % values if values else str(text)
