"""What no template may hold: the content security policy and the design tokens depend on it."""

import re
from pathlib import Path

import pytest
from django.template import engines
from django.template.loader import get_template

ROOT = Path(__file__).parents[3] / "templates"
FILES = sorted(ROOT.rglob("*.html"))
NAMES = [str(path.relative_to(ROOT)) for path in FILES]
BANNED = {
    "a hex colour": re.compile(r"#[0-9a-fA-F]{6}\b(?![\w-])"),
    "an inline style": re.compile(r"\sstyle\s*="),
    "an inline handler": re.compile(r"\son[a-z]+\s*=|\bhx-on\b"),
    "an inline script": re.compile(r"<script(?![^>]*\b(?:src=|type=\"application/json\"))"),
    "a dark variant": re.compile(r"\bdark:"),
    "Chinese text": re.compile(r"[\u3400-\u9fff]"),
}


def readable(path: Path) -> str:
    return re.sub(r"{% comment %}.*?{% endcomment %}", "", path.read_text(), flags=re.S)


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_a_template_holds_nothing_that_the_policy_or_the_tokens_forbid(path: Path) -> None:
    text = readable(path)
    assert [name for name, pattern in BANNED.items() if pattern.search(text)] == []


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("components/")])
def test_a_template_compiles(name: str) -> None:
    assert get_template(name)


def test_the_loaders_know_components_and_partials() -> None:
    text = engines["django"].from_string("{% load i18n %}").render({})
    assert text == ""
    assert get_template("records/list.html#rows")
    assert get_template("records/board.html#heads")
