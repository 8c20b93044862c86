"""Lines become facts: known ones are left out, references resolved, new ones written down, some thousand lines at a time."""

import hashlib
import json
import uuid
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from receivables.history import people
from receivables.history.copying import plain
from receivables.history.format import SPECS, Field
from receivables.history.values import Wrong, read_object
from receivables.history.world import World
from receivables.models import ImportedFact

LINES_AT_ONCE = 2000
Key = tuple[str, str]
Known = tuple[str, uuid.UUID | None, int]

KNOWN = """
SELECT f.object, f.ref, f.digest, f.subject, CASE WHEN f.run_id = %s THEN f.line ELSE 0 END
FROM unnest(%s::text[], %s::text[]) AS wanted (object, ref)
JOIN collections_importedfact f ON f.tenant_id = %s AND f.object = wanted.object AND f.ref = wanted.ref AND f.ref <> ''
"""
SAID_BEFORE = """
SELECT f.object, f.digest, count(*) FROM collections_importedfact f
JOIN (SELECT DISTINCT * FROM unnest(%s::text[], %s::text[]) AS w (object, digest)) wanted USING (object, digest)
WHERE f.tenant_id = %s AND f.run_id <> %s AND f.ref = '' GROUP BY 1, 2
"""
SEEN = """
SELECT object, digest, count(*) FROM history_seen
JOIN (SELECT DISTINCT * FROM unnest(%s::text[], %s::text[]) AS w (object, digest)) wanted USING (object, digest)
GROUP BY 1, 2
"""


class Line:
    """A line that could be read."""

    __slots__ = ("digest", "number", "object", "ref", "subject", "values")

    def __init__(self, number: int, object: str, values: dict[str, Any]) -> None:
        self.number, self.object, self.values = number, object, values
        self.digest = digest_of(values)
        self.ref = natural_key(object, values)
        spec = SPECS[object]
        self.subject: Key | None = None
        if object == "owner_change":
            self.subject = values["record"], values["ref"]
        elif spec.subject and not spec.has_ref:
            self.subject = spec.fields[spec.subject].to, values[spec.subject]


def digest_of(values: dict[str, Any]) -> str:
    """The same facts have the same digest, however they are written."""
    said = json.dumps(_told(values), sort_keys=True, ensure_ascii=False)
    return hashlib.blake2b(said.encode(), digest_size=16).hexdigest()


def _told(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _told(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_told(item) for item in value]
    if isinstance(value, str | int):
        return value
    if isinstance(value, datetime):
        return value.isoformat()
    normal = getattr(value, "normalize", None)
    return format(normal(), "f") if normal else plain(value)


def natural_key(object: str, values: dict[str, Any]) -> str:
    """By what a fact is known again; empty if only by all that it says."""
    if object == "fx_rate":
        return f"{values['from']}/{values['to']} {values['date']}"
    if object == "quota":
        return f"{'user' if 'user' in values else 'team'} {values.get('user') or values.get('team')} {values['period']}"[-100:]
    return str(values["ref"]) if SPECS[object].has_ref else ""


class Staging:
    """Takes the lines in order."""

    def __init__(self, world: World) -> None:
        self.world, self.lines, self.added, self.skipped = world, 0, 0, 0
        self.counts: dict[str, int] = {}
        self._waiting: list[Line] = []
        self._faulty: set[Key] = set()
        self._earlier = ImportedFact.objects.exclude(run=world.run).exists()
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE IF NOT EXISTS history_seen (object text, digest text) ON COMMIT DROP")
            cursor.execute("CREATE INDEX IF NOT EXISTS history_seen_digest ON history_seen (digest)")
            cursor.execute("TRUNCATE history_seen")

    def take(self, number: int, said: dict[str, Any] | Wrong) -> None:
        self.lines += 1
        if isinstance(said, Wrong):
            self.world.faults.add_wrong(number, "", said)
            return
        object, values, wrongs = read_object(said, self.world.clock)
        for wrong in wrongs:
            self.world.faults.add_wrong(number, object, wrong)
        if wrongs:
            if isinstance(values.get("ref"), str) and object != "owner_change":
                self._faulty.add((object, values["ref"]))
            return
        self._waiting.append(Line(number, object, values))
        if len(self._waiting) >= LINES_AT_ONCE:
            self.settle()

    def settle(self) -> None:
        """Write down what has been read so far."""
        lines, self._waiting = self._waiting, []
        known = self._known(lines)
        before, seen = self._said_before(lines)
        skipped = []
        for line in lines:
            if line.ref:
                if (line.object, line.ref) in known:
                    self._compare(line, known[line.object, line.ref])
                    continue
            elif seen.get((line.object, line.digest), 0) < before.get((line.object, line.digest), 0):
                seen[line.object, line.digest] = seen.get((line.object, line.digest), 0) + 1
                skipped.append((line.object, line.digest))
                self.skipped += 1
                continue
            self._keep(line, known)
        if skipped:
            with connection.cursor() as cursor:
                objects, digests = zip(*skipped, strict=True)
                cursor.execute("INSERT INTO history_seen SELECT * FROM unnest(%s::text[], %s::text[])", [list(objects), list(digests)])
        self.world.settle()

    def _known(self, lines: list[Line]) -> dict[Key, Known]:
        """What is known of every ref that these lines have or name."""
        wanted: set[Key] = set()
        for line in lines:
            if line.ref:
                wanted.add((line.object, line.ref))
            if line.subject:
                wanted.add(line.subject)
            _name(SPECS[line.object].fields, line.values, wanted)
        with connection.cursor() as cursor:
            objects, refs = [object for object, _ref in wanted], [ref for _object, ref in wanted]
            cursor.execute(KNOWN, [self.world.run.pk, objects, refs, self.world.tenant.pk])
            return {(object, ref): (digest, subject, line) for object, ref, digest, subject, line in cursor.fetchall()}

    def _said_before(self, lines: list[Line]) -> tuple[dict[Key, int], dict[Key, int]]:
        """How often facts without a ref were said by earlier files, and how often this one has repeated them."""
        wanted = [(line.object, line.digest) for line in lines if not line.ref]
        if not wanted or not self._earlier:
            return {}, {}
        objects, digests = [object for object, _digest in wanted], [digest for _object, digest in wanted]
        with connection.cursor() as cursor:
            cursor.execute(SAID_BEFORE, [objects, digests, self.world.tenant.pk, self.world.run.pk])
            before = {(object, digest): times for object, digest, times in cursor.fetchall()}
            cursor.execute(SEEN, [objects, digests])
            return before, {(object, digest): times for object, digest, times in cursor.fetchall()}

    def _compare(self, line: Line, known: Known) -> None:
        digest, _subject, where = known
        if digest == line.digest:
            self.skipped += 1
            return
        if where:
            message = _("Line %(line)s says something else of “%(ref)s”.") % {"line": where, "ref": line.ref}
        else:
            message = _("An earlier import said something else of “%(ref)s”.") % {"ref": line.ref}
        self.world.faults.add(line.number, line.object, "ref", message, _("Correct this line, or give its record a ref of its own."))

    def _keep(self, line: Line, known: dict[Key, Known]) -> None:
        spec = SPECS[line.object]
        data, unknown, tainted = self._resolved(spec.fields, line, known)
        if line.subject and line.subject not in known:
            if line.subject in self._faulty:
                tainted = True
            else:
                unknown.append(("ref" if line.object == "owner_change" else spec.subject, line.subject))
        seen = set()
        for field, (object, ref) in unknown:
            if (field, ref) not in seen:
                seen.add((field, ref))
                message = _("There is no %(object)s “%(ref)s” before this line.") % {"object": object, "ref": ref}
                self.world.faults.add(line.number, line.object, field, message, _("Put its line further up, or correct the reference."))
        if unknown or tainted:
            if line.ref:
                self._faulty.add((line.object, line.ref))
            return
        subject: uuid.UUID | None
        if line.subject:
            subject = known[line.subject][1]
        else:
            try:
                subject = (
                    people.take_in(self.world, line.object, line.ref, line.values, data)
                    if line.object in people.TAKEN_IN
                    else self.world.identifier()
                )
            except Wrong as wrong:
                self.world.faults.add_wrong(line.number, line.object, wrong)
                self._faulty.add((line.object, line.ref))
                return
        if line.ref:
            known[line.object, line.ref] = line.digest, subject, line.number
        at = line.values.get(spec.at) if spec.at else None
        if at is not None and not isinstance(at, datetime):
            at = self.world.clock.midnight(at)
        self.world.add(
            ImportedFact, run_id=self.world.run.pk, line=line.number, object=line.object, ref=line.ref, digest=line.digest,
            subject=subject, origin=data.get(spec.origin) if spec.origin else None, at=at, data=data,
        )  # fmt: skip
        self.added += 1
        self.counts[line.object] = self.counts.get(line.object, 0) + 1

    def _resolved(
        self, fields: dict[str, Field], line: Line, known: dict[Key, Known]
    ) -> tuple[dict[str, Any], list[tuple[str, Key]], bool]:
        """The values with ids in place of refs; the refs that nobody knows; whether a known-faulty one is among them."""
        unknown: list[tuple[str, Key]] = []
        data, tainted = self._replaced(fields, line.values, known, unknown, "")
        return data, unknown, tainted

    def _replaced(
        self, fields: dict[str, Field], values: dict[str, Any], known: dict[Key, Known], unknown: list[tuple[str, Key]], prefix: str
    ) -> tuple[dict[str, Any], bool]:
        data: dict[str, Any] = {}
        tainted = False
        for name, value in values.items():
            field = fields[name]
            if field.kind == "rows":
                assert field.rows is not None
                rows = []
                for row in value:
                    told, bad = self._replaced(field.rows, row, known, unknown, f"{name}.")
                    rows.append(told)
                    tainted |= bad
                data[name] = rows
            elif field.kind == "ref" and not field.later:
                key = field.to, value
                if key in known:
                    data[name] = str(known[key][1])
                elif key in self._faulty:
                    tainted = True
                else:
                    unknown.append((prefix + name, key))
            else:
                data[name] = value
        return data, tainted


def _name(fields: dict[str, Field], values: dict[str, Any], wanted: set[Key]) -> None:
    """Add the refs that values point to."""
    for name, value in values.items():
        field = fields[name]
        if field.kind == "ref" and not field.later:
            wanted.add((field.to, value))
        elif field.kind == "rows":
            assert field.rows is not None
            for row in value:
                _name(field.rows, row, wanted)
