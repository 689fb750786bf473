"""Cutting a label along the view: what an outline covers, on one slice or on all of a stack behind it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from medviewer.core.geometry import Plane
from medviewer.core.vectors import Point, dot, moved
from medviewer.imaging.outline import enclosed
from medviewer.imaging.segment.grid import Mask

_ALONG = 1e-3
"""A view with a smaller cosine to a slice looks along it."""


class Outline:
    """An outline on the plane of a view, and what it covers when looked through."""

    def __init__(self, view: Plane, points: Sequence[Point]) -> None:
        """*points* are patient positions on *view*."""
        self._view = view
        self._points = tuple(points)
        self._mask, self._start = enclosed([view.to_image(one) for one in points], view.shape)

    def covers(self, plane: Plane, labelled: Mask) -> Mask:
        """Which of the *labelled* pixels (row, column) of *plane* lie behind or before the outline."""
        if view_is_parallel(self._view, plane):
            mask, (top, left) = enclosed([self._projected(one, plane) for one in self._points], plane.shape)
            found = np.zeros(plane.shape, bool)
            found[top : top + mask.shape[0], left : left + mask.shape[1]] = mask
            found &= labelled
            return found
        found = np.zeros(plane.shape, bool)
        rows, columns = np.nonzero(labelled)
        found[rows, columns] = self._looked_up(plane, rows, columns)
        return found

    def _projected(self, point: Point, plane: Plane) -> tuple[float, float]:
        """Where (row, column) the line of sight through a point of the outline meets another slice."""
        normal = self._view.normal
        way = plane.distance(point) / dot(normal, plane.normal)
        return plane.to_image(moved(point, normal, -way))

    def _looked_up(
        self, plane: Plane, rows: NDArray[np.intp], columns: NDArray[np.intp]
    ) -> NDArray[np.bool_]:
        """Whether pixels of a slice that the view looks along lie on pixels of the view inside."""
        corners = [self._view.to_image(plane.to_patient(*one)) for one in ((0, 0), (1, 0), (0, 1))]
        start, down, right = np.asarray(corners)
        places = start + np.outer(rows, down - start) + np.outer(columns, right - start)
        spots = np.rint(places).astype(int) - self._start
        inside = ((spots >= 0) & (spots < self._mask.shape)).all(axis=1)
        found = np.zeros(len(rows), bool)
        found[inside] = self._mask[spots[inside, 0], spots[inside, 1]]
        return found


def view_is_parallel(view: Plane, plane: Plane) -> bool:
    """Whether a view looks across a slice, not along it."""
    return abs(dot(view.normal, plane.normal)) > 1 - _ALONG
