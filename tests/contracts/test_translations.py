"""Everything that a person reads can be read in Chinese."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import django
import polib
from django.utils.translation.template import templatize

from ltc.embedded.assets import our_files
from ltc.embedded.ground import PROJECT

CATALOGUES = [path for path in our_files(PROJECT, (".po",)) if "tests" not in path.parts]
SOURCES = [path for path in our_files(PROJECT, (".py",)) if path.relative_to(PROJECT).parts[0] not in ("tests", "bench", "deploy")]
DJANGOS_OWN = Path(django.__file__).parent / "conf/locale/zh_Hans/LC_MESSAGES/django.po"
TEMPLATES = [path for path in our_files(PROJECT, (".html", ".txt")) if "templates" in path.parts]
MARKING = {prefix + "gettext" + kind for prefix in ("", "n", "p", "np") for kind in ("", "_lazy", "_noop")}


def name_of(path: Path) -> str:
    return str(path.relative_to(PROJECT))


@cache
def translated() -> set[tuple[str, str]]:
    return {(entry.msgctxt or "", entry.msgid) for path in [*CATALOGUES, DJANGOS_OWN] for entry in polib.pofile(str(path))}


def calls(tree: ast.AST, names: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Context and text of every string that the tree marks for translation."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            words = [part.value for part in node.args if isinstance(part, ast.Constant) and isinstance(part.value, str)]
            contextual = "pgettext" in names[node.func.id]
            if len(words) > contextual:
                yield (words[0], words[1]) if contextual else ("", words[0])


def marked_in_python(path: Path) -> list[tuple[str, str]]:
    tree = ast.parse(path.read_text())
    names = {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
        if alias.name in MARKING
    }
    return list(calls(tree, names))


def marked_in_template(path: Path) -> list[tuple[str, str]]:
    found = []
    for call in re.finditer(r"\b(?:n?p?gettext)\(", templatize(path.read_text())):
        found += list(calls(first_expression(call.string[call.start() :]), {name: name for name in MARKING}))
    return found


def first_expression(text: str) -> ast.AST:
    for end in (match.end() for match in re.finditer(r"\)", text)):
        try:
            return ast.parse(text[:end].replace("\n", "\\n") if text.count("\n", 0, end) else text[:end], mode="eval")
        except SyntaxError:
            continue
    return ast.Module(body=[], type_ignores=[])


def test_every_string_that_is_marked_has_its_chinese():
    missing = {
        f"{name_of(path)}: {text}"
        for path, marked in [
            *((path, marked_in_python(path)) for path in SOURCES),
            *((path, marked_in_template(path)) for path in TEMPLATES),
        ]
        for context, text in marked
        if (context, text) not in translated()
    }
    assert sorted(missing) == []


def test_no_catalogue_says_a_string_twice() -> None:
    """gettext's own compiler refuses such a catalogue as a whole."""
    for path in CATALOGUES:
        keys = Counter((entry.msgctxt or "", entry.msgid) for entry in polib.pofile(str(path)))
        assert [key for key, times in keys.items() if times > 1] == [], name_of(path)


def test_one_string_has_one_chinese_whichever_page_shows_it() -> None:
    """Django merges all catalogues into one: two translations of the same words would win by chance. Give one of them a context."""
    said: dict[tuple[str, str], set[str]] = {}
    for path in CATALOGUES:
        for entry in polib.pofile(str(path)):
            said.setdefault((entry.msgctxt or "", entry.msgid), set()).add(entry.msgstr or str(entry.msgstr_plural))
    assert {key: words for key, words in said.items() if len(words) > 1} == {}
