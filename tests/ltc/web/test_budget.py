"""What a browser has to fetch stays small. Skipped where the front end has not been built (`npm run build`)."""

import gzip
from pathlib import Path

import pytest

UI = Path(__file__).parents[3] / "build" / "ui"
pytestmark = pytest.mark.skipif(not (UI / "app.css").exists(), reason="build/ui is absent: run `npm run build` first")
LAZY = "chunk-charts-"


def zipped(pattern: str) -> dict[str, int]:
    return {path.name: len(gzip.compress(path.read_bytes(), 9)) for path in UI.glob(pattern)}


def test_the_style_sheet_is_at_most_20_kilobytes() -> None:
    assert sum(zipped("*.css").values()) <= 20_000


def test_the_scripts_of_any_page_are_at_most_40_kilobytes_without_the_charts() -> None:
    assert sum(size for name, size in zipped("*.js").items() if not name.startswith(LAZY)) <= 40_000


def test_the_charts_are_a_chunk_of_their_own_of_at_most_210_kilobytes() -> None:
    charts = [size for name, size in zipped("*.js").items() if name.startswith(LAZY)]
    assert len(charts) == 1
    assert charts[0] <= 210_000


def test_the_icons_of_all_pages_are_at_most_15_kilobytes() -> None:
    assert zipped("icons.svg")["icons.svg"] <= 15_000
