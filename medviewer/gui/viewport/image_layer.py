"""Finished pixels onto the screen, one to one: nothing is scaled and nothing converted while painting."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage, QPainter

from medviewer.imaging.render import Picture
from medviewer.imaging.viewing import Target

BLACK = QColor("#000000")


class ImageLayer:
    """Keeps one picture in the form that Qt copies fastest: 32 bits a pixel, opaque.

    Drawing an 8-bit picture makes Qt convert all of it at each paint, twice the price of the paint itself.
    The next picture of the same size is written over the one before: memory that is new each time is cold.
    """

    def __init__(self) -> None:
        self._picture: Picture | None = None
        self._pixels: NDArray[np.uint8] | None = None
        self._image = QImage()

    def show(self, picture: Picture | None) -> None:
        """Take another picture, or none."""
        if picture is self._picture:
            return
        self._picture = picture
        if picture is None:
            self._image, self._pixels = QImage(), None
        elif self._pixels is not None and self._pixels.shape[:2] == picture.size:
            picture.bgra(self._pixels)
        else:
            pixels = picture.bgra()
            rows, columns = picture.size
            # Qt does not own what it points to
            self._image, self._pixels = (
                QImage(pixels.data, columns, rows, pixels.strides[0], QImage.Format.Format_RGB32),
                pixels,
            )

    def paint(self, painter: QPainter, size: tuple[int, int], target: Target | None) -> None:
        """Paint the picture at *target* and black around it; *size* is (height, width) in device pixels."""
        height, width = size
        if target is None or self._image.isNull():
            painter.fillRect(0, 0, width, height, BLACK)
            return
        inside = QRect(target.x, target.y, self._image.width(), self._image.height()) & QRect(
            0, 0, width, height
        )
        for around in _around(inside, width, height):
            painter.fillRect(around, BLACK)
        if not inside.isEmpty():
            painter.drawImage(inside.topLeft(), self._image, inside.translated(-target.x, -target.y))


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
