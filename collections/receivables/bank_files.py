"""Reading a bank's statement: CSV by a mapping of columns, camt.053 (ISO 20022) and MT940 (SWIFT). Pure: text in, lines out.

What cannot be read is told with its place; a line is never guessed.
"""

import csv
import hashlib
import io
import re
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.utils.translation import gettext as _

MOST_LINES: Final = 20_000
COLUMNS: Final = ("date", "value_date", "amount", "credit", "debit", "currency", "payer_name", "payer_account", "text", "ref")


class UnreadableFile(ValueError):
    """The file is not what its format says. The message says where and what to do."""


@dataclass(frozen=True)
class BankLine:
    """One movement on our account: money in is positive, money out negative."""

    place: int
    on: date
    amount: Decimal
    currency: str = ""
    value_date: date | None = None
    payer_name: str = ""
    payer_account: str = ""
    text: str = ""
    ref: str = ""
    account: str = ""

    @property
    def fingerprint(self) -> str:
        """What tells the line from others where the bank gives no reference."""
        parts = (self.on.isoformat(), f"{self.amount.normalize():f}", self.currency, self.payer_name, self.payer_account, self.text)
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:24]


@dataclass(frozen=True)
class Columns:
    """How a bank writes its CSV files: which column is what, by its head or its number from 1."""

    columns: Mapping[str, Any]
    delimiter: str = ","
    date_format: str = "%Y-%m-%d"
    decimal_mark: str = "."
    skip_rows: int = 0


def with_references(lines: list[BankLine]) -> list[BankLine]:
    """The lines, each with a reference: the bank's, else its fingerprint with a number, so that equal lines of one file stay apart."""
    seen: Counter[str] = Counter()
    found = []
    for line in lines:
        if line.ref:
            found.append(line)
            continue
        seen[line.fingerprint] += 1
        found.append(replace(line, ref=f"fp-{line.fingerprint}-{seen[line.fingerprint]}"))
    return found


def read_csv(text: str, mapping: Columns) -> list[BankLine]:
    """The lines of a CSV file. Raises UnreadableFile."""
    rows = list(csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=mapping.delimiter))[mapping.skip_rows :]
    if not rows:
        raise UnreadableFile(_("The file has no rows."))
    head = [cell.strip() for cell in rows[0]]
    places = {name: _column(name, wanted, head) for name, wanted in mapping.columns.items() if wanted not in ("", None)}
    if "date" not in places or not {"amount", "credit"} & places.keys():
        raise UnreadableFile(_("Say which columns hold the date and the amount."))
    lines = []
    for number, row in enumerate(rows[1:], start=mapping.skip_rows + 2):
        if not any(cell.strip() for cell in row):
            continue
        cells = {name: row[place].strip() if place < len(row) else "" for name, place in places.items()}
        lines.append(_csv_line(number, cells, mapping))
    return not_too_many(lines)


def _column(name: str, wanted: Any, head: list[str]) -> int:
    if isinstance(wanted, int) or str(wanted).isdigit():
        return int(wanted) - 1
    try:
        return head.index(str(wanted).strip())
    except ValueError:
        raise UnreadableFile(
            _("The file has no column “%(column)s”. Its columns are: %(head)s.") % {"column": wanted, "head": ", ".join(head)}
        ) from None


def _csv_line(number: int, cells: dict[str, str], mapping: Columns) -> BankLine:
    if cells.get("amount"):
        amount = _number(cells["amount"], number, mapping.decimal_mark)
    else:
        credit, debit = (_number(cells.get(name) or "0", number, mapping.decimal_mark) for name in ("credit", "debit"))
        amount = credit - abs(debit)
    return BankLine(
        number, day_in(cells["date"], number, mapping.date_format), amount, currency=cells.get("currency", "").upper(),
        value_date=day_in(cells["value_date"], number, mapping.date_format) if cells.get("value_date") else None,
        payer_name=cells.get("payer_name", "")[:200], payer_account=cells.get("payer_account", "")[:60], text=cells.get("text", "")[:500],
        ref=cells.get("ref", "")[:100],
    )  # fmt: skip


def _number(text: str, place: int, mark: str = ".") -> Decimal:
    plain = text.replace(" ", "").replace("\u00a0", "").replace("¥", "").replace("￥", "")
    plain = plain.replace(".", "").replace(",", ".") if mark == "," else plain.replace(",", "")
    try:
        number = Decimal(plain)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise UnreadableFile(_("Line %(line)s: “%(text)s” is not an amount.") % {"line": place, "text": text})
    return number


def day_in(text: str, place: int, shape: str) -> date:
    """The date that a text says in a form. Raises UnreadableFile."""
    try:
        return datetime.strptime(text, shape).date()  # noqa: DTZ007  a day has no zone
    except ValueError:
        raise UnreadableFile(
            _("Line %(line)s: “%(text)s” is not a date of the form of this bank.") % {"line": place, "text": text}
        ) from None


def not_too_many(lines: list[BankLine]) -> list[BankLine]:
    """The lines, unless they are more than one import takes. Raises UnreadableFile."""
    if len(lines) > MOST_LINES:
        raise UnreadableFile(_("The file has more than %(most)s lines. Split it.") % {"most": MOST_LINES})
    return lines


def read_camt053(text: str) -> list[BankLine]:
    """The booked entries of a camt.053 statement, whichever version of the schema. Raises UnreadableFile."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise UnreadableFile(_("The file declares a document type, which no bank does."))
    try:
        root = ElementTree.fromstring(text.lstrip("\ufeff"))  # noqa: S314
    except ElementTree.ParseError as error:
        raise UnreadableFile(_("This is not XML: %(why)s") % {"why": error}) from error
    lines: list[BankLine] = []
    for statement in _all(root, "Stmt"):
        account = _text(statement, "Acct/Id/IBAN") or _text(statement, "Acct/Id/Othr/Id")
        for entry in _all(statement, "Ntry"):
            if (_text(entry, "Sts/Cd") or _text(entry, "Sts")) in ("PDNG", "INFO"):
                continue
            lines += _camt_lines(entry, account, len(lines) + 1)
    if not lines and not list(_all(root, "Stmt")):
        raise UnreadableFile(_("This is no camt.053 statement."))
    return not_too_many(lines)


def _camt_lines(entry: Any, account: str, place: int) -> Iterator[BankLine]:
    """One line per entry; of a batch that says its parts, one per part."""
    sign = -1 if (_text(entry, "CdtDbtInd") == "DBIT") != (_text(entry, "RvslInd") == "true") else 1
    on = _camt_day(entry, "BookgDt", place)
    value = _camt_day(entry, "ValDt", place) if _find(entry, "ValDt") is not None else None
    details = list(_all(entry, "TxDtls"))
    amounts = [_find(part, "Amt") if _find(part, "Amt") is not None else _find(part, "AmtDtls/TxAmt/Amt") for part in details]
    if len(details) < 2 or any(amount is None for amount in amounts):
        amounts, details = [_find(entry, "Amt")], details[:1] or [entry]
    reference = _text(entry, "AcctSvcrRef") or _text(entry, "NtryRef")
    for number, (amount, part) in enumerate(zip(amounts, details, strict=True), start=1):
        if amount is None:
            raise UnreadableFile(_("Entry %(line)s has no amount.") % {"line": place})
        own = _text(part, "Refs/AcctSvcrRef")
        ref = own or (f"{reference}-{number}" if reference and len(details) > 1 else reference)
        memo = " ".join(filter(None, [*(_plain(each) for each in _all(part, "Ustrd")), *(_plain(each) for each in _all(part, "Ref"))]))
        yield BankLine(
            place, on, sign * _number(_plain(amount), place), currency=amount.get("Ccy", ""), value_date=value,
            payer_name=(_text(part, "RltdPties/Dbtr/Nm") or _text(part, "RltdPties/Dbtr/Pty/Nm"))[:200],
            payer_account=(_text(part, "RltdPties/DbtrAcct/Id/IBAN") or _text(part, "RltdPties/DbtrAcct/Id/Othr/Id"))[:60],
            text=(memo or _text(entry, "AddtlNtryInf"))[:500], ref=ref[:100], account=account,
        )  # fmt: skip


def _camt_day(entry: Any, name: str, place: int) -> date:
    text = (_text(entry, f"{name}/Dt") or _text(entry, f"{name}/DtTm"))[:10]
    return day_in(text, place, "%Y-%m-%d")


def _all(node: Any, name: str) -> Iterator[Any]:
    return (each for each in node.iter() if each.tag.rpartition("}")[2] == name)


def _find(node: Any, path: str) -> Any:
    for step in path.split("/"):
        node = next((each for each in node if each.tag.rpartition("}")[2] == step), None)
        if node is None:
            return None
    return node


def _plain(node: Any) -> str:
    return "" if node is None else " ".join((node.text or "").split())


def _text(node: Any, path: str) -> str:
    return _plain(_find(node, path))


FIELD: Final = re.compile(r"^:(\d{2}[A-Z]?):", re.MULTILINE)
MOVEMENT: Final = re.compile(
    r"^(?P<value>\d{6})(?P<entry>\d{4})?(?P<sign>RC|RD|C|D)(?P<funds>[A-Z])?(?P<amount>\d+,\d*)(?P<type>[NSF][A-Z0-9]{3})(?P<ref>[^/\n]{0,16})(//(?P<bank>[^\n]{0,34}))?"
)
SUBFIELD_LENGTH: Final = 27
SUBFIELD: Final = re.compile(r"\?(\d{2})")


def read_mt940(text: str) -> list[BankLine]:
    """The movements of an MT940 file, with the payer where the bank writes it in subfields. Raises UnreadableFile."""
    account, currency, lines = "", "", list[BankLine]()
    for number, (tag, content) in enumerate(_fields(text), start=1):
        if tag == "25":
            account = content.split("/")[-1].strip()
        elif tag in ("60F", "60M"):
            currency = content[7:10]
        elif tag == "61":
            lines.append(_mt940_line(content, number, account, currency))
        elif tag == "86" and lines and not lines[-1].text:
            lines[-1] = _with_details(lines[-1], content)
    if not account and not lines:
        raise UnreadableFile(_("This is no MT940 statement."))
    return not_too_many(lines)


def _fields(text: str) -> Iterator[tuple[str, str]]:
    text = re.sub(r"\r\n?", "\n", text)
    found = list(FIELD.finditer(text))
    for place, match in enumerate(found):
        end = found[place + 1].start() if place + 1 < len(found) else len(text)
        yield match.group(1), text[match.end() : end].split("\n-")[0].strip("\n")


def _mt940_line(content: str, place: int, account: str, currency: str) -> BankLine:
    match = MOVEMENT.match(content)
    if match is None:
        raise UnreadableFile(_("Line %(line)s: “%(text)s” is no movement.") % {"line": place, "text": content[:40]})
    value = day_in(match["value"], place, "%y%m%d")
    on = value
    if match["entry"]:
        on = day_in(f"{value:%Y}{match['entry']}", place, "%Y%m%d")
        if (on - value).days > 180:
            on = on.replace(year=on.year - 1)
        elif (value - on).days > 180:
            on = on.replace(year=on.year + 1)
    sign = 1 if match["sign"] in ("C", "RD") else -1
    ref = (match["bank"] or "").strip() or (match["ref"] if match["ref"].strip() != "NONREF" else "").strip()
    return BankLine(place, on, sign * _number(match["amount"], place, ","), currency=currency, value_date=value, ref=ref, account=account)


def _with_details(line: BankLine, content: str) -> BankLine:
    parts = SUBFIELD.split(content.replace("\n", ""))
    if len(parts) < 3:
        return replace(line, text=" ".join(content.split())[:500])
    named: dict[str, str] = {}
    for key, value in zip(parts[1::2], parts[2::2], strict=False):
        named[key] = named.get(key, "") + value
    memo = "".join(
        value if len(value) >= SUBFIELD_LENGTH else f"{value} "  # a full subfield goes on in the next one
        for key, value in named.items()
        if "20" <= key <= "29" or "60" <= key <= "63"
    )
    payer = f"{named.get('32', '')}{named.get('33', '')}".strip()
    return replace(line, text=memo.strip()[:500], payer_name=payer[:200], payer_account=named.get("31", "").strip()[:60])
