"""What is wrong with a file, line by line. Kept in a spooled file, so that a file of nothing but faults needs no memory."""

import json
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from receivables.history.values import Wrong

IN_MEMORY = 4_000_000
SORTED_UP_TO = 100_000


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with one line, and what to do about it."""

    line: int
    object: str
    field: str
    message: str
    remedy: str

    def __str__(self) -> str:
        where = ", ".join(filter(None, [self.object, self.field]))
        return f"line {self.line} ({where}): {self.message} {self.remedy}".strip()


class FaultLog:
    """All faults of a run."""

    def __init__(self) -> None:
        self.count = 0
        self._file: Any = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY, mode="w+", encoding="utf-8")  # noqa: SIM115

    def add(self, line: int, object: str, field: str, message: Any, remedy: Any = "") -> None:
        fault = Fault(line, object, _printable(field)[:60], str(message)[:1000], str(remedy)[:1000])
        self._file.write(json.dumps(asdict(fault), ensure_ascii=False) + "\n")
        self.count += 1

    def add_wrong(self, line: int, object: str, wrong: Wrong) -> None:
        self.add(line, _printable(object), wrong.field, wrong.message, wrong.remedy)

    def __iter__(self) -> Iterator[Fault]:
        """By line, as long as there are not too many to sort."""
        self._file.seek(0)
        faults = (Fault(**json.loads(row)) for row in self._file)
        yield from sorted(faults, key=lambda fault: fault.line) if self.count <= SORTED_UP_TO else faults
        self._file.seek(0, 2)


def _printable(text: str) -> str:
    """Names from the file may be anything; what is not printable is shown as its escape."""
    return text if text.isprintable() else text.encode("unicode_escape").decode("ascii")
