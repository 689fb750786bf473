"""A stack as radiologists look at it: rows and columns exchanged or turned round until it stands upright.

Files of grids may begin in any corner; on a screen the patient's front is above, the right side on the left.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.geometry import ImageGeometry
from medviewer.core.vectors import Vector, point
from medviewer.kit.frozen import frozen

_WANTED = (
    # across the slices: left or right, front or back, head or feet; then along a row, along a column
    ((0.0, 1.0, 0.0), (0.0, 0.0, -1.0)),
    ((1.0, 0.0, 0.0), (0.0, 0.0, -1.0)),
    ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
)


@frozen
class Standing:
    """How slices are turned."""

    exchanged: bool
    """whether rows become columns, before the others"""
    rows_back: bool
    columns_back: bool

    def picture(self, values: NDArray[Any]) -> NDArray[Any]:
        """One slice, (row, column) or (row, column, component), as it is looked at."""
        if self.exchanged:
            values = values.swapaxes(0, 1)
        if self.rows_back:
            values = values[::-1]
        if self.columns_back:
            values = values[:, ::-1]
        return np.ascontiguousarray(values)

    def geometry(self, geometry: ImageGeometry) -> ImageGeometry:
        """Where the turned stack lies."""
        if self.exchanged:
            slices, rows, columns = geometry.shape
            (across, down, right), (gap, high, wide) = geometry.directions, geometry.spacing
            geometry = replace(
                geometry,
                shape=(slices, columns, rows),
                directions=(across, right, down),
                spacing=(gap, wide, high),
            )
        corner = [0, 0, 0]
        across, down, right = geometry.directions
        if self.rows_back:
            corner[1], down = geometry.shape[1] - 1, _opposite(down)
        if self.columns_back:
            corner[2], right = geometry.shape[2] - 1, _opposite(right)
        origin = point(geometry.to_patient(corner))
        return replace(geometry, origin=origin, directions=(across, down, right))


def standing(geometry: ImageGeometry) -> Standing:
    """How the slices of a stack have to be turned; they stay the slices that they are."""
    across, down, right = (np.asarray(one) for one in geometry.directions)
    along_row, along_column = (np.asarray(one) for one in _WANTED[int(np.argmax(np.abs(across)))])
    exchanged = abs(down @ along_row) > abs(right @ along_row)
    if exchanged:
        down, right = right, down
    return Standing(bool(exchanged), bool(down @ along_column < 0), bool(right @ along_row < 0))


def _opposite(direction: Vector) -> Vector:
    x, y, z = (0.0 - one for one in direction)
    return (x, y, z)
