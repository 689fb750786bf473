"""What all tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

SHARED = Path(__file__).resolve().parents[2] / "shared"
"""Real images, licensed for testing, that lie beside the repository where they are available."""


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real images; tests over it are skipped where it is missing."""
    folder = SHARED / "data"
    if not folder.is_dir():
        pytest.skip("the folder of real images is not beside this repository")
    return folder


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Each test has a user folder of its own."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("MEDVIEWER_HOME", str(home))
    return home
