"""Masks and labels on planes of their own brought to the pixels of other pictures, the nearest one each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.geometry import Plane
from medviewer.core.vectors import dot, way
from medviewer.imaging.outline import enclosed

NEAR = 0.51
"""A pixel takes the value of a plane that is no further off than this many steps between planes."""
SAME = 1e-3
"""So near together (mm, and differences of direction) two grids are the same."""


def is_same_grid(one: Plane, other: Plane) -> bool:
    """Whether pixels of both lie at the same places."""
    if one.shape != other.shape or one.frame_of_reference != other.frame_of_reference:
        return False
    last = (one.shape[0] - 1, one.shape[1] - 1)
    corners = ((0, 0), (last[0], 0), (0, last[1]))
    return all(
        max(map(abs, way(one.to_patient(*at), other.to_patient(*at)))) <= SAME * max(one.spacing) + SAME
        for at in corners
    )


def onto_plane(
    layers: Sequence[tuple[Plane, NDArray[Any]]], plane: Plane, thickness: float
) -> NDArray[Any] | None:
    """The values of parallel *layers* at the pixels of *plane*, 0 where none is near; None where all are 0.

    *thickness* is that of a layer where there is only one, and where they lie further apart than it.
    """
    first = layers[0][0]
    order = sorted(range(len(layers)), key=lambda at: first.distance(layers[at][0].origin))
    offsets = np.array([first.distance(layers[at][0].origin) for at in order])
    steps = np.diff(offsets)
    reach = NEAR * (min(float(steps[steps > SAME].min()), thickness) if (steps > SAME).any() else thickness)
    rows, columns = np.indices(plane.shape, dtype=np.float64)
    away = way(first.origin, plane.origin)
    along_row = [part * plane.spacing[1] for part in plane.along_row]
    along_column = [part * plane.spacing[0] for part in plane.along_column]
    depth = _linear(first.normal, away, along_row, along_column, rows, columns)
    if depth.min() > offsets[-1] + reach or depth.max() < offsets[0] - reach:
        return None
    middles = (offsets[1:] + offsets[:-1]) / 2
    chosen = np.searchsorted(middles, depth)
    near = np.abs(offsets[chosen] - depth) <= reach
    found = np.zeros(plane.shape, layers[0][1].dtype)
    for at in np.unique(chosen[near]).tolist():
        source, values = layers[order[at]]
        here = near & (chosen == at)
        shift = way(source.origin, plane.origin)
        row = _linear(source.along_column, shift, along_row, along_column, rows[here], columns[here])
        column = _linear(source.along_row, shift, along_row, along_column, rows[here], columns[here])
        row = np.floor(row / source.spacing[0] + 0.5).astype(np.int64)
        column = np.floor(column / source.spacing[1] + 0.5).astype(np.int64)
        inside = (row >= 0) & (row < values.shape[0]) & (column >= 0) & (column < values.shape[1])
        taken = np.zeros(len(row), found.dtype)
        taken[inside] = values[row[inside], column[inside]]
        found[here] = taken
    return found if found.any() else None


def _linear(
    axis: Sequence[float],
    start: Sequence[float],
    along_row: Sequence[float],
    along_column: Sequence[float],
    rows: NDArray[np.float64],
    columns: NDArray[np.float64],
) -> NDArray[np.float64]:
    """How far pixels lie along an axis."""
    return _dot(axis, start) + rows * _dot(axis, along_column) + columns * _dot(axis, along_row)


def _dot(one: Sequence[float], other: Sequence[float]) -> float:
    return dot((one[0], one[1], one[2]), (other[0], other[1], other[2]))


def filled(
    outlines: Sequence[Sequence[tuple[float, float]]], shape: tuple[int, int]
) -> NDArray[np.bool_] | None:
    """The pixels that an odd number of closed outlines (row, column) enclose, so that holes stay holes."""
    mask = np.zeros(shape, bool)
    for outline in outlines:
        part, (top, left) = enclosed(outline, shape)
        mask[top : top + part.shape[0], left : left + part.shape[1]] ^= part
    return mask if mask.any() else None
