"""A session without a screen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from medviewer.session.session import Session


@pytest.fixture
def session() -> Iterator[Session]:
    """A viewer without a screen."""
    one = Session()
    yield one
    one.close()
