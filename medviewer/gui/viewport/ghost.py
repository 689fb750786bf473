"""The place of the mouse in linked viewports: a small cross that moves over what was painted before."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from medviewer.imaging.shapes import HALO, TEXT

ARM_PX, GAP_PX, EDGE_PX = 9, 3, 2
"""The cross leaves its middle open: that is what the reader looks at."""
_SIDE = 2 * (ARM_PX + EDGE_PX) + 1


class Ghost:
    """A cross over one viewport, and that viewport as it was painted last, from which it is wiped away."""

    def __init__(self) -> None:
        self._at: QPoint | None = None
        self._painted = QPixmap()
        self.moves = False
        """whether it has moved since the whole viewport was painted, and is likely to move on"""

    def move(self, at: QPoint | None) -> tuple[QRect, ...]:
        """Stand at a position of the widget, or nowhere; what has to be painted again."""
        if at == self._at:
            return ()
        before, self._at, self.moves = self._at, at, True
        return tuple(_around(one) for one in (before, at) if one is not None)

    def covers(self, size: QSize, ratio: float) -> bool:
        """Whether what was painted last is a viewport of this size."""
        return not self._painted.isNull() and self._painted.size() == size * ratio

    def paint_whole(self, widget: QWidget, area: QRect, draw: Callable[[QPainter], object]) -> None:
        """Let *draw* paint the whole viewport, and paint the cross over it; *area* is what is to be seen.

        While the cross moves the viewport is kept as it is painted; else the mouse stands still while
        pictures are scrolled, and a copy of each would cost as much as showing it.
        """
        keeps, self.moves = self.moves, False
        canvas = self._canvas(widget.size(), widget.devicePixelRatioF()) if keeps else widget
        # ended whatever happens: Qt does not outlive one that is left open
        with QPainter(canvas) as painter:
            draw(painter)
            if not keeps:
                painter.resetTransform()
                self._paint_cross(painter, area)
                self._painted = QPixmap()
        if keeps:
            self.paint_part(widget, area)

    def paint_part(self, widget: QWidget, area: QRect) -> None:
        """Paint a part of the viewport, in logical pixels, as it was, and the cross over it."""
        ratio = self._painted.devicePixelRatio()
        source = QRect(area.topLeft() * ratio, area.size() * ratio)
        with QPainter(widget) as painter:
            painter.drawPixmap(area, self._painted, source)
            self._paint_cross(painter, area)

    def _canvas(self, size: QSize, ratio: float) -> QPixmap:
        whole = size * ratio
        if self._painted.size() != whole or self._painted.devicePixelRatio() != ratio:
            self._painted = QPixmap(whole)
            self._painted.setDevicePixelRatio(ratio)
        return self._painted

    def _paint_cross(self, painter: QPainter, area: QRect) -> None:
        if self._at is None or not _around(self._at).intersects(area):
            return
        x, y = self._at.x(), self._at.y()
        for color, edge in ((QColor(HALO), 1), (QColor(TEXT), 0)):
            for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
                first, last = GAP_PX - edge, ARM_PX + edge
                arm = QRect(QPoint(x + dx * first, y + dy * first), QPoint(x + dx * last, y + dy * last))
                painter.fillRect(
                    arm.normalized().adjusted(
                        -edge * abs(dy), -edge * abs(dx), edge * abs(dy), edge * abs(dx)
                    ),
                    color,
                )


def _around(at: QPoint) -> QRect:
    return QRect(at.x() - _SIDE // 2, at.y() - _SIDE // 2, _SIDE, _SIDE)
