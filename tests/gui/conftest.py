"""Windows and sessions for the tests of the window."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QEvent, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from medviewer.gui import theme
from medviewer.gui.main_window import MainWindow
from medviewer.gui.viewport.grid import ViewportGrid
from medviewer.session.session import Session
from tests import factories


@pytest.fixture(autouse=True)
def garbage_is_left_to_this_thread() -> Iterator[None]:
    """As in the program: a worker that finds widgets would end them in a thread that is not theirs."""
    gc.disable()
    yield
    gc.collect(1)
    gc.enable()


@pytest.fixture(autouse=True)
def nothing_left_over(qapp: QApplication) -> Iterator[None]:
    """Fail a test that leaves a widget, a running timer or a thread behind."""
    widgets = set(map(id, QApplication.topLevelWidgets()))
    threads = set(threading.enumerate())
    yield
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    end = time.monotonic() + 2
    while _begun_since(threads) and time.monotonic() < end:
        time.sleep(0.01)
    assert _begun_since(threads) == []
    assert [one for one in QApplication.topLevelWidgets() if id(one) not in widgets and _is_shown(one)] == []
    assert [one for one in _running_timers() if one.parent() is not None] == []


def _begun_since(threads: set[threading.Thread]) -> list[str]:
    """The threads that were not there before; those for strips of pictures stay for the whole process."""
    new = (one.name for one in threading.enumerate() if one not in threads)
    return [name for name in new if not name.startswith("medviewer-strips")]


def _is_shown(widget: QWidget) -> bool:
    return shiboken6.isValid(widget) and widget.isVisible()


def _running_timers() -> list[QTimer]:
    made = (one for one in gc.get_objects() if type(one) is QTimer)
    return [one for one in made if shiboken6.isValid(one) and one.isActive()]


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


@pytest.fixture
def show_grid(qapp: QApplication) -> Iterator[Callable[[Session], ViewportGrid]]:
    """Shows grids of viewports, 400 pixels wide and high, and closes them at the end of the test."""
    theme.apply(qapp, "dark")
    grids: list[ViewportGrid] = []

    def show(session: Session) -> ViewportGrid:
        grid = ViewportGrid(session)
        grids.append(grid)
        grid.resize(400, 400)
        grid.show()
        QApplication.processEvents()
        return grid

    yield show
    for grid in grids:
        grid.close_grid()
        grid.close()
        grid.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def grid(ct_session: Session, show_grid: Callable[[Session], ViewportGrid]) -> ViewportGrid:
    """One viewport with a CT of eight slices, 64 x 64 pixels of one millimetre."""
    return show_grid(ct_session)
