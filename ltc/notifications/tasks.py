from email.utils import formataddr
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import timezone, translation

from ltc.events.outbox import work
from ltc.notifications.models import Notification
from ltc.notifications.services import LETTER, MAIL, language_of
from ltc.tenancy.models import Tenant


@work(MAIL)
def send_notification(payload: dict[str, Any]) -> None:
    """Send one notification by e-mail. Its Message-ID comes from the notification, so a mail that is sent again is the same mail."""
    notification = Notification.objects.select_related("recipient__user").filter(pk=payload["notification"]).first()
    if notification is None or notification.mailed_at is not None:
        return
    member, tenant = notification.recipient, Tenant.objects.get(pk=notification.tenant_id)
    link = f"{settings.PUBLIC_URL}/t/{tenant.code}{notification.path}" if notification.path else ""
    with translation.override(language_of(member)):
        known = {"notification": notification, "member": member, "tenant": tenant, "link": link}
        text = render_to_string("notifications/notice.txt", known)
    EmailMessage(
        subject=" ".join(notification.title.split()),
        body=text,
        to=[formataddr((member.name, member.email))],
        headers=_headers(notification.pk),
    ).send()
    notification.mailed_at = timezone.now()
    notification.save(update_fields=["mailed_at"])


@work(LETTER)
def send_letter(payload: dict[str, Any]) -> None:
    """Send one e-mail that was written in full when it was wanted."""
    EmailMessage(subject=payload["subject"], body=payload["body"], to=[payload["to"]], headers=_headers(payload["id"])).send()


def _headers(identity: Any) -> dict[str, str]:
    host = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    return {"Message-ID": f"<{identity}@{host}>", "Auto-Submitted": "auto-generated"}
