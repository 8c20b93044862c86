"""Making leads of the rows of an import, some at a time, each by itself: one that fails harms no other."""

import csv
import io
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from leads.imports.checking import plan_of
from leads.imports.facts import record_conversion
from leads.imports.meaning import Meaning, Plan, read_row
from leads.imports.reading import guarded
from leads.imports.sentences import sentences
from leads.models import Channel, CloseReason, ImportBatch, ImportRow, Lead
from leads.models.choices import LeadState
from leads.rescoring import score_leads
from leads.selectors import possible_duplicates
from leads.services import campaign_of, capture_lead, update_lead
from ltc.customers.names import bare
from ltc.events.outbox import enqueue
from ltc.refusals import Refusal
from ltc.timeline.models import Entry
from ltc.timeline.services import record
from ltc.users.actors import SYSTEM, Actor
from ltc.users.models import Membership
from ltc.workflow.engine import perform

ROWS_AT_ONCE = 100
NURTURED_FOR = timedelta(days=30)
Outcome = ImportRow.Outcome


def run_import(batch_id: uuid.UUID) -> None:
    """Bring in the next rows, and have the following ones brought in if there are any. Safe to run again: done rows stay done."""
    batch = ImportBatch.objects.select_for_update(of=("self",)).get(pk=batch_id)
    if batch.state != ImportBatch.State.RUNNING:
        return
    plan = plan_of(batch)
    waiting = batch.rows.filter(outcome=Outcome.WAITING).order_by("line")
    rows = list(waiting[:ROWS_AT_ONCE])
    made: list[Lead] = []
    for row in rows:
        try:
            with transaction.atomic():
                lead = _bring_in(row, read_row(row.raw, plan), batch, plan)
        except Refusal as refusal:
            lead, row.outcome = None, Outcome.FAILED
            row.errors = [*row.errors, ["refused", refusal.field, str(refusal)]]
        if lead is not None:
            row.lead = lead
            made.append(lead)
    ImportRow.objects.bulk_update(rows, ["outcome", "errors", "warnings", "lead"])
    if made:
        score_leads(list(Lead.objects.filter(pk__in=[lead.pk for lead in made], state__in=LeadState.open())), as_of=timezone.now())
    if waiting.exists():
        enqueue("leads.import", key=f"{batch.pk}:{rows[-1].line}", payload={"batch": str(batch.pk)})
        return
    batch.state, batch.finished_at = ImportBatch.State.DONE, timezone.now()
    batch.save()


def _bring_in(row: ImportRow, meaning: Meaning, batch: ImportBatch, plan: Plan) -> Lead | None:
    """The lead of a row; None if the row becomes none. Sets the row's outcome."""
    if meaning.errors:
        row.outcome = Outcome.FAILED
        return None
    actor: Any = batch.owner or SYSTEM
    channel = _channel(meaning, batch, actor)
    detail = {"import": str(batch.pk), "file": batch.file_name, "line": row.line, "cells": meaning.kept}
    values = {**meaning.fields, "campaign": campaign_of(channel, meaning.campaign), "source_detail": detail}
    known = _known(batch, meaning)
    if known is not None:
        row.outcome = Outcome.UPDATED
        del values["campaign"]  # where a lead came from first stays
        return update_lead(known, actor=actor, country=meaning.country, **values)
    if batch.on_duplicate == ImportBatch.OnDuplicate.SKIP and (same := _same(meaning)):
        row.outcome = Outcome.SKIPPED
        row.lead = same if same.is_within(actor, actor.scopes("leads.view")) else None
        return None
    at = min(meaning.captured_at or timezone.now(), timezone.now())
    lead = capture_lead(
        actor=actor,
        channel=channel,
        at=at,
        source_system=batch.source_system if meaning.external_ref else "",
        external_ref=meaning.external_ref,
        touch={"kind": "import", "dedupe_key": f"import:{batch.pk}:{row.line}"},
        country=meaning.country,
        score_now=False,
        **values,
    )
    if meaning.note:
        record(lead, kind=Entry.Kind.NOTE, name="note", actor=actor, at=at, body=meaning.note[:20_000])
    row.outcome = Outcome.CREATED
    _bring_to_state(lead, meaning, batch, at, row)
    return lead


def _known(batch: ImportBatch, meaning: Meaning) -> Lead | None:
    if not meaning.external_ref:
        return None
    found = Lead.objects.filter(source_system=batch.source_system, external_ref=meaning.external_ref).first()
    return found.merged_into or found if found else None


def _same(meaning: Meaning) -> Lead | None:
    known = {name: meaning.fields.get(name, "") for name in ("company_name", "phone", "email")}
    like = next((like for like in possible_duplicates(SYSTEM, **known) if like.kind == "lead"), None)
    return Lead.objects.filter(pk=like.id).first() if like and like.id else None


def _channel(meaning: Meaning, batch: ImportBatch, actor: Actor) -> Channel:
    """The channel that a row names; made if it is new and the importer may, else the import's own."""
    code = meaning.channel
    if code and (found := Channel.objects.filter(code=code).first()):
        return found
    if code and actor.has_perm("channels.add"):
        name = next((word for word, meant in batch.values.get("channel", {}).items() if meant == code), code)
        return Channel.objects.create(code=code, name=name[:120], kind=Channel.Kind.OTHER)
    assert batch.channel is not None
    return batch.channel


def _bring_to_state(lead: Lead, meaning: Meaning, batch: ImportBatch, at: datetime, row: ImportRow) -> None:
    """Walk a lead to the state that its row names, one transition after the other, as far as the rules let it go."""
    if meaning.state == "converted":
        converted = max(lead.captured_at, min(meaning.converted_at or meaning.closed_at or at, timezone.now()))
        record_conversion(lead, at=converted, word=meaning.state_word, actor=batch.owner or SYSTEM)
        return
    owner = Membership.objects.get(pk=meaning.owner) if meaning.owner else batch.lead_owner
    importer: Any = batch.owner or SYSTEM
    if owner is not None and owner.pk != importer.pk and not importer.has_perm("leads.assign"):
        row.warnings = [*row.warnings, ["refused", "owner", _("You may not give leads to others. This one waits in the pool.")]]
        owner = None
    steps = _steps(meaning, owner, at)
    for name, inputs in steps:
        try:
            with transaction.atomic():
                perform(lead, name, actor=SYSTEM, **{"at": at, "note": meaning.state_word, **inputs})
        except Refusal as refusal:
            if not any(field == "state" for _code, field, _value in row.warnings):  # the dry run has said it already
                row.warnings = [*row.warnings, ["refused", "state", str(refusal)]]
            return


def _steps(meaning: Meaning, owner: Membership | None, at: datetime) -> list[tuple[str, dict[str, Any]]]:
    if meaning.state == "disqualified":
        closed = {"at": max(at, min(meaning.closed_at, timezone.now()))} if meaning.closed_at else {}
        return [("disqualify", {"reason": _close_reason(meaning.state_word), **closed})]
    if owner is None or (meaning.state == "new" and not meaning.owner):
        return []
    steps: list[tuple[str, dict[str, Any]]] = [("assign", {"owner": owner})]
    if meaning.state in ("working", "nurturing", "qualified"):
        steps.append(("log_first_contact", {"channel": "imported"}))
    if meaning.state == "nurturing":
        now = timezone.now()
        steps.append(("nurture", {"until": timezone.localdate(now) + NURTURED_FOR, "reason": meaning.state_word, "at": now}))
    if meaning.state == "qualified":
        steps.append(("qualify", {}))
    return steps


def _close_reason(word: str) -> CloseReason:
    """The reason of that name; made if there is none."""
    reasons = CloseReason.objects.filter(kind=CloseReason.Kind.DISQUALIFY)
    same = next((reason for reason in reasons if bare(reason.name) == bare(word)), None)
    code = slugify(word)[:40] or f"imported-{bare(word).encode().hex()[:20]}"
    return same or CloseReason.objects.get_or_create(kind=CloseReason.Kind.DISQUALIFY, code=code, defaults={"name": word[:120]})[0]


def failed_rows(batch: ImportBatch) -> str:
    """The rows that failed as a CSV file, as they came, with line and reason in front: to be corrected and uploaded again."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["#line", "#reason", *map(guarded, batch.headers)])
    for row in batch.rows.filter(outcome=Outcome.FAILED).order_by("line").iterator(chunk_size=1000):
        writer.writerow([row.line, " ".join(sentences(row.errors)), *(guarded(row.raw.get(name, "")) for name in batch.headers)])
    return "\ufeff" + out.getvalue()
