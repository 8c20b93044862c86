"""One transition of all records that a list shows: few at once, many as jobs of a few hundred each."""

import uuid
from types import SimpleNamespace
from typing import Any

from django.db import transaction
from django.http import QueryDict
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from ltc.events.outbox import enqueue
from ltc.notifications.services import language_of, notify
from ltc.refusals import Refusal
from ltc.tenancy.models import Tenant
from ltc.users.models import Membership
from ltc.web.inputs import form_for
from ltc.web.lists import chosen_by
from ltc.web.records import pages
from ltc.workflow.declare import transitions_of
from ltc.workflow.engine import perform

STEP = 200
bulk_lists: dict[str, Any] = {}
"""The list of each kind of record, by its plural: what "all that match" means."""


def start(*, actor: Membership, plural: str, action: str, query: str, post: str, upto: uuid.UUID, total: int) -> None:
    """Have a transition taken of all records that a list shows under an address, in the background. `post` holds the answers."""
    run = {"member": str(actor.pk), "plural": plural, "action": action, "query": query, "post": post, "upto": str(upto), "total": total}
    enqueue("lists.bulk", key=str(uuid.uuid4()), payload={**run, "after": None, "done": 0, "refused": 0})


def step(payload: dict[str, Any]) -> None:
    """The next few hundred; then the next job, or the news that all is done. Each record by itself, so that one refusal stops no other."""
    member = Membership.objects.select_related("team", "user").get(pk=payload["member"])
    page = next(page for page in pages() if page.plural == payload["plural"])
    found = transitions_of(page.model)[payload["action"]]
    asker = SimpleNamespace(actor=member, member=member, tenant=Tenant.objects.get(pk=member.tenant_id), user=member.user)
    matching = chosen_by(bulk_lists[page.plural], page, asker, payload["query"]).order_by("pk").filter(pk__lte=payload["upto"])
    if payload["after"]:
        matching = matching.filter(pk__gt=payload["after"])
    records = list(matching[:STEP])
    done, refused = payload["done"], payload["refused"]
    with translation.override(language_of(member)):
        for record in records:
            values: dict[str, Any] | None = {}
            if inputs := found.declaration.inputs:
                form = form_for(inputs, record, member, QueryDict(payload["post"]))
                values = form.values() if form.is_valid() else None
            taken = values is not None and _taken(record, found.name, member, values)
            done, refused = done + taken, refused + (not taken)
    counted = {**payload, "done": done, "refused": refused}
    if len(records) == STEP:
        enqueue("lists.bulk", key=str(uuid.uuid4()), payload={**counted, "after": str(records[-1].pk)})
        return
    title = _("%(action)s: done for %(done)s, refused for %(refused)s.")
    notify(
        member,
        title=title,
        values={"action": found.declaration.label, "done": done, "refused": refused},
        url=f"/{page.plural}/",
        mail=False,
    )


def _taken(record: Any, name: str, member: Membership, values: dict[str, Any]) -> bool:
    try:
        with transaction.atomic():
            perform(record, name, actor=member, **values)
    except Refusal:
        return False
    return True
