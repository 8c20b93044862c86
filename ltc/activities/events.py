import uuid
from dataclasses import dataclass

from ltc.events.bus import Event


@dataclass(frozen=True, kw_only=True)
class ActivityLogged(Event):
    """Someone did something about a record. `record` is the activity; `subject_type` and `subject` say what it was about,
    `kind` and `direction` what it was. Tasks are told when they are done."""

    subject_type: str
    subject: uuid.UUID
    kind: str
    direction: str = ""
