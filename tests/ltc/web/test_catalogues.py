"""Every catalogue is complete: nothing untranslated, nothing fuzzy, the same placeholders on both sides, no Chinese in code."""

import re
from pathlib import Path

import polib
import pytest

ROOT = Path(__file__).parents[3]
SKIP = {"node_modules", "build", "tests", ".git", ".venv", ".state", "migrations"}
DATA = re.compile(r"(^|/)(seeds|demo|letters|texts|amounts|names|uscc)(\.py|/)|(^|/)(money|calendars|customers|catalog|documents)/")
OWN_NAME_OF_CHINESE = "\u7b80\u4f53\u4e2d\u6587"
HAN = re.compile(r"[\u3400-\u9fff]")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}|%[sd]")


def files(suffix: str) -> list[Path]:
    return sorted(path for path in ROOT.rglob(f"*{suffix}") if not SKIP & set(path.relative_to(ROOT).parts))


CATALOGUES = files(".po")


@pytest.mark.parametrize("path", CATALOGUES, ids=[str(path.relative_to(ROOT)) for path in CATALOGUES])
def test_a_catalogue_is_complete(path: Path) -> None:
    catalogue = polib.pofile(str(path))
    assert [entry.msgid for entry in catalogue.untranslated_entries() + catalogue.fuzzy_entries() if not entry.obsolete] == []
    wrong = [
        entry.msgid
        for entry in catalogue
        for text in ([entry.msgstr] if entry.msgstr else entry.msgstr_plural.values())
        if entry.msgctxt is None and set(PLACEHOLDER.findall(entry.msgid)) != set(PLACEHOLDER.findall(text))
    ]
    assert wrong == []


def test_the_code_speaks_english_and_the_catalogues_speak_chinese() -> None:
    spoken = [
        str(path.relative_to(ROOT))
        for path in files(".py")
        if not DATA.search(str(path.relative_to(ROOT))) and HAN.search(path.read_text().replace(OWN_NAME_OF_CHINESE, ""))
    ]
    assert spoken == []
