"""The entrance on a fresh machine: what it decides, tried without installing anything."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "packaging" / "run.py"


@pytest.fixture
def entrance() -> ModuleType:
    """A fresh copy of packaging/run.py, loaded but not run."""
    spec = importlib.util.spec_from_file_location("entrance", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_without_a_word_it_says_what_it_can_do() -> None:
    answer = subprocess.run([sys.executable, SCRIPT], capture_output=True, text=True, check=False)
    assert answer.returncode != 0
    assert "packaging/run.py app" in answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize(
    ("system", "words"), [("Darwin", "brew install"), ("Windows", "winget install"), ("Linux", "3.12")]
)
def test_an_old_python_is_told_what_to_install(
    entrance: ModuleType, monkeypatch: pytest.MonkeyPatch, system: str, words: str
) -> None:
    monkeypatch.setattr(entrance, "version", lambda: "3.9")
    monkeypatch.setattr(entrance.platform, "system", lambda: system)
    monkeypatch.setattr(entrance.shutil, "which", lambda name: None)
    with pytest.raises(SystemExit, match=words):
        entrance.find_python()


def test_only_missing_system_packages_are_installed(
    entrance: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []
    monkeypatch.setattr(entrance.platform, "system", lambda: "Linux")
    monkeypatch.setattr(entrance.shutil, "which", lambda name: "/usr/bin/" + name)
    monkeypatch.setattr(entrance, "present_packages", lambda: {"libgl1", "libglib2.0-0"})
    monkeypatch.setattr(entrance, "venv_package", list)
    monkeypatch.setattr(entrance, "install_packages", asked.append)
    entrance.system_packages(["libgl1", "libegl1", "libglib2.0-0"])
    entrance.system_packages(["libgl1"])
    assert asked == [["libegl1"]]


def test_packages_that_stand_in_for_renamed_ones_count_as_installed(
    entrance: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    listing = "ii |libglib2.0-0t64, libglib2.0-0 (= 2.80)\nrc |libgl1, \nii |libegl1:amd64, egl:any\n"
    monkeypatch.setattr(entrance.subprocess, "check_output", lambda command: listing.encode())
    assert entrance.present_packages() == {"libglib2.0-0t64", "libglib2.0-0", "libegl1", "egl"}


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="a system without administrators by number")
def test_somebody_without_sudo_gets_the_exact_command(
    entrance: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entrance.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(entrance.shutil, "which", lambda name: None)
    with pytest.raises(SystemExit, match="sudo apt-get install -y --no-install-recommends libegl1 xvfb"):
        entrance.install_packages(["libegl1", "xvfb"])


def test_a_changed_lock_is_noticed(
    entrance: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("app", "test"):
        (tmp_path / f"{name}.lock").write_text(name)
    monkeypatch.setattr(entrance, "lock_of", lambda name: tmp_path / f"{name}.lock")
    monkeypatch.setattr(entrance, "VENV", tmp_path)
    monkeypatch.setattr(entrance, "PYTHON", Path(sys.executable))
    assert not entrance.is_current("app")
    entrance.stamp("test").write_text(entrance.fingerprint("test"))
    assert entrance.is_current("app"), "the packages for the tests hold those of the viewer"
    (tmp_path / "test.lock").write_text("another version")
    assert not entrance.is_current("app")
    assert not entrance.is_current("test")


def test_the_closing_line_of_the_tests_is_the_last_one(entrance: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "test_one.py").write_text("def test_one():\n    assert False\n")
    good, closing = entrance.pytest(["-q", "-p", "no:cacheprovider", str(tmp_path)], dict(os.environ))
    assert not good
    assert closing.startswith("1 failed")
