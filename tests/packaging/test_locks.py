"""The locked packages: complete, checked by hash, the same for viewer and tests, naming no source."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

HOME = Path(__file__).resolve().parents[2]
LOCKS = HOME / "packaging" / "requirements"
PIN = re.compile(r"^(?P<name>[a-z0-9-]+)==(?P<version>[^ ;]+)(?: ; (?P<marker>.*?))? \\$", re.MULTILINE)


def pins(lock: str) -> set[tuple[str, str, str]]:
    """Name, version and marker of every locked package."""
    text = (LOCKS / f"{lock}.lock").read_text(encoding="utf-8")
    return {(pin["name"], pin["version"], pin["marker"] or "") for pin in PIN.finditer(text)}


@pytest.mark.parametrize("lock", ["app", "test"])
def test_every_pin_has_a_hash_and_nothing_names_a_place(lock: str) -> None:
    text = (LOCKS / f"{lock}.lock").read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[a-z0-9])", text.strip())
    assert len(entries) == len(pins(lock))
    assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert re.findall(r"://|index-url|find-links|@ file", text) == []


def test_the_tests_run_with_the_versions_that_the_viewer_gets() -> None:
    names = {name for name, _, _ in pins("app")}
    assert {(n, v) for n, v, _ in pins("app")} == {(n, v) for n, v, _ in pins("test") if n in names}


def test_every_declared_dependency_is_locked() -> None:
    project = tomllib.loads((HOME / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    optional = project["optional-dependencies"]
    wanted = {
        "app": [*project["dependencies"], *optional["build"]],
        "test": [*project["dependencies"], *(one for extra in optional.values() for one in extra)],
    }
    for lock, requirements in wanted.items():
        names = {re.match(r"[A-Za-z0-9-]+", one)[0].lower() for one in requirements}
        assert names - {name for name, _, _ in pins(lock)} == set()


def test_the_viewer_is_installed_without_what_training_and_tests_need() -> None:
    assert {name for name, _, _ in pins("app")} & {
        "tensorflow-cpu",
        "tensorflow",
        "keras",
        "pytest",
        "mypy",
    } == set()


def test_decoders_that_crash_or_bind_the_product_to_the_gpl_stay_out() -> None:
    assert {name for name, _, _ in pins("test")} & {
        "python-gdcm",
        "pylibjpeg-libjpeg",
        "opencv-python",
    } == set()


def test_qt_is_a_version_that_python_3_11_survives() -> None:
    installed = tuple(int(part) for part in version("PySide6-Essentials").split(".")[:2])
    assert (6, 10) <= installed < (6, 12)
