"""The wheel: what is installed elsewhere holds everything that the program needs at run time."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

HOME = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names of the files in a wheel that was just built."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=HOME, check=True, capture_output=True)
    return set(zipfile.ZipFile(next(folder.glob("*.whl"))).namelist())


def test_every_module_and_every_resource_is_in_the_wheel(wheel: set[str]) -> None:
    for folder, inside in (("medviewer", "medviewer"), ("resources", "medviewer/_resources")):
        files = {path.relative_to(HOME / folder) for path in (HOME / folder).rglob("*") if path.is_file()}
        wanted = {f"{inside}/{path.as_posix()}" for path in files if "__pycache__" not in path.parts}
        assert wanted - wheel == set()


def test_the_wheel_carries_the_licence_and_no_tests(wheel: set[str]) -> None:
    assert any(name.endswith("licenses/LICENSE") for name in wheel)
    assert {name for name in wheel if name.split("/")[0] in {"tests", "packaging"}} == set()


def test_the_program_can_be_called_by_its_name(wheel: set[str]) -> None:
    assert any(name.endswith("entry_points.txt") for name in wheel)
