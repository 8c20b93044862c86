"""API keys: `ltc_live_<tenant>_<secret>`, the tenant's id in base 36. Only a SHA-256 of the whole key is kept."""

import hmac
import re
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.http import base36_to_int, int_to_base36
from django.utils.translation import gettext as _

from ltc.refusals import Forbidden, Refusal
from ltc.tenancy.context import acting_for, current_tenant_id
from ltc.tenancy.models import Tenant
from ltc.users.actors import Actor
from ltc.users.models import ApiKey
from ltc.users.roles import Role, areas

FORM = re.compile(r"ltc_live_(?P<tenant>[0-9a-z]{1,12})_[0-9a-f]{40}", re.ASCII)
ACCESS = re.compile(r"(?P<area>[a-z_]{1,40}):(read|write)", re.ASCII)
NOTICED_EVERY = timedelta(minutes=1)


def tenant_of(text: str) -> int | None:
    """The id of the tenant that a key names, before anything is looked up; None if it has not the form of a key."""
    match = FORM.fullmatch(text)
    return base36_to_int(match["tenant"]) if match else None


def issue_key(
    *,
    created_by: Actor,
    name: str,
    access: Iterable[str],
    role: str = Role.API,
    days: int | None = None,
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """Make a key for the active tenant and return it with its secret text, which is never shown again.

    It is good for `days` days, or until `expires_at`, or for ever. A key that makes keys gives no more than it has.
    Raises Forbidden and Refusal.
    """
    access = sorted(set(access))
    if not created_by.has_perm("keys.add"):
        raise Forbidden(_("Only an administrator makes API keys."))
    expires_at = timezone.now() + timedelta(days=days) if days is not None else expires_at
    _check(created_by, access, role, expires_at)
    text = f"ltc_live_{int_to_base36(current_tenant_id())}_{secrets.token_hex(20)}"
    key = ApiKey.objects.create(
        name=name,
        digest=ApiKey.digest_of(text),
        hint=text[-4:],
        role=role,
        access=access,
        created_by_id=created_by.pk if created_by.kind == "user" else None,
        expires_at=expires_at,
    )
    return key, text


def _check(actor: Actor, access: list[str], role: str, expires_at: datetime | None) -> None:
    known = areas()
    for item in access:
        match = ACCESS.fullmatch(item)
        if item != "*" and (match is None or match["area"] not in known):
            sentence = _("“%s” is no access. Name an area with read or write, such as leads:read, or * for everything.") % item
            raise Refusal(sentence, code="unknown_access", field="access")
    if not access:
        raise Refusal(_("Say what the key may reach, such as leads:read."), code="access_required", field="access")
    if expires_at is not None and expires_at <= timezone.now():
        raise Refusal(_("The key would have expired already. Choose a later day."), code="expired", field="expires_at")
    if not isinstance(actor, ApiKey):
        return
    reaches_further = "*" not in actor.access and (role != actor.role or not set(access) <= set(actor.access))
    lives_longer = actor.expires_at is not None and (expires_at is None or expires_at > actor.expires_at)
    if reaches_further or lives_longer:
        raise Forbidden(_("A key gives no more than it has itself."))


def revoke_key(key: ApiKey, *, actor: Actor) -> ApiKey:
    """Make a key useless from now on; a second time changes nothing."""
    if not actor.has_perm("keys.change", key):
        raise Forbidden(_("Only an administrator revokes API keys."))
    with transaction.atomic():
        key = ApiKey.objects.select_for_update(of=("self",)).get(pk=key.pk)
        if key.revoked_at is None:
            key.revoked_at = timezone.now()
            key.save(update_fields=["revoked_at"])
    return key


def verified(text: str) -> ApiKey | None:
    """The usable key of the active tenant with this text, its tenant loaded; None otherwise."""
    digest = ApiKey.digest_of(text)
    key = ApiKey.objects.select_related("tenant").filter(digest=digest).first()
    if key is None or not hmac.compare_digest(key.digest, digest) or not key.is_usable:
        return None
    return None if key.tenant.state in {Tenant.State.SUSPENDED, Tenant.State.CLOSED} else key


def notice_use(key: Any, now: datetime) -> None:
    """Remember that a key was used, to the minute and in a transaction of its own, so that nobody waits for it."""
    if key.last_used_at is not None and now - key.last_used_at < NOTICED_EVERY:
        return
    with acting_for(key.tenant_id):
        free = ApiKey.objects.filter(pk=key.pk).select_for_update(skip_locked=True).order_by().values_list("pk", flat=True)
        ApiKey.objects.filter(pk__in=list(free)).update(last_used_at=now.replace(second=0, microsecond=0))
