"""The grid of viewports at full size for measuring, and the least that Qt can do in its place."""

from __future__ import annotations

import gc
import itertools
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QEventLoop, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from medviewer.gui.bridge import make_session
from medviewer.gui.viewport.grid import ViewportGrid
from medviewer.gui.viewport.view import ViewportView

SIZE = (1920, 1080)
LONGEST_WAIT_S = 30.0


class Blit(QWidget):
    """Draws ready images, black around them: nothing that shows pictures can do less."""

    def __init__(self, places: Sequence[tuple[QRect, QRect]]) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.painted = 0
        self._tiles = []
        for tile, picture in places:
            image = QImage(picture.size(), QImage.Format.Format_RGB32)
            image.fill(QColor("#606060"))
            self._tiles.append((tile, picture.topLeft(), image))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802  (Qt's name)
        """Black, then the pictures."""
        painter = QPainter(self)
        for tile, at, image in self._tiles:
            painter.fillRect(tile, Qt.GlobalColor.black)
            painter.drawImage(at, image)
        painter.end()
        self.painted += 1


class Screen:
    """The grid of viewports at full size, showing one folder; its series in turn, one in each viewport."""

    def __init__(self, folder: Path, rows: int = 1, columns: int = 1) -> None:
        self.session = make_session()
        self.grid = ViewportGrid(self.session)
        self.grid.resize(*SIZE)
        self.grid.show()
        self.session.run("study.open", paths=(folder,))
        wait_for(lambda: bool(self.session.state.studies) and not self.session.state.jobs)
        self.shown = self.session.state.studies[0].series
        self.session.run("view.layout", rows=rows, columns=columns)
        for number, series in zip(range(rows * columns), itertools.cycle(self.shown), strict=False):
            self.session.run("view.show", series=series.key, viewport=number)
        if rows * columns > 1:
            self.session.run("view.link")
        self.session.run("view.activate", viewport=0)
        self.session.run("view.goto", index=0)
        self.views = [self.grid.view(number) for number in range(rows * columns)]
        self._forth = True
        self._decode_all()

    def close(self) -> None:
        """End everything that was begun."""
        self.grid.close_grid()
        self.grid.close()
        self.session.close()
        del self.grid, self.views
        # here: a worker of the next screen that finds widgets would end timers of another thread
        gc.collect()

    def places(self) -> list[tuple[QRect, QRect]]:
        """Each viewport's tile and the part of it that its picture covers."""
        places = []
        for view in self.views:
            assert view.viewing is not None
            target = view.viewing.target()
            picture = QRect(target.x, target.y, target.width, target.height).translated(view.pos())
            places.append((view.geometry(), picture & view.geometry()))
        return places

    def wheel(self, step: int) -> None:
        """One notch of the wheel over the first viewport, until all that follows from it is painted."""
        index = self.session.view.viewports[0].index
        if index in (0, self.shown[0].count - 1):
            self._forth = index == 0
        self._send(wheel_event(self.views[0], -120 if self._forth else 120))

    def drag(self, step: int) -> None:
        """One move of the mouse with the window tool."""
        way = 1 + abs((step + 1) % 200 - 100)
        self._send(mouse_event(QEvent.Type.MouseMove, self.views[0], way))

    def press(self) -> None:
        """Begin a drag."""
        QApplication.sendEvent(self.views[0], mouse_event(QEvent.Type.MouseButtonPress, self.views[0], 0))

    def release(self) -> None:
        """End a drag."""
        QApplication.sendEvent(self.views[0], mouse_event(QEvent.Type.MouseButtonRelease, self.views[0], 0))

    def _send(self, event: QEvent) -> None:
        before = [view.painted for view in self.views]
        QApplication.sendEvent(self.views[0], event)
        pairs = tuple(zip(self.views, before, strict=True))
        wait_for(lambda: all(view.painted > count for view, count in pairs))

    def _decode_all(self) -> None:
        for series in self.shown:
            for index in range(series.count):
                self.session.frames.load(series.key, index)
        wait_for(lambda: all(view.has_picture and view.is_current for view in self.views))


def wait_for(done: Callable[[], bool]) -> None:
    """Turn the event loop until *done*, asleep while nothing happens. Raises TimeoutError."""
    if done():
        return
    end = time.monotonic() + LONGEST_WAIT_S
    while not done():
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        if time.monotonic() > end:
            raise TimeoutError("the window did not get there")


def wheel_event(view: ViewportView, delta: int) -> QWheelEvent:
    """One notch of the wheel (120) in the middle of a viewport."""
    middle = QPointF(view.rect().center())
    return QWheelEvent(
        middle,
        QPointF(view.mapToGlobal(middle)),
        QPoint(),
        QPoint(0, delta),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )


def mouse_event(kind: QEvent.Type, view: ViewportView, way: int) -> QMouseEvent:
    """The left button *way* pixels off the middle of a viewport."""
    at = QPointF(view.rect().center() + QPoint(way, way // 2))
    button = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else Qt.MouseButton.LeftButton
    held = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else Qt.MouseButton.LeftButton
    return QMouseEvent(kind, at, QPointF(view.mapToGlobal(at)), button, held, Qt.KeyboardModifier.NoModifier)
