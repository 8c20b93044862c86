"""Documents as PDF: our own layouts, typeset by Typst in this process.

A layout gets its data, labels included, as one JSON text and never as source, so nothing that a person has entered is ever carried out.
The same layout, data and moment give the same bytes. What comes out is tagged (PDF/UA-1) and can be archived (PDF/A-2), unless it has a
letter that our fonts do not have: then it is a plain PDF with a box in its place, for a name that somebody chose must not keep an
invoice from going out.
"""

import json
import logging
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final, cast

import typst
from django.conf import settings

LAYOUTS: Final = Path(__file__).parent / "layouts"
FONTS: Final = settings.BASE_DIR / "build" / "fonts"
STANDARDS: Final = ["a-2a", "ua-1"]
log = logging.getLogger(__name__)


class FontsMissing(RuntimeError):
    """The fonts of documents are not built. Run `./dev build`, or `npm ci` and `node frontend/build.mjs`."""


@cache
def _fonts() -> typst.Fonts:
    """Our fonts only, so that a document looks the same on every machine; looked up once per process."""
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[FONTS])
    if "Noto Sans SC" not in fonts.families():
        raise FontsMissing(str(FontsMissing.__doc__))
    return fonts


def typeset(layout: str, data: dict[str, Any], *, at: datetime) -> bytes:
    """The PDF of a layout filled with data; `at` is the moment that it is dated. Raises FontsMissing."""
    compiler = typst.Compiler(LAYOUTS / f"{layout}.typ", root=LAYOUTS, font_paths=_fonts(), ignore_system_fonts=True)
    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    stamp = int(at.timestamp())
    try:
        made = compiler.compile(format="pdf", sys_inputs=inputs, pdf_standards=STANDARDS, timestamp=stamp)  # type: ignore[arg-type]
    except typst.TypstError as error:
        log.warning("%s: not to be archived: %s", layout, error)
        made = compiler.compile(format="pdf", sys_inputs=inputs, timestamp=stamp)
    return cast(bytes, made)
