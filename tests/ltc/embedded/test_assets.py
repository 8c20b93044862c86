"""What is built rather than committed, and the checks of what is."""

import os
from pathlib import Path

import polib
import pytest

from ltc.embedded import assets, browser, checks
from ltc.embedded.ground import PROJECT

PO = """
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"

msgid "Lead"
msgstr "线索"
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(assets, "PROJECT", tmp_path)
    return tmp_path


@pytest.fixture
def translations(project: Path) -> Path:
    po = project / "leads/locale/zh_Hans/LC_MESSAGES/django.po"
    po.parent.mkdir(parents=True)
    po.write_text(PO)
    return po


def test_translations_are_compiled_without_gettext_and_only_when_they_changed(translations: Path):
    said: list[str] = []
    assets.compile_translations(said.append)
    assert polib.mofile(str(translations.with_suffix(".mo"))).find("Lead").msgstr == "线索"
    assets.compile_translations(said.append)
    assert said == ["· Compiling 1 translation files"]
    os.utime(translations, (translations.stat().st_mtime + 5,) * 2)
    assets.compile_translations(said.append)
    assert len(said) == 2


def test_what_is_not_ours_is_not_read(project: Path):
    for name in ("node_modules/a/x.po", ".venv/lib/x.po", "myenv/lib/x.po", "leads/x.po"):
        path = project / name
        path.parent.mkdir(parents=True)
        path.touch()
    (project / "myenv/pyvenv.cfg").touch()
    assert assets.our_files(project, (".po",)) == [project / "leads/x.po"]


def test_an_installed_chromium_is_used_before_any_other(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    for name in ("chromium", "google-chrome"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("LTC_CHROMIUM", raising=False)
    assert browser.find() == str(tmp_path / "chromium")
    monkeypatch.setenv("LTC_CHROMIUM", "/opt/mine/chrome")
    assert browser.find() == "/opt/mine/chrome"


def test_a_collections_package_is_refused(tmp_path: Path):
    assert checks.layout(tmp_path) == []
    (tmp_path / "collections").mkdir()
    (tmp_path / "collections/__init__.py").touch()
    assert "would replace the standard library's collections" in checks.layout(tmp_path)[0]


def test_a_lock_file_names_no_host_and_has_a_hash_for_each_package(tmp_path: Path):
    (tmp_path / "requirements").mkdir()
    lock = tmp_path / "requirements/base.txt"
    lock.write_text("django==5.2.19 \\\n    --hash=sha256:" + "0" * 64 + "\n")
    assert checks.lock_files(tmp_path) == []
    lock.write_text("--index-url https://mirror.example/simple\ndjango==5.2.19\n")
    assert checks.lock_files(tmp_path) == [
        "requirements/base.txt names a package registry: remove the line.",
        "requirements/base.txt has a package without a hash.",
    ]
    lock.unlink()
    (tmp_path / "package-lock.json").write_text('{"resolved": "https://mirror.example/esbuild.tgz"}')
    assert checks.lock_files(tmp_path) == ["package-lock.json names a package registry: make it with omit-lockfile-registry-resolved=true."]


def test_the_committed_lock_files_are_in_order():
    assert checks.lock_files(PROJECT) == []
