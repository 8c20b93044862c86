"""Correcting a row of an import before it is run, and taking an import back after it."""

import json
import uuid
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from leads.imports.checking import check_rows, locked_import
from leads.imports.meaning import guess_state
from leads.imports.words import header_of, write_done
from leads.models import CloseReason, ImportBatch, ImportRow, Lead, LeadEvent
from leads.models.choices import LeadState
from ltc.events.outbox import enqueue
from ltc.refusals import Refusal
from ltc.timeline.models import Entry
from ltc.users.actors import SYSTEM, Actor
from ltc.workflow.engine import taken_unsaved

UNDO_WITHIN = timedelta(hours=24)
AT_ONCE = 500
State, Outcome = ImportBatch.State, ImportRow.Outcome


@transaction.atomic
def correct_row(batch: ImportBatch, *, actor: Actor, line: int, cells: Mapping[str, str]) -> ImportRow:
    """Write other text into cells of a row, by heading, and check it again. Raises Forbidden, Refusal."""
    batch = locked_import(batch, actor, State.CHECKED)
    row = ImportRow.objects.select_for_update(of=("self",)).filter(batch=batch, line=line).first()
    if row is None:
        raise Refusal(_("The file has no row on this line."), code="invalid_input", field="line")
    if unknown := [header for header in cells if header not in batch.headers]:
        raise Refusal(_("The file has no column “%(name)s”.") % {"name": unknown[0]}, code="invalid_input", field="cells")
    row.raw = {**row.raw, **{header: value.strip()[:20_000] for header, value in cells.items()}}
    row.save(update_fields=["raw"])
    word = row.raw.get(header_of(batch.columns, "state") or "", "")
    if word and word not in batch.values.get("state", {}):
        batch.values.setdefault("state", {})[word] = guess_state(word)
        batch.save()
    check_rows(batch, [row])
    return row


def may_be_undone(batch: ImportBatch, *, at: datetime) -> bool:
    """Whether an import can still be taken back."""
    return batch.state == State.DONE and batch.finished_at is not None and at - batch.finished_at <= UNDO_WITHIN


@transaction.atomic
def undo_import(batch: ImportBatch, *, actor: Actor) -> ImportBatch:
    """Take the leads that an import has made back, in the background, but those that something has happened to since.

    A lead's trail is never deleted: a lead that is taken back is closed, counts nowhere, and gives its reference free, so that the file
    can be imported again. What was brought up to date stays so. Raises Forbidden, Refusal.
    """
    batch = locked_import(batch, actor, State.DONE)
    now = timezone.now()
    if not may_be_undone(batch, at=now):
        raise Refusal(_("An import can be taken back within 24 hours. Close the leads in the list instead."), code="too_late")
    batch.state, batch.undone_at = State.UNDONE, now
    batch.save()
    enqueue("leads.undo_import", key=f"{batch.pk}:0", payload={"batch": str(batch.pk), "after": 0})
    return batch


def carry_on_undo(batch_id: uuid.UUID, *, after: int) -> None:
    """Take the next rows of an import back."""
    batch = ImportBatch.objects.select_for_update(of=("self",)).get(pk=batch_id)
    rows = list(batch.rows.filter(outcome=Outcome.CREATED, line__gt=after).order_by("line")[:AT_ONCE])
    if not rows or batch.undone_at is None or batch.finished_at is None:
        return
    leads = {lead.pk: lead for lead in Lead.objects.select_for_update(of=("self",)).filter(pk__in=[row.lead_id for row in rows])}
    since = Entry.objects.filter(subject__in=leads, written_at__gt=batch.finished_at)
    by_rule = Q(name="assign", actor_kind=SYSTEM.kind)  # given out by the rules: nobody has worked on it yet
    busy = set(since.exclude(by_rule).values_list("subject", flat=True))
    given = Counter(Entry.objects.filter(by_rule, subject__in=leads, from_state="new").values_list("subject", flat=True))
    busy |= set(LeadEvent.objects.filter(lead__in=leads).values_list("lead", flat=True))
    reason = _reason()
    entries: list[Entry] = []
    gone: list[Lead] = []
    for row in rows:
        lead = leads[row.lead_id]  # type: ignore[index]  # a created row has its lead
        if why := _why_it_stays(lead, busy, given[lead.pk] if batch.distribute else 0):
            row.warnings = [*row.warnings, [why, "", ""]]
            continue
        if lead.is_open:
            entry, _news = taken_unsaved(lead, "disqualify", actor=SYSTEM, at=batch.undone_at, told={"reason": reason}, reason=reason)
            entries.append(entry)
        lead.is_test, lead.external_ref, lead.version = True, "", lead.version + 1
        row.outcome = Outcome.UNDONE
        gone.append(lead)
    Lead.objects.bulk_update(gone, ["state", "close_reason", "closed_at", "is_test", "external_ref", "version"], batch_size=AT_ONCE)
    Entry.objects.bulk_create(entries)
    write_done([(str(row.pk), row.outcome, str(row.lead_id), json.dumps(row.errors), json.dumps(row.warnings)) for row in rows])
    if len(rows) == AT_ONCE:
        after = rows[-1].line
        enqueue("leads.undo_import", key=f"{batch.pk}:{after}", payload={"batch": str(batch.pk), "after": after})


def _why_it_stays(lead: Lead, busy: set[uuid.UUID], given: int) -> str:
    if lead.state == LeadState.CONVERTED:
        return "stays_converted"
    if lead.version > 1 + given or lead.pk in busy:
        return "stays_touched"
    return ""


def _reason() -> CloseReason:
    defaults = {"name": _("Import taken back"), "counts_in_denominator": False}
    return CloseReason.objects.get_or_create(kind=CloseReason.Kind.DISQUALIFY, code="import-undone", defaults=defaults)[0]
