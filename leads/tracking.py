"""What leads do on a company's own website, told by its pages: a key for the site, and a signed token that says which lead it is.

The key and the origins stand in the tenant's settings. Nobody can tell of a lead without its token, which the company puts into the links
of its e-mails or onto its thank-you page.
"""

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.core import signing
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from leads.behaviour import Happened, record_events
from leads.models import Lead
from ltc.refusals import Forbidden, Refusal
from ltc.tenancy.context import current_tenant_id
from ltc.tenancy.models import Tenant
from ltc.users.actors import SYSTEM, Actor

SALT = "leads.tracking"
SOURCE = "website"
TOLD_BY_PAGES = frozenset({"page_view", "page_view_pricing", "content_download", "form_submit"})
MOST_ORIGINS, MOST_EVENTS = 20, 20
OLDEST, CLOCKS_DIFFER = timedelta(days=1), timedelta(minutes=5)


@dataclass(frozen=True)
class Site:
    """How a tenant's website tells what leads do: whether it may, its key, and from which origins."""

    active: bool = False
    key: str = ""
    origins: tuple[str, ...] = ()


def site_of(tenant: Tenant) -> Site:
    """The site of a tenant; switched off and without a key if none was set up."""
    said = tenant.settings.get("tracking", {})
    return Site(bool(said.get("active")), said.get("key", ""), tuple(said.get("origins", ())))


@transaction.atomic
def set_up_site(*, actor: Actor, active: bool | None = None, origins: Sequence[str] | None = None, new_key: bool = False) -> Site:
    """Switch the telling on or off, say from which origins it may come, or make a new key, which ends the old one. Raises Forbidden,
    Refusal."""
    if not actor.has_perm("settings.change"):
        raise Forbidden(_("You may not change how leads are scored. Ask your administrator."))
    tenant = Tenant.objects.select_for_update().get(pk=current_tenant_id())
    now = site_of(tenant)
    kept = now.origins if origins is None else tuple(dict.fromkeys(_origin(each) for each in origins))
    if len(kept) > MOST_ORIGINS:
        raise Refusal(_("Name at most %(most)d websites.") % {"most": MOST_ORIGINS}, code="invalid_input", field="origins")
    key = secrets.token_urlsafe(18).replace("_", "-") if new_key or not now.key else now.key
    found = Site(now.active if active is None else active, key, kept)
    tenant.settings = {**tenant.settings, "tracking": {"active": found.active, "key": found.key, "origins": list(found.origins)}}
    tenant.save(update_fields=["settings"])
    return found


def _origin(text: str) -> str:
    parts = urlsplit(text.strip().lower())
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.path.strip("/") or parts.query or parts.username:
        raise Refusal(
            _("“%(text)s” is no website. Write it as https://www.example.com.") % {"text": text}, code="invalid_input", field="origins"
        )
    return f"{parts.scheme}://{parts.netloc}"


def token_of(lead: Lead) -> str:
    """What a link carries (`?ltc=…`) so that the website knows which lead it is. It tells nothing about the lead."""
    return signing.dumps([current_tenant_id(), lead.pk.hex], salt=SALT, compress=True)


def take_in(token: str, events: Sequence[dict[str, Any]]) -> int:
    """Note what a website tells of the lead of a token; how much of it was news. What makes no sense is left out."""
    if not token.isascii():
        return 0
    try:
        tenant, lead = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return 0
    if tenant != current_tenant_id():
        return 0
    now = timezone.now()
    items = [found for event in events[:MOST_EVENTS] if (found := _happened(event, uuid.UUID(lead), now)) is not None]
    return record_events(items, actor=SYSTEM).count("new") if items else 0


def _happened(event: Any, lead: uuid.UUID, now: datetime) -> Happened | None:
    if not isinstance(event, dict) or not isinstance(event.get("type"), str) or event["type"] not in TOLD_BY_PAGES:
        return None
    name, at = event.get("id"), event.get("at")
    if not isinstance(name, str) or not 8 <= len(name) <= 64 or not (name.isascii() and name.isprintable()):
        return None
    try:
        told = datetime.fromisoformat(at) if isinstance(at, str) else now
    except ValueError:
        return None
    if told.tzinfo is None or not now - OLDEST <= told <= now + CLOCKS_DIFFER:
        return None
    return Happened(type=event["type"], source=SOURCE, dedupe_key=f"{lead.hex}:{name}", lead=lead, occurred_at=min(told, now))
