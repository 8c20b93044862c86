"""Colours that people read: WCAG 2.2 contrast of every pair of tokens that the pages use, in both themes."""

import re
from pathlib import Path

import pytest

TOKENS = Path(__file__).parents[3] / "frontend" / "tokens.css"
HUES = "slate blue teal green amber rose violet".split()
SURFACES = "canvas surface raised sunken hover active".split()
PAIRS = [
    *((text, surface, 4.5) for text in ("text", "text-2", "text-3") for surface in SURFACES),
    *(("accent-text", surface, 4.5) for surface in ("surface", "raised", "accent-soft", "sunken")),
    *((text, "accent-soft", 4.5) for text in ("text", "text-2")),
    *((f"{hue}-text", f"{hue}-soft", 4.5) for hue in HUES),
    *((f"{tone}-text", back, 4.5) for tone in ("danger", "warn", "ok", "info") for back in ("surface", "raised", "hover", f"{tone}-soft")),
    *((f"{hue}-solid", "surface", 3.0) for hue in HUES),
    ("field-line", "surface", 3.0),
    ("field-line", "raised", 3.0),
    ("focus", "surface", 3.0),
    ("focus", "canvas", 3.0),
]  # fmt: skip


def tokens() -> dict[str, tuple[str, str]]:
    found = re.findall(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", TOKENS.read_text())
    return {name: (light, dark) for name, light, dark in found}


def luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "back", "least"), PAIRS)
def test_a_person_with_low_vision_can_read_it(front: str, back: str, least: float, theme: int) -> None:
    values = tokens()
    assert contrast(values[front][theme], values[back][theme]) >= least


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_white_can_be_read_on_the_accent(theme: int) -> None:
    values = tokens()
    assert contrast("#ffffff", values["accent"][theme]) >= 4.5
    assert contrast("#ffffff", values["inverse"][theme]) >= 4.5
