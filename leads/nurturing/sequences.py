"""Keeping sequences and their steps."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from leads.models import Channel, NurtureSequence, NurtureStep
from leads.nurturing.enrolling import next_position
from leads.nurturing.texts import SAMPLE, write
from ltc.refusals import Forbidden, Refusal
from ltc.users.actors import Actor

EDITABLE = frozenset({"name", "active", "enrols_on", "channels", "grades", "reply_to"})
STEP_EDITABLE = frozenset({"position", "active", "kind", "wait", "unit", "subject_en", "body_en", "subject_zh", "body_zh"})


@transaction.atomic
def create_sequence(*, actor: Actor, **fields: Any) -> NurtureSequence:
    """A new sequence; it has no steps yet. Raises Forbidden, Refusal."""
    if not actor.has_perm("nurturing.add"):
        raise Forbidden(_("You may not add sequences. Ask your administrator."))
    return _saved(NurtureSequence(), fields, EDITABLE)


@transaction.atomic
def update_sequence(sequence: NurtureSequence, *, actor: Actor, **changes: Any) -> NurtureSequence:
    """Change a sequence. While it is switched off nothing of it is sent; what is planned waits. Raises Forbidden, Refusal."""
    _require_change(sequence, actor)
    return _saved(NurtureSequence.objects.select_for_update(of=("self",)).get(pk=sequence.pk), changes, EDITABLE)


@transaction.atomic
def add_step(*, actor: Actor, sequence: NurtureSequence, **fields: Any) -> NurtureStep:
    """Another step of a sequence, at its end unless a position is named. Raises Forbidden, Refusal."""
    _require_change(sequence, actor)
    position = fields.pop("position", None) or next_position(sequence)
    return _saved(NurtureStep(sequence=sequence, position=position), fields, STEP_EDITABLE)


@transaction.atomic
def change_step(step: NurtureStep, *, actor: Actor, **changes: Any) -> NurtureStep:
    """Change a step; who has it before them gets it as it is then. One that is switched off is passed over. Raises Forbidden, Refusal."""
    _require_change(step.sequence, actor)
    return _saved(NurtureStep.objects.select_for_update(of=("self",)).get(pk=step.pk), changes, STEP_EDITABLE)


def previews(step: NurtureStep, *, our_company: str, today: str) -> list[dict[str, str]]:
    """A step as it would reach somebody invented, in each language that it is written in."""
    found = {}
    for wished in ("en", "zh"):
        language, subject, body = step.text(wished)
        values = {**SAMPLE[language], "our_company": our_company, "today": today, "unsubscribe_link": "https://…"}
        subject, body, _html = write(subject, body, language, values)
        found[language] = {"language": language, "subject": subject, "body": body if step.kind == NurtureStep.Kind.EMAIL else ""}
    return list(found.values())


def _require_change(sequence: NurtureSequence, actor: Actor) -> None:
    if not actor.has_perm("nurturing.change", sequence):
        raise Forbidden(_("You may not change sequences. Ask your administrator."))


def _saved(record: Any, fields: Mapping[str, Any], editable: frozenset[str]) -> Any:
    for name, value in fields.items():
        if name not in editable:
            raise TypeError(f"{type(record).__name__} has no {name} to be set.")
        setattr(record, name, value)
    unknown = set(getattr(record, "channels", ())) - set(Channel.objects.values_list("code", flat=True))
    if unknown:
        raise Refusal(_("There is no source “%(code)s”.") % {"code": sorted(unknown)[0]}, code="invalid_input", field="channels")
    try:
        record.full_clean()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Refusal(messages[0], code="invalid_input", field="" if field == "__all__" else field) from error
    record.save()
    return record
