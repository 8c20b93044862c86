import io
import tracemalloc
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.xml.constants import SHARED_STRINGS

from leads.imports import reading
from leads.imports.reading import Row, UnreadableFile, delimiter_of, joined, read_table, shared_column, stream, table_of

CHINESE = "姓名,公司,手机\n张三,粤衡演示,13800008000\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_file_is_read_in_the_encodings_that_spreadsheets_write(encoding: str) -> None:
    text = CHINESE if encoding not in ("utf-16-le", "utf-16-be") else "Name,Company,Phone\nAda,Example,13800008000\n"
    table = read_table(text.encode(encoding))
    assert len(table.headers) == 3
    assert table.rows[0].cells[table.headers[2]] == "13800008000"
    assert not table.headers[0].startswith("\ufeff")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    text = f"Name{delimiter}Company{delimiter}Phone\r\nAda{delimiter}Example{delimiter}1\r\n"
    assert delimiter_of(text) == delimiter
    assert read_table(text.encode()).rows[0].cells == {"Name": "Ada", "Company": "Example", "Phone": "1"}


def test_lines_are_those_of_the_file() -> None:
    table = read_table(b'Name,Note\n\nAda,"two\nlines"\nBo,x\n')
    assert [(row.line, row.cells["Name"]) for row in table.rows] == [(3, "Ada"), (5, "Bo")]


def test_headings_are_made_different_and_nothing_beyond_them_is_lost() -> None:
    table = read_table(b"Name,Phone,Phone,\nAda,1,2,3,4\nBo\n")
    assert table.headers == ("Name", "Phone", "Phone (2)", "#4", "#5")
    assert table.rows[0].cells == {"Name": "Ada", "Phone": "1", "Phone (2)": "2", "#4": "3", "#5": "4"}
    assert table.rows[1].cells["Name"] == "Bo"


@pytest.mark.parametrize(("data", "reason"), [(b"", "empty"), (b"Name\n", "no_rows"), (b"PK\x03\x04nonsense", "no_workbook")])
def test_what_is_no_table_is_refused_with_a_reason(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFile) as refusal:
        read_table(data)
    assert refusal.value.reason == reason


def test_two_files_are_joined_by_the_column_that_they_share() -> None:
    leads = read_table(b"LeadID,ContactID,State\nL1,C2,New\nL2,C1,Lost\nL3,C9,New\n")
    people = read_table(b"ContactID,FullName,State\nC1,Ada,Texas\nC2,Bo,Ohio\n")
    assert shared_column(leads, people) == "ContactID"
    table = joined(leads, people, "ContactID")
    assert table.headers == ("LeadID", "ContactID", "State", "FullName", "State (2)")
    assert [row.cells["FullName"] for row in table.rows] == ["Bo", "Ada", ""]
    assert table.rows[0] == Row(2, {"LeadID": "L1", "ContactID": "C2", "State": "New", "FullName": "Bo", "State (2)": "Ohio"})


def test_rows_of_a_program_are_a_table_too() -> None:
    table = table_of([{"contact_name": "Ada", "size_employees": 12}, {"email": None}])
    assert table.headers == ("contact_name", "size_employees", "email")
    assert table.rows[1].cells == {"contact_name": "", "size_employees": "", "email": ""}


def workbook(*rows: tuple[Any, ...]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def test_a_workbook_is_read_like_a_file_of_text() -> None:
    table = read_table(
        workbook(("Name", "Phone", "Created", "Amount"), ("Ada", 13800008000, date(2025, 3, 1), 12.5), (), ("Bo", None, None, 7.0))
    )
    assert table.headers == ("Name", "Phone", "Created", "Amount")
    assert table.rows[0] == Row(2, {"Name": "Ada", "Phone": "13800008000", "Created": "2025-03-01", "Amount": "12.5"})
    assert table.rows[1] == Row(4, {"Name": "Bo", "Phone": "", "Created": "", "Amount": "7"})


@pytest.mark.parametrize(
    ("part", "instead"),
    [
        ("xl/styles.xml", b"<styleSheet>" + b"<a/>" * 6_000_000 + b"</styleSheet>"),
        ("[Content_Types].xml", b"<Types>" + b"<a/>" * 6_000_000 + b"</Types>"),
        ("xl/workbook.xml", b"<workbook wrong='1'><sheets/></workbook>"),
        ("xl/worksheets/words.xml", b"<sst>" + b"<si><t>x</t></si>" * 100 + b"</sst>"),
    ],
)
def test_a_workbook_that_is_made_to_break_us_is_none(part: str, instead: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("leads.imports.sheets.MAX_WORDS", 1000)
    words = f'<Override PartName="/xl/worksheets/words.xml" ContentType="{SHARED_STRINGS}"/></Types>'.encode()
    bomb = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook(("Name", "Phone"), ("Ada", "1")))) as good, zipfile.ZipFile(bomb, "w", 8) as bad:
        parts = {name: good.read(name) for name in good.namelist()}
        if part not in parts:
            parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(b"</Types>", words)
        for name, content in {**parts, part: instead}.items():
            bad.writestr(name, content)
    with pytest.raises(UnreadableFile) as refused:
        read_table(bomb.getvalue())
    assert refused.value.reason == "no_workbook"


def test_a_long_file_is_never_in_memory_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    with path.open("w") as out:
        out.write("Name,Email,Note\n")
        out.writelines(f"Person {number},p{number}@example.com,{'x' * 200}\n" for number in range(60_000))
    tracemalloc.start()
    with path.open("rb") as file:
        count = sum(1 for _row in stream(file).rows)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (count, peak < path.stat().st_size / 2) == (60_000, True)


def test_a_file_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_BYTES", 100)
    with pytest.raises(UnreadableFile, match="too_large"):
        read_table(b"x" * 101)
