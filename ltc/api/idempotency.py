"""A write that carries an Idempotency-Key happens once. The row is written in the transaction of the effect.

Several with the same key wait for the first at the unique constraint: if it commits, they get its answer; if it rolls back, the next
one tries. Answers of 400 and above are not kept, because nothing happened.
"""

import hashlib
import re
from datetime import timedelta
from typing import Any, Final

import orjson
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from ltc.api.models import IdempotencyKey
from ltc.api.problems import Problem
from ltc.tenancy.context import current_tenant_id

KEPT_FOR: Final = timedelta(hours=48)
FORM: Final = re.compile(r"[\x21-\x7e]{1,255}", re.ASCII)
KEPT_HEADERS: Final = ("ETag", "Location", "Content-Type")

CLAIM: Final = """
INSERT INTO api_idempotencykey (tenant_id, key, actor, request, digest, body, headers, created_at)
VALUES (%s, %s, %s, %s, %s, '', '{}', %s)
ON CONFLICT (tenant_id, key) DO NOTHING RETURNING id
"""


def key_of(request: HttpRequest) -> str | None:
    """The request's Idempotency-Key, None without one. Raises Problem if it is not acceptable."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not FORM.fullmatch(key):
        raise Problem("idempotency_key_invalid", "Use 1 to 255 printable ASCII characters without spaces, such as a UUID.")
    return key


def fingerprint(request: HttpRequest) -> str:
    """What makes two requests the same: the body, however its JSON is written."""
    raw = request.body
    if request.content_type == "application/json":
        try:
            raw = orjson.dumps(orjson.loads(raw), option=orjson.OPT_SORT_KEYS)
        except orjson.JSONDecodeError:
            pass  # the parser of the view says what is wrong with it
    return hashlib.sha256(raw).hexdigest()


def claim(request: Any, key: str) -> HttpResponse | int:
    """The answer that this key got before, or the id of its new row. Raises Problem if the key was used for another request."""
    target, digest, now = f"{request.method} {request.get_full_path()}"[:600], fingerprint(request), timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [current_tenant_id(), key, str(request.actor.pk), target, digest, now])
        made = cursor.fetchone()
    if made:
        return int(made[0])
    kept = IdempotencyKey.objects.get(key=key)
    if kept.created_at < now - KEPT_FOR:
        kept.delete()
        return claim(request, key)
    if (kept.request, kept.digest, str(kept.actor)) != (target, digest, str(request.actor.pk)):
        raise Problem("idempotency_mismatch", "This Idempotency-Key was used for another request. Use a new one for a new request.")
    response = HttpResponse(kept.body.encode(), status=kept.status, headers=kept.headers)
    response["Idempotent-Replayed"] = "true"
    return response


def keep(row: int, response: HttpResponse) -> None:
    """Write down the answer that the key got; a view that answers with a secret says in `kept_content` what may be kept of it."""
    content = getattr(response, "kept_content", response.content)
    headers = {name: response[name] for name in KEPT_HEADERS if name in response}
    IdempotencyKey.objects.filter(pk=row).update(status=response.status_code, body=content.decode(), headers=headers)


def forget_old() -> int:
    """Delete the active tenant's keys that are past their time; how many there were."""
    deleted, _per_model = IdempotencyKey.objects.filter(created_at__lt=timezone.now() - KEPT_FOR).delete()
    return deleted
