"""Columns of a file that become attributes of a tenant's own: `attributes.<code>`; those that are new are added when the import runs."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from leads.imports.meaning import OWN
from leads.imports.words import SAMPLE, words_of
from leads.models import ImportBatch, Lead
from ltc.automation.selectors import fields_of
from ltc.automation.services import code_for, create_field, is_personal, kind_of
from ltc.refusals import Forbidden
from ltc.users.actors import SYSTEM, Actor

NEW = OWN + "*"


def named(columns: Mapping[str, str]) -> dict[str, str]:
    """The columns with a code for each that is to become a new attribute, made of its heading."""
    taken = {name for name in columns.values() if name.startswith(OWN) and name != NEW}
    found = dict(columns)
    for header, name in columns.items():
        if name != NEW:
            continue
        code, number = code_for(header), 2
        while OWN + code in taken:
            code, number = f"{code_for(header)[:56]}_{number}", number + 1
        found[header] = OWN + code
        taken.add(OWN + code)
    return found


def kinds_of(batch: ImportBatch, columns: Mapping[str, str]) -> dict[str, str]:
    """The kind of each attribute that columns become: of a known one its own, of a new one what its values are in the first rows."""
    wanted = [name for name in columns.values() if name.startswith(OWN)]
    if not wanted:
        return {}
    known = fields_of(Lead._meta.label_lower)
    return {
        name: str(known[code].kind)
        if (code := name.removeprefix(OWN)) in known
        else kind_of(words_of(batch, columns, name, most=SAMPLE, sample=SAMPLE))
        for name in wanted
    }


def add_missing(batch: ImportBatch, *, actor: Actor) -> None:
    """Add the attributes that the import brings and that nobody has added before. Raises Forbidden."""
    known = fields_of(Lead._meta.label_lower)
    missing = {header: name for header, name in batch.columns.items() if name.startswith(OWN) and name.removeprefix(OWN) not in known}
    if missing and not actor.has_perm("attributes.add"):
        raise Forbidden(_("You may not add attributes. Leave these columns as text, or ask your administrator."))
    kinds = kinds_of(batch, missing)
    for header, name in missing.items():
        code, label = name.removeprefix(OWN), header[:120]
        create_field(actor=SYSTEM, label=label, code=code, kind=kinds[name], is_feature=batch.learn and not is_personal(code, label))
