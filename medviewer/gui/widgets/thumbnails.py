"""Small pictures of series, fetched when they are first seen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage, QPixmap

from medviewer.core.study import Series, SeriesKey
from medviewer.session.session import Session

MOST_KEPT = 400


class Thumbnails(QObject):
    """Asks the session for each thumbnail once, and again when the series has grown."""

    arrived = Signal(str)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._pictures: dict[SeriesKey, QPixmap | None] = {}
        self._counts: dict[SeriesKey, int] = {}

    def get(self, series: Series) -> QPixmap | None:
        """The picture, or None while it is on its way."""
        key = series.key
        if (
            self._counts.get(key) != series.count
        ):  # while a folder is scanned another picture is in the middle
            if len(self._counts) >= MOST_KEPT:
                oldest = next(iter(self._counts))
                del self._counts[oldest]
                self._pictures.pop(oldest, None)
            self._counts[key] = series.count
            self._session.thumbnail(key, lambda pixels: self._take(key, pixels))
        return self._pictures.get(key)

    def _take(self, key: SeriesKey, pixels: NDArray[np.uint8] | None) -> None:
        if pixels is not None:
            self._pictures[key] = pixmap_of(pixels)
            self.arrived.emit(key)


def pixmap_of(pixels: NDArray[np.uint8]) -> QPixmap:
    """A picture, (row, column) grey or (row, column, 3) RGB, as Qt draws it."""
    plain = np.ascontiguousarray(pixels)
    kind = QImage.Format.Format_RGB888 if plain.ndim == 3 else QImage.Format.Format_Grayscale8
    image = QImage(plain.data, plain.shape[1], plain.shape[0], plain.strides[0], kind)
    return QPixmap.fromImage(image)  # this copies, so the array may go
