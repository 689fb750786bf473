"""Small pictures in the list: that of the middle of a series, also when more of it is found."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QApplication

from medviewer.gui.widgets.thumbnails import Thumbnails
from medviewer.session.session import Session
from tests import factories


def test_a_series_that_grows_shows_its_new_middle(
    qapp: QApplication, inline_session: Session, tmp_path: Path
) -> None:
    paths = factories.ct(tmp_path / "ct", slices=9)
    inline_session.run("study.open", paths=tuple(paths[:1]))
    shown = Thumbnails(inline_session)

    def picture() -> bytes:
        series = inline_session.state.studies[0].series[0]
        found = shown.get(series)
        assert found is not None
        return bytes(found.toImage().constBits())

    first = picture()
    assert picture() == first
    inline_session.run("study.open", paths=tuple(paths))
    assert inline_session.state.studies[0].series[0].count == 9
    assert picture() != first
