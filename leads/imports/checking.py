"""Mapping an import, and its dry run: what each row would become, before anything is made. Some thousand rows at a time."""

import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from leads.imports.attributes import NEW, add_missing, kinds_of, named
from leads.imports.known import known_customers, known_marks, likeness_of, marks_of, similar_names
from leads.imports.meaning import (
    FIELDS,
    OWN,
    TARGET_STATES,
    Meaning,
    Plan,
    date_order_of,
    guess_channel,
    guess_state,
    read_row,
)
from leads.imports.words import MOST_OWNERS, SAMPLE, words_of, write_checked
from leads.models import Channel, ImportBatch, ImportRow, Lead
from ltc.customers.names import bare
from ltc.events.outbox import enqueue
from ltc.refusals import Forbidden, Refusal
from ltc.tenancy.context import current_tenant_id
from ltc.tenancy.models import Tenant
from ltc.users.actors import Actor
from ltc.users.models import Membership

# So many rows are checked at once; a file with no more is checked while one waits.
AT_ONCE = 2_000
State = ImportBatch.State
CHOICES = (
    *("source_system", "channel", "lead_owner", "date_order", "country", "on_duplicate"),
    *("distribute", "captured_on", "nameless", "learn"),
)
BANT = ("budget", "authority", "need_level", "timeline")


@transaction.atomic
def map_import(
    batch: ImportBatch,
    *,
    actor: Actor,
    columns: Mapping[str, str] | None = None,
    others: str = "text",
    states: Mapping[str, str] | None = None,
    channels: Mapping[str, str] | None = None,
    **settings: Any,
) -> ImportBatch:
    """Say what columns and words mean, then check all rows again: at once, or in the background if there are many.

    `columns`: heading -> field ("" leaves it out, and keeps it); `others="attributes"` makes a new attribute of each that would be left
    out. `states`: their word -> our state; `channels`: their word -> the code
    of a channel, which is made if it is new. Words that are not named are guessed. Raises Forbidden, Refusal.
    """
    batch = locked_import(batch, actor, State.MAPPING, State.CHECKING, State.CHECKED)
    if others == "attributes":
        columns = {header: name or NEW for header, name in (batch.columns if columns is None else columns).items()}
    if columns is not None:
        columns = named(columns)
        unknown = [name for name in columns.values() if name and name not in FIELDS and not name.startswith(OWN)]
        if unknown:
            raise Refusal(_("“%(field)s” is no field of a lead.") % {"field": unknown[0]}, code="invalid_input", field="columns")
        twice = [name for name in columns.values() if name and list(columns.values()).count(name) > 1]
        if twice:
            raise Refusal(_("Map one column only to each field."), code="invalid_input", field="columns")
        batch.columns = {header: columns.get(header, "") for header in batch.headers}
        if "date_order" not in settings:
            batch.date_order = date_order_of(words_of(batch, batch.columns, "captured_at", most=SAMPLE, sample=SAMPLE))
    if states and (wrong := [state for state in states.values() if state and state not in TARGET_STATES]):
        raise Refusal(
            _("“%(state)s” is no state that a lead can be imported in.") % {"state": wrong[0]}, code="invalid_input", field="states"
        )
    for name in CHOICES:
        if name in settings:
            setattr(batch, name, settings.pop(name))
    if settings:
        raise TypeError(f"{', '.join(settings)} is no choice of an import.")
    batch.channel = batch.channel or _default_channel()
    batch.values = {
        "state": _states(words_of(batch, batch.columns, "state"), {**batch.values.get("state", {}), **(states or {})}),
        "channel": _channels(
            words_of(batch, batch.columns, "channel"),
            {**batch.values.get("channel", {}), **(channels or {})},
            may_add=actor.has_perm("channels.add"),
        ),
    }
    looked_up = {"owner": _owners(words_of(batch, batch.columns, "owner", most=MOST_OWNERS)), "attributes": kinds_of(batch, batch.columns)}
    batch.values.update({name: found for name, found in looked_up.items() if found})
    batch.rows.exclude(ref="").update(ref="")
    batch.checks += 1
    batch.state = State.CHECKING
    batch.save()
    if batch.total > AT_ONCE:
        _check_later(batch, after=0)
    else:
        check_next(batch, after=0)
    return batch


def carry_on_check(batch_id: uuid.UUID, *, check: int, after: int) -> None:
    """Check the next rows in the background, unless the import has been mapped anew since."""
    batch = ImportBatch.objects.select_for_update(of=("self",)).get(pk=batch_id)
    if batch.state == State.CHECKING and batch.checks == check:
        check_next(batch, after=after)


def check_next(batch: ImportBatch, *, after: int) -> None:
    """Check the rows after a line; the import is checked when none follow."""
    rows = list(batch.rows.filter(outcome=ImportRow.Outcome.WAITING, line__gt=after).order_by("line")[:AT_ONCE])
    check_rows(batch, rows)
    if len(rows) == AT_ONCE:
        _check_later(batch, after=rows[-1].line)
        return
    batch.state = State.CHECKED
    batch.save()


def _check_later(batch: ImportBatch, *, after: int) -> None:
    payload = {"batch": str(batch.pk), "check": batch.checks, "after": after}
    enqueue("leads.check_import", key=f"{batch.pk}:{batch.checks}:{after}", payload=payload)


@transaction.atomic
def run(batch: ImportBatch, *, actor: Actor) -> ImportBatch:
    """Bring the rows in, in the background. Raises Forbidden, Refusal."""
    batch = locked_import(batch, actor, State.CHECKED)
    add_missing(batch, actor=actor)
    batch.state = State.RUNNING
    batch.save()
    enqueue("leads.import", key=f"{batch.pk}:0", payload={"batch": str(batch.pk)})
    return batch


def locked_import(batch: ImportBatch, actor: Actor, *states: str) -> ImportBatch:
    """The import, locked for a change that is possible in these states. Raises Forbidden, Refusal."""
    locked = ImportBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if not actor.has_perm("imports.change", locked):
        raise Forbidden(_("This import is someone else's."))
    if locked.state not in states:
        wait = _("This import is still being checked. Wait until that is done.")
        started = _("This import has been started already. Upload the file again to repeat it.")
        raise Refusal(wait if locked.state == State.CHECKING else started, code="invalid_transition")
    return locked


def _default_channel() -> Channel:
    return Channel.objects.get_or_create(code="import", defaults={"name": _("Import"), "kind": Channel.Kind.IMPORT})[0]


def _states(words: Sequence[str], chosen: Mapping[str, str]) -> dict[str, str]:
    return {word: chosen[word] if word in chosen else guess_state(word) for word in words}


def _channels(words: Sequence[str], chosen: Mapping[str, str], *, may_add: bool) -> dict[str, str]:
    """The channel of each word: the chosen one, one that is called so, a usual one, else a new one if the importer may add any."""
    known = {bare(name): code for code, name in Channel.objects.filter(active=True).values_list("code", "name")}
    codes = set(known.values())

    def guessed(word: str) -> str:
        usual = guess_channel(word)
        return known.get(bare(word)) or (usual if usual in codes else "") or slugify(word, allow_unicode=True)[:40]

    meant = {word: chosen[word] if word in chosen else guessed(word) for word in words}
    return {word: code if may_add or code in codes else "" for word, code in meant.items()}


def _owners(words: Sequence[str]) -> dict[str, str]:
    """Who is meant by each name or address; empty if it is nobody here."""
    people: dict[str, str] = {}
    if words:
        for pk, name, email in Membership.objects.filter(state=Membership.State.ACTIVE).values_list("pk", "name", "email"):
            people[name.lower()] = people[email.lower()] = str(pk)
    return {word: people.get(word.lower(), "") for word in words}


def plan_of(batch: ImportBatch) -> Plan:
    """How the rows of an import are understood."""
    tenant = Tenant.objects.get(pk=current_tenant_id())
    return Plan(
        columns=batch.columns,
        states=batch.values.get("state", {}),
        channels=batch.values.get("channel", {}),
        owners=batch.values.get("owner", {}),
        date_order=batch.date_order,
        country=batch.country or ("CN" if tenant.base_currency == "CNY" else "US" if tenant.base_currency == "USD" else ""),
        currency=tenant.base_currency,
        zone=ZoneInfo(tenant.time_zone),
        attributes=batch.values.get("attributes", {}),
        captured_on=batch.captured_on,
        nameless=batch.nameless,
    )


def check_rows(batch: ImportBatch, rows: Sequence[ImportRow]) -> None:
    """Note what is wrong with these rows, and what one should know of them. Some queries, however many rows."""
    plan = plan_of(batch)
    pairs = [(row, read_row(row.raw, plan)) for row in rows]
    references = [meaning.external_ref for _row, meaning in pairs if meaning.external_ref]
    known = set(Lead.objects.filter(source_system=batch.source_system, external_ref__in=references).values_list("external_ref", flat=True))
    seen = set(batch.rows.filter(ref__in=references, line__lt=rows[0].line).values_list("ref", flat=True)) if references else set()
    meanings = [meaning for _row, meaning in pairs]
    alike, customers = known_marks(meanings), known_customers(meanings)
    similar = similar_names(meanings) if batch.total <= AT_ONCE else set()
    now = timezone.now()
    found = []
    for row, meaning in pairs:
        warnings = list(meaning.warnings)
        if meaning.external_ref and meaning.external_ref in seen:
            warnings.append(("repeated_reference", "external_ref", meaning.external_ref))
        elif meaning.external_ref in known:
            warnings.append(("known_reference", "external_ref", meaning.external_ref))
        elif not marks_of(meaning).isdisjoint(alike):
            warnings.append(("duplicate", "", ""))
        elif not marks_of(meaning).isdisjoint(customers):
            warnings.append(("known_customer", "", ""))
        elif likeness_of(meaning) in similar:
            warnings.append(("similar", "", ""))
        seen.add(meaning.external_ref)
        if meaning.captured_at and meaning.captured_at > now:
            warnings.append(("in_the_future", "captured_at", ""))
        if problem := expected_state_problem(meaning, batch):
            warnings.append((problem, "state", meaning.state_word))
        was = row.ref, row.errors, row.warnings
        row.ref, row.errors, row.warnings = meaning.external_ref, [list(each) for each in meaning.errors], [list(each) for each in warnings]
        if was != (row.ref, row.errors, row.warnings):
            found.append((str(row.pk), row.ref, json.dumps(row.errors), json.dumps(row.warnings)))
    write_checked(found)


def expected_state_problem(meaning: Meaning, batch: ImportBatch) -> str:
    """Why a row will not reach the state that it names; empty if it will."""
    if meaning.state in ("new", "converted", "disqualified"):
        return ""
    if not (meaning.owner or batch.lead_owner_id):
        return "no_owner"
    known = sum(meaning.fields.get(name, "unknown") != "unknown" for name in BANT)
    if meaning.state == "qualified" and (known < 3 or meaning.fields.get("need_level") == "none"):
        return "not_understood"
    return ""
