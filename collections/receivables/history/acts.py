"""What happened with money, as single acts in order of time: a payment dated before its invoice settles it on the invoice date."""

import json
import uuid
from collections.abc import Iterator
from typing import Any, Final

from django.db import connection
from django.utils.translation import gettext as _

from ltc.tenancy.identifiers import uuid7
from receivables.history.values import Wrong
from receivables.history.world import AT_ONCE, Fact, World
from receivables.models import ImportedRecord

ALONE: Final = (
    "invoice", "retention_release", "credit_note", "payment", "payment_reversal", "refund", "dispute", "write_off", "promise",
    "promise_cancel",
)  # fmt: skip

# Allocations happen when the money, the invoice and, of retention, its release are there.
ACTS = """
WITH mine AS (
    SELECT line, object, ref, subject, at, data FROM collections_importedfact WHERE tenant_id = %(tenant)s AND run_id = %(run)s
      AND object = ANY(%(money)s)
), shares AS (
    SELECT m.line, m.subject, m.at, share.value AS data, share.ordinality AS place FROM mine m
    CROSS JOIN LATERAL jsonb_array_elements(m.data->'allocations') WITH ORDINALITY AS share WHERE m.object = 'payment'
    UNION ALL
    SELECT line, subject, at, data, 0 FROM mine WHERE object = 'allocation'
), owed AS (
    SELECT s.line, s.subject, s.data, s.place, greatest(
        s.at, i.at, p.at,
        (SELECT min(r.at) FROM collections_importedfact r
          WHERE r.tenant_id = %(tenant)s AND r.object = 'retention_release' AND r.subject = i.subject AND r.data->'seq' = s.data->'seq')
    ) AS at
    FROM shares s
    JOIN collections_importedfact i ON i.tenant_id = %(tenant)s AND i.object = 'invoice' AND i.subject = (s.data->>'invoice')::uuid
    JOIN collections_importedfact p ON p.tenant_id = %(tenant)s AND p.object = 'payment' AND p.subject = s.subject
)
SELECT line, object, ref, subject, at, data, 0 AS place FROM mine WHERE object = ANY(%(alone)s)
UNION ALL
SELECT line, 'dispute_end', ref, subject, (data->>'resolved_at')::timestamptz, data, 1 FROM mine
 WHERE object = 'dispute' AND data ? 'resolved_at'
UNION ALL
SELECT line, 'share', '', subject, at, data, 1 + place FROM owed
ORDER BY at, line, place
"""


def acts_of(world: World) -> Iterator[Fact]:
    """All acts of this run in order of time, then of line; some fetched at a time."""
    name = f"acts_{uuid7().hex}"
    keys: dict[str, Any] = {
        "tenant": world.tenant.pk, "run": world.run.pk, "alone": list(ALONE), "money": [*ALONE, "allocation"],
    }  # fmt: skip
    with connection.cursor() as cursor:
        world.many()
        cursor.execute(f"DECLARE {name} NO SCROLL CURSOR FOR {ACTS}", keys)
        world.few()
        while True:
            cursor.execute(f"FETCH {AT_ONCE} FROM {name}")
            rows = cursor.fetchall()
            if not rows:
                break
            for line, object, ref, subject, at, data, _place in rows:
                yield Fact(line, object, ref, subject, at, json.loads(data) if isinstance(data, str) else data)
        cursor.execute(f"CLOSE {name}")


class Made:
    """Which record was made of which fact: the ledger gives its records their own ids."""

    def __init__(self, world: World) -> None:
        self._run = world.run

    def note(self, fact: uuid.UUID, record: uuid.UUID) -> None:
        ImportedRecord.objects.create(run=self._run, fact=fact, record=record)

    def record(self, fact: uuid.UUID) -> uuid.UUID:
        """The record of a fact, of this run or an earlier one. Raises Wrong if it is not there yet."""
        found = ImportedRecord.objects.values_list("record", flat=True).filter(fact=fact).first()
        if found is None:
            raise Wrong(_("This lies before the record begins."), _("Correct one of the two dates."), "on")
        return found
