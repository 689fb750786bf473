"""The pictures of a NIfTI or NRRD file as the frames of a series."""

from __future__ import annotations

from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.geometry import Plane
from medviewer.core.study import Series, SeriesKey
from medviewer.core.volume import Frame, read_only
from medviewer.imaging.files.grid_file import GridHeader, read_grid
from medviewer.imaging.files.standing import Standing, standing
from medviewer.kit.errors import DamagedFile


class GridSource:
    """The frames of *series*, all in one file that is read when the first is wanted. Threads may share it."""

    def __init__(self, series: Series) -> None:
        self._series = series
        self._lock = Lock()
        self._read: tuple[GridHeader, NDArray[Any], Standing] | None = None

    @property
    def series(self) -> SeriesKey:
        """Which series this is."""
        return self._series.key

    @property
    def count(self) -> int:
        """How many frames there are."""
        return len(self._series.frames)

    def plane(self, index: int) -> Plane:
        """Where frame *index* lies."""
        return self._series.frames[index].plane

    def frame(self, index: int) -> Frame:
        """Frame *index*. Slow at first: workers call it. Raises FileTrouble."""
        address = self._series.frames[index]
        header, values, turned = self._values()
        time, at = divmod(address.frame, header.geometry.shape[0])
        if time >= len(values):
            raise DamagedFile("The file has changed since it was opened.", "Open it again.")
        pixels = turned.picture(values[time, at])
        if pixels.shape[:2] != address.plane.shape:
            raise DamagedFile("The file has changed since it was opened.", "Open it again.")
        return Frame(read_only(_narrow(pixels)), address.plane)

    def close(self) -> None:
        """Hold the voxels no longer."""
        with self._lock:
            self._read = None

    def _values(self) -> tuple[GridHeader, NDArray[Any], Standing]:
        with self._lock:
            if self._read is None:
                header, values = read_grid(self._series.instances[0].path)
                self._read = (header, values, standing(header.geometry))
            return self._read


def _narrow(pixels: NDArray[Any]) -> NDArray[Any]:
    """Numbers as frames hold them: at most 32 bits, a float where a whole number would not fit."""
    if pixels.dtype == np.float64 or pixels.dtype.itemsize == 8:
        return pixels.astype(np.float32)
    return pixels if pixels.base is None else pixels.copy()
