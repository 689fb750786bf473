"""Studies opened before are found and opened again from a list."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from medviewer.gui.bridge import make_session
from medviewer.gui.dialogs.remembered import RememberedDialog
from medviewer.session.session import Session
from tests import factories


def test_a_double_click_on_yesterdays_study_opens_it(qtbot: QtBot, tmp_path: Path) -> None:
    factories.ct(tmp_path / "ct", slices=3)
    yesterday = Session()
    yesterday.run("study.open", paths=(tmp_path / "ct",))
    yesterday.close()
    session = make_session()
    window = QWidget()
    qtbot.addWidget(window)
    dialog = RememberedDialog(session, window)
    dialog.show()
    qtbot.waitUntil(lambda: dialog.model.rowCount() == 1, timeout=10_000)
    assert dialog.model.rows[0][4] == "3"
    spot = dialog.table.visualRect(dialog.table.model().index(0, 0)).center()

    qtbot.mouseClick(dialog.table.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    qtbot.mouseDClick(dialog.table.viewport(), Qt.MouseButton.LeftButton, pos=spot)

    qtbot.waitUntil(lambda: session.view.current.series is not None, timeout=10_000)
    qtbot.waitUntil(lambda: not session.state.jobs, timeout=10_000)
    session.close()
