"""Putting a file into the books as an import, mapping it, and the dry run: what each row would become, before anything is made."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from leads.imports.attributes import add_missing, kinds_of, named
from leads.imports.meaning import (
    FIELDS,
    OWN,
    TARGET_STATES,
    Meaning,
    Plan,
    date_order_of,
    guess_channel,
    guess_columns,
    guess_state,
    read_row,
    words_of,
)
from leads.imports.reading import Table
from leads.models import Channel, ImportBatch, ImportRow, Lead
from leads.models.choices import LeadState
from ltc.customers.names import bare, normalise_name
from ltc.events.outbox import enqueue
from ltc.refusals import Forbidden, Refusal
from ltc.tenancy.context import current_tenant_id
from ltc.tenancy.models import Tenant
from ltc.users.actors import Actor
from ltc.users.models import Membership
from ltc.users.roles import Role

BATCH = 1000
BANT = ("budget", "authority", "need_level", "timeline")
SELLERS = (Role.REP, Role.MANAGER)


@transaction.atomic
def start_import(*, actor: Actor, table: Table, file_name: str = "", mapped: bool = False, **choices: Any) -> ImportBatch:
    """Take the rows of a file in, guess what its columns and words mean, and check it. Nothing is made of them yet.

    `mapped` says that the headings are our own field names. `choices` are those of `map_import`. Raises Forbidden, Refusal.
    """
    if not actor.has_perm("imports.add") or (actor.kind == "api" and not actor.has_perm("leads.add")):  # a key's rows go in as the system
        raise Forbidden(_("You may not import leads. Ask your administrator."))
    member = actor if isinstance(actor, Membership) else None
    batch = ImportBatch.objects.create(
        file_name=file_name[:255],
        headers=list(table.headers),
        total=len(table.rows),
        owner=member,
        started_by_key="" if member else actor.label[:120],
        lead_owner=member if member and member.role in SELLERS else None,
    )
    rows = [ImportRow(batch=batch, line=row.line, raw=row.cells, tenant_id=current_tenant_id()) for row in table.rows]
    ImportRow.objects.bulk_create(rows, batch_size=BATCH)
    columns = (
        {name: name if name in FIELDS or name.startswith(OWN) else "" for name in table.headers} if mapped else guess_columns(table.headers)
    )
    return map_import(batch, actor=actor, **{"columns": columns, **choices})


@transaction.atomic
def map_import(
    batch: ImportBatch,
    *,
    actor: Actor,
    columns: Mapping[str, str] | None = None,
    states: Mapping[str, str] | None = None,
    channels: Mapping[str, str] | None = None,
    **settings: Any,
) -> ImportBatch:
    """Say what columns and words mean, then check all rows again.

    `columns`: heading -> field ("" leaves it out, and keeps it). `states`: their word -> our state; `channels`: their word -> the code
    of a channel, which is made if it is new. Words that are not named are guessed. Raises Forbidden, Refusal.
    """
    batch = _locked(batch, actor, ImportBatch.State.MAPPING, ImportBatch.State.CHECKED)
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
            batch.date_order = date_order_of(words_of(_cells(batch), batch.columns, "captured_at"))
    if states and (wrong := [state for state in states.values() if state and state not in TARGET_STATES]):
        raise Refusal(
            _("“%(state)s” is no state that a lead can be imported in.") % {"state": wrong[0]}, code="invalid_input", field="states"
        )
    for name in ("source_system", "channel", "lead_owner", "date_order", "country", "on_duplicate"):
        if name in settings:
            setattr(batch, name, settings.pop(name))
    if settings:
        raise TypeError(f"{', '.join(settings)} is no choice of an import.")
    batch.channel = batch.channel or _default_channel()
    cells = _cells(batch)
    batch.values = {
        "state": _states(words_of(cells, batch.columns, "state"), {**batch.values.get("state", {}), **(states or {})}),
        "channel": _channels(
            words_of(cells, batch.columns, "channel"),
            {**batch.values.get("channel", {}), **(channels or {})},
            may_add=actor.has_perm("channels.add"),
        ),
    }
    _check_rows(batch)
    batch.state = ImportBatch.State.CHECKED
    batch.save()
    return batch


@transaction.atomic
def run(batch: ImportBatch, *, actor: Actor) -> ImportBatch:
    """Bring the rows in, in the background. Raises Forbidden, Refusal."""
    batch = _locked(batch, actor, ImportBatch.State.CHECKED)
    add_missing(batch, actor=actor)
    batch.state = ImportBatch.State.RUNNING
    batch.save()
    enqueue("leads.import", key=f"{batch.pk}:0", payload={"batch": str(batch.pk)})
    return batch


def _locked(batch: ImportBatch, actor: Actor, *states: str) -> ImportBatch:
    locked = ImportBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if not actor.has_perm("imports.change", locked):
        raise Forbidden(_("This import is someone else's."))
    if locked.state not in states:
        raise Refusal(_("This import has been started already. Upload the file again to repeat it."), code="invalid_transition")
    return locked


def _cells(batch: ImportBatch) -> list[dict[str, str]]:
    return list(batch.rows.order_by("line").values_list("raw", flat=True))


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


def plan_of(batch: ImportBatch) -> Plan:
    """How the rows of an import are understood."""
    tenant = Tenant.objects.get(pk=current_tenant_id())
    has_own = any(name.startswith(OWN) for name in batch.columns.values())
    owners: dict[str, str] = {}
    if "owner" in batch.columns.values():
        for pk, name, email in Membership.objects.filter(state="active").values_list("pk", "name", "email"):
            owners[name.lower()] = owners[email.lower()] = str(pk)
        owners = {word: owners.get(word.lower(), "") for word in words_of(_cells(batch), batch.columns, "owner")}
    return Plan(
        columns=batch.columns,
        states=batch.values.get("state", {}),
        channels=batch.values.get("channel", {}),
        owners=owners,
        date_order=batch.date_order,
        country=batch.country or ("CN" if tenant.base_currency == "CNY" else "US" if tenant.base_currency == "USD" else ""),
        currency=tenant.base_currency,
        zone=ZoneInfo(tenant.time_zone),
        attributes=kinds_of(batch.columns, _cells(batch)) if has_own else {},
    )


def meanings(batch: ImportBatch, plan: Plan) -> Iterator[tuple[ImportRow, Meaning]]:
    """Each waiting row with what it means."""
    for row in batch.rows.filter(outcome=ImportRow.Outcome.WAITING).order_by("line"):
        yield row, read_row(row.raw, plan)


def _check_rows(batch: ImportBatch) -> None:
    pairs = list(meanings(batch, plan_of(batch)))
    known = set(
        Lead.objects.filter(
            source_system=batch.source_system, external_ref__in=[meaning.external_ref for _row, meaning in pairs if meaning.external_ref]
        ).values_list("external_ref", flat=True)
    )
    alike = _known_marks([meaning for _row, meaning in pairs])
    seen: set[str] = set()
    for row, meaning in pairs:
        warnings = list(meaning.warnings)
        if meaning.external_ref and meaning.external_ref in seen:
            warnings.append(("repeated_reference", "external_ref", meaning.external_ref))
        elif meaning.external_ref in known:
            warnings.append(("known_reference", "external_ref", meaning.external_ref))
        elif _marks(meaning) & alike:
            warnings.append(("duplicate", "", ""))
        seen.add(meaning.external_ref)
        if meaning.captured_at and meaning.captured_at > timezone.now():
            warnings.append(("in_the_future", "captured_at", ""))
        if problem := expected_state_problem(meaning, batch):
            warnings.append((problem, "state", meaning.state_word))
        row.errors, row.warnings = [list(each) for each in meaning.errors], [list(each) for each in warnings]
    ImportRow.objects.bulk_update([row for row, _meaning in pairs], ["errors", "warnings"], batch_size=BATCH)


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


def _marks(meaning: Meaning) -> set[tuple[str, str]]:
    marks = {(name, meaning.fields.get(name, "")) for name in ("phone", "email")}
    marks.add(("name_key", normalise_name(meaning.fields.get("company_name", ""))))
    return {(name, value) for name, value in marks if value}


def _known_marks(found: Sequence[Meaning]) -> set[tuple[str, str]]:
    """Those telephone numbers, addresses and companies of the file that a lead has already."""
    by_name: dict[str, set[str]] = {"phone": set(), "email": set(), "name_key": set()}
    for meaning in found:
        for name, value in _marks(meaning):
            by_name[name].add(value)
    wanted = Q()
    for name, values in by_name.items():
        if values:
            wanted |= Q(**{f"{name}__in": values})
    if not wanted:
        return set()
    known = Lead.objects.filter(wanted).exclude(state=LeadState.MERGED).values_list("phone", "email", "name_key")
    return {(name, value) for row in known for name, value in zip(by_name, row, strict=True) if value}
