"""Windows and sessions for the tests of the window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from medviewer.gui import theme
from medviewer.gui.main_window import MainWindow
from medviewer.session.session import Session
from tests import factories


@pytest.fixture
def inline_session() -> Iterator[Session]:
    """A session that does everything at once, in the caller."""
    made = Session()
    yield made
    made.close()


@pytest.fixture
def ct_session(inline_session: Session, tmp_path: Path) -> Session:
    """The same with a CT of eight slices open."""
    factories.ct(tmp_path / "ct", slices=8)
    inline_session.run("study.open", paths=(tmp_path / "ct",))
    return inline_session


@pytest.fixture
def show_window(qapp: QApplication) -> Iterator[Callable[[Session], MainWindow]]:
    """Shows main windows, and closes them at the end of the test."""
    theme.apply(qapp, "dark")
    windows: list[MainWindow] = []

    def show(session: Session) -> MainWindow:
        window = MainWindow(session)
        windows.append(window)
        window.build_panels()
        window.show()
        return window

    yield show
    for window in windows:
        window.close()
        window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def window(ct_session: Session, show_window: Callable[[Session], MainWindow]) -> MainWindow:
    """The main window with a CT of eight slices open."""
    return show_window(ct_session)
