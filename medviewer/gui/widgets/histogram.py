"""How often each value occurs, with the window on it that can be dragged."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from medviewer.gui import theme

AXIS_PX, TICK_PX = 20, 4
CATCH_PX = 6.0
"""So near to an end of the window the mouse takes that end, else all of it."""
STEPS = (1.0, 2.0, 5.0, 10.0)
LOW, HIGH, BOTH = "low", "high", "both"


class HistogramPlot(QWidget):
    """A plot of counts over values; `dragged` tells of the lower and upper end of the window, in values."""

    dragged = Signal(float, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Histogram of the shown picture with its window")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMouseTracking(True)
        self.setMinimumHeight(110)
        self.setMaximumHeight(140)
        self.window_ends: tuple[float, float] | None = None
        """the lower and upper end of the window, None without a picture"""
        self._heights = np.zeros(1)
        self._edges = np.array([0.0, 1.0])
        self._shown = (0.0, 1.0)
        self._held = ""
        self._pressed: tuple[float, tuple[float, float]] = (0.0, (0.0, 1.0))
        self._under = ""

    def sizeHint(self) -> QSize:  # noqa: N802  (Qt's name)
        """Wide and low."""
        return QSize(260, 120)

    def show_counts(self, counts: NDArray[np.generic], edges: NDArray[np.generic]) -> None:
        """Show how often values between two *edges* occur; the root makes rare values visible."""
        # one value (air) may be a thousand times as frequent as all that matters
        self._heights = np.sqrt(np.asarray(counts, np.float64))
        self._edges = np.asarray(edges, np.float64)
        self._fit()

    def show_nothing(self) -> None:
        """There is no picture."""
        self._heights, self.window_ends = np.zeros(1), None
        self._edges = np.array([0.0, 1.0])
        self._fit()

    def show_window(self, low: float, high: float) -> None:
        """Show the window without telling anybody."""
        self.window_ends = (low, high)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802  (Qt's name)
        """Another theme: draw in its colours."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.update()

    def place_of(self, value: float) -> float:
        """Where a value stands, in pixels from the left."""
        first, last = self._shown
        return (value - first) / (last - first) * self.width()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802  (Qt's name)
        """Counts, the window over them, the axis below."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_counts(painter)
        self._paint_window(painter)
        self._paint_axis(painter)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802  (Qt's name)
        """Take an end of the window, or all of it."""
        under = self._part_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and under and self.window_ends is not None:
            self._held = under
            self._pressed = (event.position().x(), self.window_ends)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802  (Qt's name)
        """Drag what is held; show what could be."""
        if self._held:
            self._drag(event.position().x())
            return
        under = self._part_at(event.position())
        if under != self._under:
            self._under = under
            self._show_cursor()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802  (Qt's name)
        """Let go, and make room for what was dragged."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._held = ""
            self._fit()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802  (Qt's name)
        """Nothing is under the mouse."""
        self._under = ""
        self._show_cursor()

    def _drag(self, x: float) -> None:
        start, (low, high) = self._pressed
        first, last = self._shown
        by = (x - start) / max(self.width(), 1) * (last - first)
        if self._held == LOW:
            ends = (min(low + by, high), high)
        elif self._held == HIGH:
            ends = (low, max(high + by, low))
        else:
            ends = (low + by, high + by)
        self.window_ends = ends
        self.update()
        self.dragged.emit(*ends)

    def _part_at(self, spot: QPointF) -> str:
        """What of the window is at a place."""
        if self.window_ends is None or spot.y() > self._floor:
            return ""
        low, high = (self.place_of(end) for end in self.window_ends)
        near = {LOW: abs(spot.x() - low), HIGH: abs(spot.x() - high)}
        # where both are near the upper one is taken, to the left of the lower one the lower
        nearest = LOW if near[LOW] < near[HIGH] or spot.x() < low else HIGH
        if near[nearest] <= CATCH_PX:
            return nearest
        return BOTH if low < spot.x() < high else ""

    def _show_cursor(self) -> None:
        shapes = {"": Qt.CursorShape.ArrowCursor, BOTH: Qt.CursorShape.SizeAllCursor}
        self.setCursor(shapes.get(self._under, Qt.CursorShape.SizeHorCursor))
        self.update()

    def _fit(self) -> None:
        """Make room for the values and for both ends of the window, unless one of them is being dragged."""
        self.update()
        if self._held:
            return
        low, high = float(self._edges[0]), float(self._edges[-1])
        room = high - low or 1.0
        first, last = self.window_ends or (low, high)
        # a window far wider than the values would press them into a corner
        left, right = max(min(low, first), low - room), min(max(high, last), high + room)
        margin = 0.03 * (right - left or 1.0)
        self._shown = (left - margin, right + margin)

    @property
    def _floor(self) -> float:
        return self.height() - AXIS_PX

    def _paint_counts(self, painter: QPainter) -> None:
        line = QColor(theme.tokens().muted)
        fill = QColor(line)
        fill.setAlpha(150)
        tallest = max(float(self._heights.max(initial=0)), 1.0)
        tops = self._floor - self._heights / tallest * (self._floor - 6)
        outline = [QPointF(self.place_of(float(self._edges[0])), self._floor)]
        for at, top in enumerate(tops.tolist()):
            outline.append(QPointF(self.place_of(float(self._edges[at])), top))
            outline.append(QPointF(self.place_of(float(self._edges[at + 1])), top))
        outline.append(QPointF(self.place_of(float(self._edges[-1])), self._floor))
        painter.setPen(QPen(line, 1))
        painter.setBrush(fill)
        painter.drawPolygon(QPolygonF(outline))

    def _paint_window(self, painter: QPainter) -> None:
        if self.window_ends is None:
            return
        accent, bright = QColor(theme.tokens().accent), QColor(theme.tokens().text)
        low, high = (self.place_of(end) for end in self.window_ends)
        area = QColor(accent)
        area.setAlpha(80 if BOTH in (self._held, self._under) else 45)
        painter.fillRect(QRectF(low, 0, high - low, self._floor), area)
        for part, place in ((LOW, low), (HIGH, high)):
            painter.setPen(QPen(bright if part in (self._held, self._under) else accent, 2))
            painter.drawLine(QPointF(place, 0), QPointF(place, self._floor))

    def _paint_axis(self, painter: QPainter) -> None:
        colors = theme.tokens()
        painter.setPen(QPen(QColor(colors.line), 1))
        painter.drawLine(QPointF(0, self._floor), QPointF(self.width(), self._floor))
        painter.setFont(self.font())
        widest = painter.fontMetrics().horizontalAdvance("−00000")
        for value in ticks(*self._shown, most=max(2, self.width() // (widest + 16))):
            place = self.place_of(value)
            painter.setPen(QPen(QColor(colors.line), 1))
            painter.drawLine(QPointF(place, self._floor), QPointF(place, self._floor + TICK_PX))
            painter.setPen(QColor(colors.muted))
            words = f"{value:g}".replace("-", "\N{MINUS SIGN}")
            half = painter.fontMetrics().horizontalAdvance(words) / 2
            if half <= place <= self.width() - half:
                at = QRectF(place - half - 1, self._floor + TICK_PX, 2 * half + 2, AXIS_PX - TICK_PX)
                painter.drawText(at, Qt.AlignmentFlag.AlignCenter, words)


def ticks(first: float, last: float, most: int) -> list[float]:
    """Round values between two, *most* or fewer."""
    rough = (last - first) / most
    size = 10.0 ** math.floor(math.log10(rough))
    step = next((size * one for one in STEPS if size * one >= rough), size * STEPS[-1])
    digits = max(0, -math.floor(math.log10(step)))
    return [
        round(number * step, digits) for number in range(math.ceil(first / step), math.floor(last / step) + 1)
    ]
