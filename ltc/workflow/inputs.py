"""What a transition asks of the user. Pages make a dialog of it and the API a schema."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    TEXT = "text"
    LONG_TEXT = "long_text"
    DATE = "date"
    MOMENT = "moment"
    MONEY = "money"
    DECIMAL = "decimal"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    RECORD = "record"
    ROWS = "rows"


@dataclass(frozen=True)
class Input:
    """One value. `choices` and `initial` may be functions of (record, actor); `model` is the label of a RECORD ("users.Membership"),
    narrowed by `limit` (queryset, record, actor) and to what the actor may see; `rows` are the inputs of each row of ROWS."""

    name: str
    label: Any
    kind: Kind = Kind.TEXT
    required: bool = True
    help: Any = ""
    choices: Sequence[tuple[str, Any]] | Callable[[Any, Any], Sequence[tuple[str, Any]]] = ()
    initial: Any = None
    model: str = ""
    limit: Callable[[Any, Any, Any], Any] | None = None
    rows: tuple["Input", ...] = ()
    max_length: int = 2000

    def choices_for(self, record: Any, actor: Any) -> Sequence[tuple[str, Any]]:
        return self.choices(record, actor) if callable(self.choices) else self.choices

    def initial_for(self, record: Any, actor: Any) -> Any:
        return self.initial(record, actor) if callable(self.initial) else self.initial
