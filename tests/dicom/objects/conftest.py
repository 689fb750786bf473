"""The objects among the shared data."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def objects(shared_data: Path) -> Path:
    """Their folder."""
    return shared_data / "dicom" / "objects"
