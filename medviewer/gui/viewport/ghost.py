"""The place of the mouse in linked viewports: a small cross that moves over what was painted before."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtGui import QColor, QPainter, QPixmap

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

    def canvas(self, size: QSize, ratio: float) -> QPixmap:
        """What the whole viewport, *size* in logical pixels, is to be painted on; it is kept."""
        whole = size * ratio
        if self._painted.size() != whole or self._painted.devicePixelRatio() != ratio:
            self._painted = QPixmap(whole)
            self._painted.setDevicePixelRatio(ratio)
        return self._painted

    def forget(self) -> None:
        """What was painted is no longer of use."""
        self._painted = QPixmap()

    def covers(self, size: QSize, ratio: float) -> bool:
        """Whether what was painted last is a viewport of this size."""
        return not self._painted.isNull() and self._painted.size() == size * ratio

    def paint(self, painter: QPainter, area: QRect) -> None:
        """Paint a part of the viewport, in logical pixels, as it was, and the cross over it."""
        ratio = self._painted.devicePixelRatio()
        source = QRect(area.topLeft() * ratio, area.size() * ratio)
        painter.drawPixmap(area, self._painted, source)
        self.paint_cross(painter, area)

    def paint_cross(self, painter: QPainter, area: QRect) -> None:
        """Paint the cross where it meets a part of the viewport."""
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
