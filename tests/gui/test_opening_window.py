"""The window while something is being opened: pictures first, the bars around them soon."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt, QTimer
from PySide6.QtWidgets import QApplication

from medviewer.gui import theme
from medviewer.gui.main_window import MainWindow
from medviewer.session.session import Session


@pytest.fixture
def opening(qapp: QApplication, ct_session: Session) -> Iterator[MainWindow]:
    theme.apply(qapp, "dark")
    window = MainWindow(ct_session, opening=True)
    window.show()
    window.activateWindow()
    yield window
    window.close()
    window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def _place(window: MainWindow) -> tuple[QPoint, tuple[int, int]]:
    QApplication.processEvents()
    return window.grid.mapTo(window, QPoint()), window.grid.size().toTuple()


def test_pictures_stay_where_they_are_when_the_bars_come(opening: MainWindow) -> None:
    before = _place(opening)
    assert opening._around is None
    around = [opening.bar, opening.status, opening.menuBar()]
    assert _place(opening) == before
    assert all(one.isVisible() for one in around)


def test_no_room_is_kept_for_a_bar_that_was_hidden(opening: MainWindow, ct_session: Session) -> None:
    opening.actions_.action("gui.tool_bar").trigger()
    top, _ = _place(opening)
    opening.close()
    again = MainWindow(ct_session, opening=True)
    again.show()
    before = _place(again)
    assert again.bar.isHidden()
    assert (before[0], _place(again)) == (top, before)
    again.close()
    again.deleteLater()


def test_a_key_pressed_before_the_bars_are_there_acts(opening: MainWindow, qtbot) -> None:
    opening.grid.setFocus()
    assert opening._around is None
    qtbot.keyClick(opening.grid.active_view, Qt.Key.Key_X)
    assert opening._around is not None
    assert opening.session.view.current.voi.inverted


def test_the_bars_are_there_soon_after_the_first_picture(opening: MainWindow, qtbot) -> None:
    opening.build_panels_soon(is_opening=True)
    qtbot.waitUntil(lambda: opening._around is not None and opening.tabs.count() > 0, timeout=5000)
    assert opening.bar.isVisible()
    assert opening.menuBar().isVisible()


def test_whoever_works_already_is_answered_while_the_bars_and_panels_are_built(
    opening: MainWindow, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = ["_read_bars", "make_actions", "build_bars", "_build_left", "_read_panels", "build_panels"]
    answered = 0
    seen: dict[str, int] = {}

    def answer() -> None:
        nonlocal answered
        answered += 1

    def noticed(name: str) -> Callable[[], object]:
        build = getattr(opening, name)

        def step() -> object:
            seen.setdefault(name, answered)
            time.sleep(0.003)  # longer than it takes somebody to do the next thing
            return build()

        return step

    for name in steps:
        monkeypatch.setattr(opening, name, noticed(name))
    somebody = QTimer()
    somebody.timeout.connect(answer)
    somebody.start(1)
    opening.build_panels_soon(is_opening=True)
    qtbot.waitUntil(lambda: opening.tabs.count() > 0, timeout=5000)
    somebody.stop()
    assert list(seen) == steps
    assert all(before < after for before, after in itertools.pairwise(seen.values()))
