"""How a document number looks: `{prefix}-{yyyy}-{seq:06d}` gives INV-2026-000001."""

import re
from datetime import date

from django.utils.translation import gettext as _

from ltc.refusals import Refusal

DEFAULT_PATTERN = "{prefix}-{yyyy}-{seq:06d}"

# Document types of the kernel and the five stages; a tenant may change the prefix of its own series.
DEFAULT_PREFIXES = {
    "lead": "LD",
    "opportunity": "OPP",
    "quote": "QT",
    "contract": "HT",
    "order": "SO",
    "shipment": "DN",
    "acceptance": "AC",
    "case": "CS",
    "invoice": "INV",
    "credit_note": "CN",
    "receipt": "RC",
    "journal_entry": "JE",
    "statement": "ST",
}

# Not str.format: a pattern is the tenant's text, and a format string can reach into the objects it is given.
TOKEN = re.compile(r"\{(prefix|yyyy|yy|mm|seq(?::0(?P<width>[1-9])d)?)\}")


class BadPattern(Refusal):
    """A pattern that cannot number documents apart."""

    code = "bad_pattern"


def check_pattern(pattern: str) -> None:
    """Raise BadPattern unless the pattern has a sequence, the year, and no token that is unknown."""
    rest = TOKEN.sub("", pattern)
    if "{" in rest or "}" in rest:
        raise BadPattern(_("The pattern has an unknown part. Use {prefix}, {yyyy}, {yy}, {mm}, {seq} or {seq:06d}."))
    tokens = [match.group(1) for match in TOKEN.finditer(pattern)]
    if not any(token.startswith("seq") for token in tokens):
        raise BadPattern(_("The pattern has no {seq}, so all documents would get the same number. Add it."))
    if not {"yyyy", "yy"} & set(tokens):
        raise BadPattern(_("The pattern has no {yyyy}, so the numbers of two years would be the same. Add it."))


def render_number(pattern: str, *, prefix: str, on: date, sequence: int) -> str:
    """The number of a document of that day. Longer sequences than the pattern's width are written in full."""
    values = {"prefix": prefix, "yyyy": f"{on.year:04d}", "yy": f"{on.year % 100:02d}", "mm": f"{on.month:02d}"}

    def value(match: re.Match[str]) -> str:
        token = match.group(1)
        return values[token] if token in values else f"{sequence:0{int(match['width'] or 1)}d}"

    return TOKEN.sub(value, pattern)


def default_prefix(doc_type: str) -> str:
    """The prefix of a document type that its tenant has not named otherwise."""
    return DEFAULT_PREFIXES.get(doc_type) or doc_type[:3].upper()
