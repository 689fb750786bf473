"""A session that shows eight slices of a phantom."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from medviewer.session.session import Session
from tests import factories


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    """A viewer without a screen, a stack open in it."""
    one = Session()
    one.run("study.open", paths=tuple(factories.ct(tmp_path / "ct", slices=8, step=2.0)))
    yield one
    one.close()
