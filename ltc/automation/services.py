"""Keeping a tenant's own attributes, and checking the values that records get."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from ltc.automation.models import CustomField
from ltc.automation.seeds import PERSONAL_WORDS
from ltc.automation.selectors import fields_of
from ltc.refusals import Forbidden, Refusal, StaleVersion
from ltc.users.actors import Actor

MOST_FIELDS, LONGEST_VALUE = 200, 1000
Kind = CustomField.Kind


@transaction.atomic
def create_field(*, actor: Actor, entity: str = "leads.lead", label: str, code: str = "", **fields: Any) -> CustomField:
    """Add an attribute to a kind of record. Without a code it gets one from its label. Raises Forbidden, Refusal, ValidationError."""
    if not actor.has_perm("attributes.add"):
        raise Forbidden(_("You may not add attributes. Ask your administrator."))
    if CustomField.objects.filter(entity=entity).count() >= MOST_FIELDS:
        raise Refusal(_("There are %(count)d attributes already. Use one of them.") % {"count": MOST_FIELDS})
    field = CustomField(entity=entity, label=label.strip(), code=code or code_for(label), **fields)
    return _saved(field)


@transaction.atomic
def update_field(field: CustomField, *, actor: Actor, version: int | None = None, **changes: Any) -> CustomField:
    """Change an attribute; values that records have already stay as they are. Raises Forbidden, Refusal, StaleVersion, ValidationError."""
    locked = CustomField.objects.select_for_update(of=("self",)).get(pk=field.pk)
    if not actor.has_perm("attributes.change", locked):
        raise Forbidden(_("You may not change attributes. Ask your administrator."))
    if version is not None and locked.version != version:
        raise StaleVersion(_("Someone changed this attribute while you had it open. Reload it and try again."))
    for name, value in changes.items():
        if name not in ("label", "kind", "options", "is_feature", "active"):
            raise TypeError(f"An attribute's {name} stays as it is.")
        setattr(locked, name, value)
    return _saved(locked)


def _saved(field: CustomField) -> CustomField:
    if field.is_feature and is_personal(field.code, field.label):
        sentence = _("Nobody is scored by their sex, age, name, origin or belief. Leave “%(label)s” out of the learning.")
        raise Refusal(sentence % {"label": field.label}, code="invalid_input", field="is_feature")
    if not isinstance(field.options, list) or any(not isinstance(option, str) for option in field.options):
        raise Refusal(_("Give the options as a list of texts."), code="invalid_input", field="options")
    field.full_clean()
    field.save()
    return field


def is_personal(*names: str) -> bool:
    """Whether a name is one of what a person is: sex, age, name, origin, belief."""
    return any(word in PERSONAL_WORDS for name in names for word in re.split(r"[\W_]+", name.lower()))


def code_for(label: str) -> str:
    """A code made of a label: lower case, words joined by underscores."""
    return slugify(label, allow_unicode=True).replace("-", "_").strip("_")[:60] or "attribute"


def checked(entity: str, values: Mapping[str, Any], *, known: Mapping[str, CustomField] | None = None) -> dict[str, Any]:
    """Values for attributes of a record, each as its kind wants it; None and "" mean that there is none. Raises Refusal."""
    known = fields_of(entity) if known is None else known
    found = {}
    for code, value in values.items():
        field = known.get(code)
        if field is None:
            sentence = _("There is no attribute “%(code)s”. Add it in the settings first.")
            raise Refusal(sentence % {"code": code}, code="invalid_input", field="attributes")
        found[code] = None if value is None or value == "" else _read(field, value)
    return found


def _read(field: CustomField, value: Any) -> Any:
    text = str(value).strip()
    match field.kind:
        case Kind.NUMBER:
            number = None if isinstance(value, bool) else number_of(text)
            if number is None:
                raise _wrong(field, _("“%(label)s” is a number."))
            return number
        case Kind.FLAG:
            if not isinstance(value, bool):
                raise _wrong(field, _("“%(label)s” is true or false."))
            return value
        case Kind.DATE:
            try:
                return date.fromisoformat(text).isoformat()
            except ValueError as error:
                raise _wrong(field, _("“%(label)s” is a day, such as 2026-05-01.")) from error
        case Kind.CHOICE if field.options and text not in field.options:
            raise _wrong(field, _("“%(label)s” is not one of its options."))
    if isinstance(value, (dict, list)) or len(text) > LONGEST_VALUE:
        raise _wrong(field, _("“%(label)s” is a text of at most 1000 characters."))
    return text


def _wrong(field: CustomField, sentence: str) -> Refusal:
    return Refusal(sentence % {"label": field.label}, code="invalid_input", field="attributes")


def number_of(text: str) -> int | float | None:
    """The number that a text is, with or without separators of thousands; None if it is none."""
    plain = text.strip().replace(",", "").replace("_", "").rstrip("%")
    if not re.fullmatch(r"[+-]?(\d{1,18}(\.\d{1,12})?|\.\d{1,12})", plain):
        return None
    number = Decimal(plain)
    return int(number) if number == number.to_integral_value() else float(number)


def kind_of(words: Iterable[str]) -> str:
    """What a column of a file is by its values: a number if all of them are, else text."""
    found = [word for word in words if word.strip()]
    return Kind.NUMBER if found and all(number_of(word) is not None for word in found) else Kind.TEXT
