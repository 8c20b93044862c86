"""ETag, If-Match and If-None-Match: a record's version is its strong tag, "v7".

What the machine works out beside people's changes (a score) does not raise the version, so that it makes nobody's change fail; it
stands behind a dot, `"v7.5f"`, which If-None-Match heeds and If-Match passes over.
"""

import re
from typing import Any, Final

from ltc.api.problems import Problem

TAG: Final = re.compile(r'(W/)?"([^"]*)"')
STALE: Final = "The record has changed since you read it. Read it again, then repeat your change."


def tag_of(record: Any) -> str | None:
    version, worked_out = getattr(record, "version", None), getattr(record, "worked_out", "")
    return None if version is None else f'"v{version}.{worked_out}"' if worked_out else f'"v{version}"'


def is_unchanged(request: Any, record: Any) -> bool:
    """Whether the caller has this version already (If-None-Match)."""
    header, tag = request.headers.get("If-None-Match"), tag_of(record)
    if header is None or tag is None:
        return False
    return header.strip() == "*" or any(f'"{found[1]}"' == tag for found in TAG.findall(header))


def check_match(request: Any, record: Any, *, required: bool) -> None:
    """Raise Problem if If-Match names another version than the locked record has, or is missing where it must not be."""
    header, tag = request.headers.get("If-Match"), tag_of(record)
    if header is None:
        if required:
            raise Problem("precondition_required", "Send If-Match with the ETag of the record as you read it.")
        return
    if tag is None or header.strip() == "*":
        return
    if not any(not weak and value.partition(".")[0] == f"v{record.version}" for weak, value in TAG.findall(header)):
        raise Problem("stale_version", STALE)
