"""Putting a file into the books as an import, row by row as it is read."""

import json
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from leads.imports.checking import map_import
from leads.imports.meaning import FIELDS, OWN, guess_columns
from leads.imports.reading import Rows
from leads.imports.words import put_in
from leads.models import ImportBatch
from ltc.refusals import Forbidden
from ltc.users.actors import Actor
from ltc.users.models import Membership
from ltc.users.roles import Role

BATCH = 2_000
SELLERS = (Role.REP, Role.MANAGER)


@transaction.atomic
def start_import(*, actor: Actor, table: Rows, file_name: str = "", mapped: bool = False, **choices: Any) -> ImportBatch:
    """Take the rows of a file in, guess what its columns and words mean, and check it. Nothing is made of them yet.

    `mapped` says that the headings are our own field names. `choices` are those of `map_import`. Raises Forbidden, Refusal.
    """
    if not actor.has_perm("imports.add") or (actor.kind == "api" and not actor.has_perm("leads.add")):  # a key's rows go in as the system
        raise Forbidden(_("You may not import leads. Ask your administrator."))
    member = actor if isinstance(actor, Membership) else None
    batch = ImportBatch.objects.create(
        file_name=file_name[:255],
        owner=member,
        started_by_key="" if member else actor.label[:120],
        lead_owner=member if member and member.role in SELLERS else None,
    )
    batch.total = _take_in(batch, table)
    batch.headers = list(table.headers)
    batch.save()
    headers = batch.headers
    columns = {name: name if name in FIELDS or name.startswith(OWN) else "" for name in headers} if mapped else guess_columns(headers)
    return map_import(batch, actor=actor, **{"columns": columns, **choices})


def _take_in(batch: ImportBatch, table: Rows) -> int:
    total = 0
    lines: list[int] = []
    raws: list[str] = []
    for row in table.rows:
        lines.append(row.line)
        raws.append(json.dumps(row.cells, ensure_ascii=False).replace("\\u0000", ""))
        if len(lines) == BATCH:
            put_in(batch, lines, raws)
            total, lines, raws = total + BATCH, [], []
    if lines:
        put_in(batch, lines, raws)
    return total + len(lines)
