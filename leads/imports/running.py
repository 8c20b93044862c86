"""Making leads of the rows of an import, some hundred at a time with a fixed number of queries; a row that fails harms no other."""

import csv
import io
import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from leads.events import LeadCaptured
from leads.imports.checking import plan_of
from leads.imports.known import known_marks, marks_of
from leads.imports.meaning import Meaning, read_row
from leads.imports.reading import guarded
from leads.imports.sentences import sentences
from leads.imports.walking import Coming, Walk
from leads.imports.words import write_done
from leads.models import Campaign, Channel, ImportBatch, ImportRow, Lead, LeadAssignment, LeadTouch
from leads.rescoring import score_leads
from leads.services import drafted, update_lead
from leads.touches import ends_of
from ltc.automation.selectors import fields_of
from ltc.automation.services import checked
from ltc.calendars.periods import local_day
from ltc.events.bus import publish
from ltc.events.outbox import enqueue
from ltc.numbering.services import next_numbers
from ltc.refusals import Forbidden, Refusal
from ltc.tenancy.context import current_tenant_id
from ltc.tenancy.models import Tenant
from ltc.timeline.models import Entry
from ltc.timeline.services import entry_of

ROWS_AT_ONCE, GIVEN_AT_ONCE = 500, 100
Outcome, OnDuplicate = ImportRow.Outcome, ImportBatch.OnDuplicate


def run_import(batch_id: uuid.UUID) -> None:
    """Bring in the next rows, and have the following ones brought in if there are any. Safe to run again: done rows stay done."""
    batch = ImportBatch.objects.select_for_update(of=("self",)).select_related("owner", "lead_owner__team", "channel").get(pk=batch_id)
    if batch.state != ImportBatch.State.RUNNING:
        return
    waiting = batch.rows.filter(outcome=Outcome.WAITING).order_by("line")
    rows = list(waiting[:ROWS_AT_ONCE])
    if rows:
        BringingIn(batch).bring(rows)
    if len(rows) == ROWS_AT_ONCE:
        enqueue("leads.import", key=f"{batch.pk}:{rows[-1].line}", payload={"batch": str(batch.pk)})
        return
    batch.state, batch.finished_at = ImportBatch.State.DONE, timezone.now()
    batch.save()


class BringingIn:
    """The rows of one import becoming leads. What all rows need is read once."""

    def __init__(self, batch: ImportBatch) -> None:
        self.batch, self.plan = batch, plan_of(batch)
        self.tenant = Tenant.objects.get(pk=current_tenant_id())
        self.zone = ZoneInfo(self.tenant.time_zone)
        self.walk = Walk(batch)
        self.importer = self.walk.importer
        self.channels = {channel.code: channel for channel in Channel.objects.all()}
        self.campaigns: Mapping[tuple[Any, str], Campaign] = {}
        self.own = fields_of(Lead._meta.label_lower) if self.plan.attributes else {}
        self.coming: list[Coming] = []
        self.pending: set[Any] = set()
        self.made: list[Lead] = []
        if not self.importer.has_perm("leads.add"):
            raise Forbidden(_("You may not add leads. Ask your administrator."))
        if "campaign" in batch.columns.values():
            self.campaigns = {(each.channel_id, each.name): each for each in Campaign.objects.all()}

    def bring(self, rows: Sequence[ImportRow]) -> None:
        pairs = [(row, read_row(row.raw, self.plan)) for row in rows]
        self.known = self._known([meaning.external_ref for _row, meaning in pairs])
        self.alike = dict(known_marks([meaning for _row, meaning in pairs])) if self.batch.on_duplicate != OnDuplicate.CREATE else {}
        for row, meaning in pairs:
            if meaning.errors:
                row.outcome = Outcome.FAILED
                continue
            try:
                self._bring(row, meaning)
            except Refusal as refusal:
                self._fail(row, refusal.field, str(refusal))
        self._flush()
        write_done([_done(row) for row in rows])
        if open_ones := [lead for lead in self.made if lead.is_open]:
            score_leads(open_ones, as_of=timezone.now())
        waiting = [lead for lead in open_ones if lead.owner_id is None] if self.batch.distribute else []
        for start in range(0, len(waiting), GIVEN_AT_ONCE):
            some = [str(lead.pk) for lead in waiting[start : start + GIVEN_AT_ONCE]]
            enqueue("leads.distribute_imported", key=f"{self.batch.pk}:{some[0]}", payload={"leads": some})

    def _bring(self, row: ImportRow, meaning: Meaning) -> None:
        """A row becomes a lead, or brings one up to date, or is left out. Raises Refusal."""
        marks = marks_of(meaning) if self.batch.on_duplicate != OnDuplicate.CREATE else set()
        if meaning.external_ref in self.pending or not marks.isdisjoint(self.pending):
            self._flush()  # an earlier row of these is the lead that this one means
        if (lead := self.known.get(meaning.external_ref)) is not None:
            detail = {"source_detail": self._detail(row, meaning)}
            row.outcome, row.lead = Outcome.UPDATED, self._updated(lead, meaning, detail)
            return
        same = next((self.alike[mark] for mark in sorted(marks) if mark in self.alike), None)
        if same is not None:
            self._same(row, meaning, Lead.objects.get(pk=same))
            return
        self.coming.append(self._coming(row, meaning))
        self.pending |= marks | ({meaning.external_ref} - {""})

    def _same(self, row: ImportRow, meaning: Meaning, lead: Lead) -> None:
        """What the policy for duplicates says. A lead that the importer may not change is left as it is, and not told of."""
        row.outcome = Outcome.SKIPPED
        row.lead = lead if lead.is_within(self.importer, self.importer.scopes("leads.view")) else None
        if self.batch.on_duplicate == OnDuplicate.UPDATE and self.importer.has_perm("leads.change", lead):
            row.outcome, row.lead = Outcome.UPDATED, self._updated(lead, meaning, {})

    def _updated(self, lead: Lead, meaning: Meaning, more: dict[str, Any]) -> Lead:
        with transaction.atomic():
            return update_lead(lead, actor=self.importer, country=meaning.country, **meaning.fields, **more)

    def _coming(self, row: ImportRow, meaning: Meaning) -> Coming:
        channel = self._channel(meaning)
        at = min(meaning.captured_at or self.walk.now, self.walk.now)
        fields = {**meaning.fields, "source_detail": self._detail(row, meaning)}
        own = fields.pop("attributes", {})
        lead = Lead(
            channel=channel,
            campaign=self.campaigns.get((channel.pk, meaning.campaign)),
            captured_at=at,
            captured_by=self.batch.owner,
            source_system=self.batch.source_system if meaning.external_ref else "",
            external_ref=meaning.external_ref,
        )
        drafted(lead, fields, tenant=self.tenant, country=meaning.country)
        if own:
            values = checked(Lead._meta.label_lower, own, known=self.own)
            lead.attributes = {code: value for code, value in values.items() if value is not None}
        lead.tenant_id = self.tenant.pk
        lead.fold_name()
        coming = Coming(row, meaning, lead)
        captured = {"kind": Entry.Kind.TRANSITION, "name": "capture", "to_state": lead.state, "data": {"channel": channel.code}}
        coming.entries.append(entry_of(lead, actor=self.importer, at=at, **captured))
        if meaning.note:
            note = meaning.note[:20_000]
            coming.entries.append(entry_of(lead, kind=Entry.Kind.NOTE, name="note", actor=self.importer, at=at, body=note))
        coming.news.append(LeadCaptured(record=lead.pk, at=at, actor=self.importer))
        self.walk.go(coming, at)
        return coming

    def _flush(self) -> None:
        """Write what has come together; if the database refuses one, each by itself."""
        coming, self.coming = self.coming, []
        if not coming:
            return
        days = [local_day(each.lead.captured_at, self.zone) for each in coming]
        for each, number in zip(coming, next_numbers("lead", on=days), strict=True):
            each.lead.number = number
        try:
            self._write(coming)
        except IntegrityError:
            for each in coming:
                try:
                    self._write([each])
                except IntegrityError:
                    self._fail(each.row, "", _("Somebody else has brought this one in at the same time. Import the file again."))
        self.pending.clear()

    def _write(self, coming: Sequence[Coming]) -> None:
        with transaction.atomic():
            touches = [self._touch(each) for each in coming]
            for touch in touches:
                touch.lead.touch_ends = ends_of(touch, touch)
            Lead.objects.bulk_create([each.lead for each in coming])
            LeadTouch.objects.bulk_create(touches)
            Entry.objects.bulk_create([entry for each in coming for entry in each.entries])
            LeadAssignment.objects.bulk_create([assignment for each in coming for assignment in each.assignments])
            for each in coming:
                for news in each.news:
                    publish(news)
        for each in coming:
            each.row.outcome, each.row.lead = Outcome.CREATED, each.lead
            self.made.append(each.lead)
            if each.meaning.external_ref:
                self.known[each.meaning.external_ref] = each.lead
            if self.batch.on_duplicate != OnDuplicate.CREATE:
                self.alike.update(dict.fromkeys(marks_of(each.meaning), each.lead.pk))

    def _touch(self, coming: Coming) -> LeadTouch:
        lead, key = coming.lead, f"import:{self.batch.pk}:{coming.row.line}"
        return LeadTouch(
            tenant_id=current_tenant_id(),
            lead=lead,
            channel=lead.channel,
            campaign=lead.campaign,
            kind=LeadTouch.Kind.IMPORT,
            occurred_at=lead.captured_at,
            dedupe_key=key,
        )

    def _detail(self, row: ImportRow, meaning: Meaning) -> dict[str, Any]:
        return {"import": str(self.batch.pk), "file": self.batch.file_name, "line": row.line, "cells": meaning.kept}

    def _known(self, references: Sequence[str]) -> dict[str, Lead]:
        wanted = {reference for reference in references if reference}
        if not wanted:
            return {}
        found = Lead.objects.filter(source_system=self.batch.source_system, external_ref__in=wanted).select_related("merged_into")
        return {lead.external_ref: lead.merged_into or lead for lead in found}

    def _channel(self, meaning: Meaning) -> Channel:
        """The channel that a row names; made if it is new and the importer may, else the import's own."""
        code = meaning.channel
        if code and code not in self.channels and self.importer.has_perm("channels.add"):
            name = next((word for word, meant in self.batch.values.get("channel", {}).items() if meant == code), code)
            self.channels[code] = Channel.objects.create(code=code, name=name[:120], kind=Channel.Kind.OTHER)
        assert self.batch.channel is not None
        return self.channels.get(code) or self.batch.channel

    def _fail(self, row: ImportRow, field: str, sentence: str) -> None:
        row.outcome = Outcome.FAILED
        row.errors = [*row.errors, ["refused", field, sentence]]


def _done(row: ImportRow) -> tuple[Any, str, Any, str, str]:
    lead = str(row.lead_id) if row.lead_id else None
    return str(row.pk), row.outcome, lead, json.dumps(row.errors), json.dumps(row.warnings)


def failed_rows(batch: ImportBatch) -> str:
    """The rows that failed as a CSV file, as they came, with line and reason in front: to be corrected and uploaded again."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["#line", "#reason", *map(guarded, batch.headers)])
    for row in batch.rows.filter(outcome=Outcome.FAILED).order_by("line").iterator(chunk_size=1000):
        writer.writerow([row.line, " ".join(sentences(row.errors)), *(guarded(row.raw.get(name, "")) for name in batch.headers)])
    return "\ufeff" + out.getvalue()
