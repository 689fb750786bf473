"""Hands for the tests of viewports: real mouse events, at image positions."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from medviewer.gui.viewport.view import ViewportView

LEFT, MIDDLE, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton
PLAIN = Qt.KeyboardModifier.NoModifier
SHIFT, CTRL, ALT = (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)


def spot(view: ViewportView, row: float, column: float) -> QPoint:
    """The widget position of an image position."""
    assert view.viewing is not None
    x, y = view.viewing.to_view(row, column)
    return QPoint(round(x / view.ratio), round(y / view.ratio))


def place(view: ViewportView, at: QPoint) -> tuple[float, float]:
    """The image position of a widget position."""
    assert view.viewing is not None
    return view.viewing.to_image(at.x() * view.ratio, at.y() * view.ratio)


def press(view: ViewportView, at: QPoint, button=LEFT, keys=PLAIN) -> None:
    QTest.mousePress(view, button, keys, at)


def release(view: ViewportView, at: QPoint, button=LEFT, keys=PLAIN) -> None:
    QTest.mouseRelease(view, button, keys, at)


def move(view: ViewportView, at: QPoint) -> None:
    QTest.mouseMove(view, at)
    QApplication.processEvents()


def click(view: ViewportView, at: QPoint, button=LEFT, keys=PLAIN) -> None:
    QTest.mouseClick(view, button, keys, at)
    # two clicks of a test are two clicks, however near they come
    QTest.qWait(0)


def drag(view: ViewportView, start: QPoint, end: QPoint, button=LEFT, keys=PLAIN, steps: int = 4) -> None:
    """Press, move in a few steps, let go."""
    press(view, start, button, keys)
    way = end - start
    for step in range(1, steps + 1):
        move(view, start + QPoint(way.x() * step // steps, way.y() * step // steps))
    release(view, end, button, keys)
    QApplication.processEvents()


def wheel(view: ViewportView, delta: int, keys=PLAIN, at: QPoint | None = None) -> None:
    """Turn the wheel; 120 is one notch, away from the hand."""
    here = QPointF(view.rect().center() if at is None else at)
    event = QWheelEvent(
        here,
        view.mapToGlobal(here),
        QPoint(),
        QPoint(0, delta),
        Qt.MouseButton.NoButton,
        keys,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view, event)
