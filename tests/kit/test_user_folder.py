"""Where the user's own data lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from medviewer.kit.errors import MedviewerError
from medviewer.kit.paths import user_data


def test_a_folder_that_cannot_be_made_is_told_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("MEDVIEWER_HOME", str(tmp_path / "file" / "home"))
    with pytest.raises(MedviewerError, match="MEDVIEWER_HOME"):
        user_data()
