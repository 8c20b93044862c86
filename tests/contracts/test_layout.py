"""The tree keeps the promises that ARCHITECTURE makes about it."""

import collections
import json
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from ltc.embedded.ground import PROJECT

PRODUCT = ("ltc", "leads", "opportunities", "orders", "delivery", "collections/receivables")
NO_MODULE_NAMES = {"utils", "helpers", "common", "misc", "core", "base", "managers", "signals", "constants"}
DJANGO_WANTS = {Path("ltc/tenancy/backend/base.py")}
MODULES = sorted(path.relative_to(PROJECT) for package in PRODUCT for path in (PROJECT / package).rglob("*.py"))


def python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True).stdout.strip()


def test_collections_is_no_package():
    assert not (PROJECT / "collections/__init__.py").exists()


def test_from_the_root_collections_is_still_the_standard_librarys():
    assert python("import collections; print(collections.__file__)") == collections.__file__


def test_nothing_but_receivables_lives_in_collections():
    found = {path.name for path in (PROJECT / "collections").glob("*") if path.name != "__pycache__"}
    assert found <= {"receivables"}


def test_one_distribution_brings_the_state_machine():
    assert packages_distributions()["django_fsm"] == ["django-fsm-2"]


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_a_module_is_named_for_what_it_holds_and_fits_one_reading(path: Path):
    assert path in DJANGO_WANTS or path.stem not in NO_MODULE_NAMES
    assert len((PROJECT / path).read_text().splitlines()) <= 450 or "migrations" in path.parts


def test_no_package_is_empty():
    for package in {path.parent for path in MODULES if path.name == "__init__.py"}:
        files = [path for path in (PROJECT / package).rglob("*") if path.is_file() and path.suffix != ".pyc"]
        assert len(files) > 1 or package.name in {"management", "commands", "migrations"}, f"{package} holds nothing"


def test_the_launcher_and_the_embedded_servers_know_nothing_of_the_product():
    for path in (PROJECT / "ltc/embedded").glob("*.py"):
        for line in path.read_text().splitlines():
            if line.startswith(("import ltc", "from ltc")):
                assert line.startswith("from ltc.embedded"), f"{path.name}: {line}"


def test_the_dependency_rule_watches_every_package_that_exists():
    settings = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    present = {Path(package).name for package in PRODUCT if (PROJECT / package).is_dir()}
    assert set(settings["tool"]["importlinter"]["root_packages"]) == present


def test_the_dependency_rule_has_a_place_for_every_kernel_package():
    settings = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    layers = " ".join(settings["tool"]["importlinter"]["contracts"][0]["layers"])
    kernel = {path.parent.name for path in MODULES if path.name == "__init__.py" and path.parts[0] == "ltc" and len(path.parts) == 3}
    assert {name for name in kernel if f"(ltc.{name})" not in layers} == {"embedded"}


def test_every_dependency_says_why_it_is_here():
    told = (PROJECT / "docs/dependencies.md").read_text()
    names = [
        line.strip()
        for name in ("base", "dev", "services")
        for line in (PROJECT / f"requirements/{name}.in").read_text().splitlines()
        if line.strip() and not line.startswith(("#", "-"))
    ]
    if (PROJECT / "package.json").exists():
        node = json.loads((PROJECT / "package.json").read_text())
        names += [*node.get("dependencies", {}), *node.get("devDependencies", {})]
    assert [name for name in names if name not in told] == []


def test_licences_are_given():
    assert "Apache License" in (PROJECT / "LICENSE").read_text()
