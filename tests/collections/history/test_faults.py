"""Whatever a file holds, each wrong line is told with its number, and nothing is written."""

import io
import json
import random
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from leads.models import Channel, Lead
from ltc.tenancy.context import acting_for
from ltc.tenancy.models import Tenant
from receivables.history.reading import LONGEST_LINE
from receivables.models import HistoryImport, ImportedFact, Invoice
from tests.collections.history import gold
from tests.collections.history.make import at, bring, faults, tenant

pytestmark = pytest.mark.django_db
CHANNEL = {"object": "channel", "ref": "web", "name": "Website", "kind": "web"}
LEAD = {"object": "lead", "ref": "L", "at": at("04-01"), "channel": "web", "company_name": "A", "contact_name": "B", "email": "a@b.cn"}


@pytest.fixture
def books() -> Tenant:
    return tenant()


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ({**LEAD, "colour": "red"}, "colour"),
        ({key: value for key, value in LEAD.items() if key != "channel"}, "channel"),
        ({key: value for key, value in LEAD.items() if key != "email"}, "email"),
        ({**LEAD, "channel": "tv"}, "channel"),
        ({**LEAD, "at": "2026-04-01T09:00:00"}, "at"),
        ({**LEAD, "at": "2126-04-01T09:00:00+08:00"}, "at"),
        ({**LEAD, "at": "2026-04-31T09:00:00+08:00"}, "at"),
        ({**LEAD, "at": 1775000000}, "at"),
        ({**LEAD, "email": "nobody"}, "email"),
        ({**LEAD, "company_name": 7}, "company_name"),
        ({**LEAD, "company_name": "A\x00B"}, "company_name"),
        ({**LEAD, "company_name": "\ud800"}, "company_name"),
        ({**LEAD, "company_name": "A" * 201}, "company_name"),
        ({**LEAD, "test": "yes"}, "test"),
        ({**LEAD, "object": "person"}, "object"),
        ({**LEAD, "object": ["lead"]}, "object"),
        ({"object": "spend", "ref": "S", "channel": "web", "date": "2026-05-01", "amount": 5}, "amount"),
        ({"object": "spend", "ref": "S", "channel": "web", "date": "2026-05-01", "amount": "-5"}, "amount"),
        ({"object": "spend", "ref": "S", "channel": "web", "date": "2026-05-01", "amount": "5.001"}, "amount"),
        ({"object": "spend", "ref": "S", "channel": "web", "date": "2026-05-01", "amount": "5", "currency": "XYZ"}, "currency"),
        ({"object": "spend", "ref": "S", "channel": "web", "date": "2027-05-01", "amount": "5"}, "date"),
        ({"object": "quota", "period": "2026-Q5", "team": "T", "amount": "5"}, "period"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_wrong_line_is_told_with_its_number_and_field(books: Tenant, line: dict[str, Any], field: str) -> None:
    report = bring(books, [CHANNEL, line])
    assert faults(report) == [(2, field)]
    assert all(fault.message and fault.remedy for fault in report.faults)
    with acting_for(books):
        assert not Lead.objects.exists() and not Channel.objects.filter(name="Website", code="web").exists()


@pytest.mark.parametrize(
    "raw",
    [
        b"{", b"[]", b"7", b'"text"', b"null", b'{"object": "team", "object": "team"}', b'{"object": "team", "ref": NaN}', b"\xff\xfe{}",
        b"[" * 20_000, b'{"object": "team", "ref": "' + b"x" * LONGEST_LINE + b'"}', b'{"object": "team", "name": 1' + b"0" * 5000 + b"}",
    ],
    ids=["brace", "list", "number", "text", "null", "twice", "nan", "bytes", "deep", "long", "digits"],
)  # fmt: skip
def test_a_line_that_cannot_be_read_does_not_stop_the_others(books: Tenant, raw: bytes) -> None:
    good = json.dumps(CHANNEL).encode()
    report = bring(books, raw + b"\n" + good + b"\n" + raw + b"\n")
    assert {line for line, _field in faults(report)} == {1, 3}


def test_a_byte_order_mark_windows_line_ends_and_blank_lines_are_no_faults(books: Tenant) -> None:
    raw = b"\xef\xbb\xbf" + json.dumps(CHANNEL).encode() + b"\r\n\r\n  \n" + json.dumps(LEAD).encode()
    report = bring(books, raw)
    assert report.clean and report.lines == 2


def test_all_faults_are_told_at_once_and_what_hangs_on_a_wrong_line_is_not_blamed(books: Tenant) -> None:
    lines = [
        CHANNEL,
        {**LEAD, "at": "yesterday"},
        {"object": "lead_state", "lead": "L", "at": at("04-02"), "to": "assigned"},
        {"object": "lead_state", "lead": "M", "at": at("04-02"), "to": "assigned"},
        {"object": "team", "ref": "T", "name": ""},
    ]
    assert faults(bring(books, lines)) == [(2, "at"), (4, "lead"), (5, "name")]


def test_contradictions_in_the_course_of_things_are_told(books: Tenant) -> None:
    state = {"object": "lead_state", "lead": "L"}
    lines = [
        CHANNEL,
        LEAD,
        {**state, "at": at("03-01"), "to": "assigned"},
        {**state, "at": at("04-05"), "to": "converted"},
        {**LEAD, "ref": "K"},
        {**LEAD, "ref": "J"},
        {"object": "lead_state", "lead": "K", "at": at("04-05"), "to": "merged", "into": "J"},
        {"object": "lead_state", "lead": "J", "at": at("04-06"), "to": "merged", "into": "K"},
    ]
    assert faults(bring(books, lines)) == [(3, "at"), (4, "opportunity"), (7, "into"), (8, "into")]


JUNK: tuple[Any, ...] = (
    None,
    "",
    " ",
    0,
    -1,
    1.5,
    True,
    [],
    {},
    [{}],
    "2026-13-01",
    "99999999999999999999",
    "x" * 5000,
    "\ud83d",
    "\x00",
    "💰",
)


def mutated(lines: list[dict[str, Any]], chance: random.Random) -> bytes:
    """A file with some lines spoilt: fields gone, changed, added or swapped, references cut, bytes flipped."""
    spoilt = [dict(line) for line in lines]
    for _round in range(4):
        line = chance.choice(spoilt)
        key = chance.choice(list(line))
        match chance.randrange(5):
            case 0:
                line.pop(key)
                line.setdefault("object", "lead")
            case 1 | 2:
                line[key] = chance.choice(JUNK)
            case 3:
                line[chance.choice(["ref", "at", "amount", "items", "to", "x"])] = chance.choice(JUNK)
            case 4:
                spoilt.insert(chance.randrange(len(spoilt)), dict(chance.choice(spoilt)))
    raw = bytearray("".join(json.dumps(line) + "\n" for line in spoilt).encode())
    if chance.random() < 0.5:
        for _flip in range(3):
            raw[chance.randrange(len(raw))] = chance.randrange(256)
    return bytes(raw)


@pytest.mark.parametrize("seed", range(12))
def test_no_spoilt_file_breaks_the_import_and_a_faulty_one_writes_nothing(books: Tenant, seed: int) -> None:
    lines = [*gold.sales(), *gold.deliveries(), *gold.service(), *gold.receivables()]
    report = bring(books, mutated(lines, random.Random(seed)))
    assert all(fault.line > 0 and fault.message for fault in report.faults), list(report.faults)
    with acting_for(books):
        written = Lead.objects.exists() or Invoice.objects.exists() or ImportedFact.objects.exists()
        assert written == report.clean


def test_the_command_prints_every_fault_and_ends_with_one(books: Tenant, tmp_path: Path) -> None:
    path, out = tmp_path / "past.jsonl", io.StringIO()
    path.write_text(json.dumps(CHANNEL) + "\n" + json.dumps({**LEAD, "colour": "red"}) + "\n")
    with pytest.raises(SystemExit) as ended:
        call_command("import_history", "gold", str(path), "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert ended.value.code == 1 and not told["ok"] and not told["written"]
    assert [(fault["line"], fault["field"]) for fault in told["faults"]] == [(2, "colour")]
    path.write_text(json.dumps(CHANNEL) + "\n" + json.dumps(LEAD) + "\n")
    out = io.StringIO()
    call_command("import_history", "gold", str(path), "--dry-run", "--json", stdout=out)
    assert json.loads(out.getvalue())["added"] == 2
    call_command("import_history", "gold", str(path), stdout=io.StringIO())
    with acting_for(books):
        assert Lead.objects.count() == 1 and HistoryImport.objects.get().state == "done"
