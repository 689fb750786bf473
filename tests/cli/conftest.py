"""What tests of the terminal share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.session.pairs import write_pair


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A CT and a PET of the same place."""
    write_pair(tmp_path / "in")
    return tmp_path / "in"
