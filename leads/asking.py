"""What a web form may ask for: what is known of a lead, and the tenant's own attributes (`attributes.<code>`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from leads.imports.meaning import OWN, own_value
from leads.models import Lead
from leads.models.web_forms import ASKED
from ltc.automation.models import CustomField
from ltc.automation.selectors import fields_of

Kind = CustomField.Kind


@dataclass(frozen=True)
class Question:
    """One thing that a form asks: how it is called, of what kind the answer is, and from what it is chosen."""

    name: str
    label: Any
    kind: str = "text"
    options: tuple[str, ...] = ()


USUAL = {name: Question(name, label, name if name in ("email", "phone", "need") else "text") for name, label in ASKED.items()}


def questions() -> dict[str, Question]:
    """All that a form may ask, by name; one query."""
    own = fields_of(Lead._meta.label_lower)
    return USUAL | {f"{OWN}{code}": Question(f"{OWN}{code}", field.label, field.kind, tuple(field.options)) for code, field in own.items()}


def asked_by(names: Any) -> list[Question]:
    """What a form asks, in its order; an attribute that is not in use any more is not asked for."""
    known = questions() if any(str(name).startswith(OWN) for name in names) else USUAL
    return [known[name] for name in names if name in known]


def taken_apart(values: Mapping[str, str]) -> dict[str, Any]:
    """Answers as the fields of a lead: those about attributes come together, each as a value of its kind."""
    found: dict[str, Any] = {name: value for name, value in values.items() if not name.startswith(OWN)}
    asked = {name: value for name, value in values.items() if name.startswith(OWN) and value}
    if asked:
        known = questions()
        own = {name.removeprefix(OWN): own_value(value, known[name].kind) for name, value in asked.items() if name in known}
        found["attributes"] = {code: value for code, value in own.items() if value is not None}
    return found
