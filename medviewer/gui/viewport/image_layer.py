"""Finished pixels onto the screen, one to one: nothing is scaled while painting."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage, QPainter

from medviewer.imaging.render import Picture
from medviewer.imaging.viewing import Target

BLACK = QColor("#000000")
BAND_PX = 65_536
"""A quarter of a megabyte of the screen."""


class ImageLayer:
    """One picture on the screen.

    Qt copies fastest what has 32 bits a pixel and is opaque. A picture is brought into this form band by band
    while it is painted, so that each band is copied from where it was written, the nearest cache of the
    processor: a whole picture would be written to memory and read back.
    """

    def __init__(self) -> None:
        self._picture: Picture | None = None
        self._band = _Band(0, 0)

    def show(self, picture: Picture | None) -> None:
        """Take another picture, or none."""
        self._picture = picture

    def paint(self, painter: QPainter, size: tuple[int, int], target: Target | None) -> None:
        """Paint the picture at *target* and black around it; *size* is (height, width) in device pixels."""
        height, width = size
        picture = self._picture
        if target is None or picture is None:
            painter.fillRect(0, 0, width, height, BLACK)
            return
        rows, columns = picture.size
        inside = QRect(target.x, target.y, columns, rows) & QRect(0, 0, width, height)
        for around in _around(inside, width, height):
            painter.fillRect(around, BLACK)
        if not inside.isEmpty():
            self._paint_bands(painter, picture, target, inside)

    def _paint_bands(self, painter: QPainter, picture: Picture, target: Target, inside: QRect) -> None:
        columns, end = picture.size[1], inside.bottom() + 1 - target.y
        high = max(1, BAND_PX // columns)
        if self._band.size != (high, columns):
            self._band = _Band(high, columns)
        for top in range(inside.top() - target.y, end, high):
            band = slice(top, min(top + high, end))
            picture.bgra(band, self._band.pixels[: band.stop - top])
            painter.drawImage(target.x, target.y + top, self._band.image, 0, 0, columns, band.stop - top)


class _Band:
    """Some rows in the form that Qt copies fastest, written again and again."""

    def __init__(self, rows: int, columns: int) -> None:
        self.size = (rows, columns)
        self.pixels = np.empty((rows, columns, 4), np.uint8)
        # Qt does not own what it points to
        self.image = QImage(self.pixels.data, columns, rows, 4 * columns, QImage.Format.Format_RGB32)


def _around(inside: QRect, width: int, height: int) -> tuple[QRect, ...]:
    """The parts of a viewport that the picture leaves free."""
    if inside.isEmpty():
        return (QRect(0, 0, width, height),)
    top, bottom = inside.top(), inside.bottom() + 1
    left, right = inside.left(), inside.right() + 1
    parts = (
        QRect(0, 0, width, top),
        QRect(0, bottom, width, height - bottom),
        QRect(0, top, left, bottom - top),
        QRect(right, top, width - right, bottom - top),
    )
    return tuple(part for part in parts if not part.isEmpty())
