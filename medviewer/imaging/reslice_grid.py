"""Where the pixels of a cut lie: its grid, how far it can be moved, and which stacks form a regular grid."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

from medviewer.core.cut import Cut
from medviewer.core.geometry import Calibration, ImageGeometry, Plane
from medviewer.core.vectors import Point, Vector, cross, point
from medviewer.kit.frozen import frozen

PARALLEL = 1e-3
"""How far the components of two directions may differ that are taken as the same."""
DISPLACED = 0.05
"""By how much of a voxel a corner of the stack may be misplaced for voxels to be taken as they are."""
WIDE = 1.5
"""A step between slices of more than this many usual ones is a gap, across which nothing is invented."""
MOST_MORE = 4
"""So many times as many slices as there are a regular grid has at most, for the sake of a small step."""
_SAME_PLACE = 0.01
_ORDERS = ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0))


@frozen
class Aligned:
    """How a cut lies along the axes of a stack: which axis is what, and whether it runs the other way."""

    axes: tuple[int, int, int]
    """axis of the voxels across the cut, down its rows, along its columns"""
    flips: tuple[bool, bool, bool]


@lru_cache(maxsize=256)
def aligned(geometry: ImageGeometry, along_row: Vector, along_column: Vector) -> Aligned | None:
    """Whether pixels of such a cut are voxels as they are, and which; None where they are not.

    Directions agree within 1e-3, and no voxel is displaced by more than 0.05 of itself.
    """
    wanted = np.array([cross(along_row, along_column), along_column, along_row])
    directions = np.asarray(geometry.directions)
    for axes in _ORDERS:
        along = directions[list(axes)]
        signs = np.sign((along * wanted).sum(axis=1))
        if np.abs(along * signs[:, None] - wanted).max() > PARALLEL:
            continue
        lengths = (np.asarray(geometry.shape) - 1) * np.asarray(geometry.spacing)
        spacing = np.asarray(geometry.spacing)[list(axes)]
        shift = (along * signs[:, None] - wanted) * lengths[list(axes)][:, None]
        # across the whole stack, seen along each direction of the cut
        displaced = np.abs(shift @ wanted.T).sum(axis=0) / spacing
        if displaced.max() <= DISPLACED:
            down = (bool(signs[0] < 0), bool(signs[1] < 0), bool(signs[2] < 0))
            return Aligned(axes, down)
    return None


def slice_of(geometry: ImageGeometry, cut: Cut, how: Aligned) -> int:
    """Number, along the axis across the cut, of the voxels nearest to it; the outermost where it misses."""
    axis = how.axes[0]
    first = cut.distance_of(_middle(geometry, axis))
    step = geometry.spacing[axis] * (-1 if how.flips[0] else 1)
    return min(max(math.floor((cut.distance - first) / step + 0.5), 0), geometry.shape[axis] - 1)


@lru_cache(maxsize=256)
def cut_plane(geometry: ImageGeometry, cut: Cut) -> Plane:
    """The grid of pixels of *cut*. It covers the stack whatever the distance, so neighbouring cuts share it.

    Where the axes of the stack lie along the cut the pixels are voxels, at their own spacing, and the plane
    is that of the nearest slice. Otherwise pixels are square, of the smallest spacing of the stack.
    """
    how = aligned(geometry, cut.along_row, cut.along_column)
    if how is not None:
        return _plane_of_voxels(geometry, cut, how)
    step = min(geometry.spacing)
    left, columns = _spread(geometry, cut.along_row, step)
    top, rows = _spread(geometry, cut.along_column, step)
    origin = np.array([left, top, cut.distance]) @ np.array([cut.along_row, cut.along_column, cut.normal])
    return Plane(
        (rows, columns),
        point(origin),
        cut.along_row,
        cut.along_column,
        (step, step),
        geometry.calibration,
        geometry.frame_of_reference,
        placed=True,
    )


@lru_cache(maxsize=256)
def reach(geometry: ImageGeometry, cut: Cut) -> tuple[float, float, float]:
    """(first, last, step): the distances at which *cut* meets the stack, ascending, in mm.

    A step leads to the next voxel: along an axis of the stack that is the distance of its slices.
    """
    how = aligned(geometry, cut.along_row, cut.along_column)
    if how is not None:
        axis = how.axes[0]
        one = cut.distance_of(_middle(geometry, axis))
        length = (geometry.shape[axis] - 1) * geometry.spacing[axis]
        first = one - length if how.flips[0] else one
        return first, first + length, geometry.spacing[axis]
    step = step_across(geometry, cut)
    first, count = _spread(geometry, cut.normal, step)
    if count > 1:
        # the outermost planes only graze the corners
        first, count = first + step / 2, count - 1
    return first, first + (count - 1) * step, step


def step_across(geometry: ImageGeometry, cut: Cut) -> float:
    """The way along the normal of *cut*, in mm, that leads one voxel further."""
    return float(1 / np.linalg.norm(index_steps(geometry, np.asarray(cut.normal))))


def index_steps(geometry: ImageGeometry, way: NDArray[np.float64]) -> NDArray[np.float64]:
    """By how many voxels (slice, row, column) a way of millimetres leads; both (..., 3)."""
    steps: NDArray[np.float64] = geometry.to_index(way + np.asarray(geometry.origin))
    return steps


def slab_offsets(thickness: float, step: float) -> list[float]:
    """Where the planes of a slab lie, in mm from its middle: at steps, all of them within the thickness."""
    half = math.floor(thickness / 2 / step + 1e-6) if thickness > 0 else 0
    return [number * step for number in range(-half, half + 1)]


def regular_geometry(planes: Sequence[Plane]) -> ImageGeometry | None:
    """The regular grid to which slices with gaps or uneven steps are resampled, None where there is none.

    There is one for two or more slices in the patient, in order, that are parallel, of one size, at different
    places on a line. Its step is the one of which all steps are multiples, so that every slice lies on the
    grid; without such a step it is the usual one (median), stretched a little to end on the last slice.
    """
    if len(planes) < 2 or not all(_belongs(plane, planes[0]) for plane in planes):
        return None
    along = distances(planes)
    steps = np.diff(along)
    if steps.min() <= _SAME_PLACE:
        return None
    origins = np.asarray([plane.origin for plane in planes], np.float64)
    way = (origins[-1] - origins[0]) / (along[-1] - along[0])
    off_line = origins - origins[0] - (along - along[0])[:, None] * way
    if np.linalg.norm(off_line, axis=1).max() > max(0.1 * float(np.median(steps)), _SAME_PLACE):
        return None
    length = float(np.linalg.norm(origins[-1] - origins[0]))
    count = (_common_count(along) or max(1, round((along[-1] - along[0]) / float(np.median(steps))))) + 1
    first = planes[0]
    return ImageGeometry(
        (count, *first.shape),
        first.origin,
        (point((origins[-1] - origins[0]) / length), first.along_column, first.along_row),
        (length / (count - 1), *first.spacing),
        first.calibration,
        first.frame_of_reference,
    )


def _common_count(along: NDArray[np.float64]) -> int | None:
    """How many times the one step of which all steps are multiples goes into the stack; None without one.

    It is the smallest step there is, within 0.05 of itself for every slice; a grid of more than four times
    as many slices as there are would be made up for the most part.
    """
    steps = np.diff(along)
    places = np.concatenate([[0], np.cumsum(np.rint(steps / steps.min()))])
    count = int(places[-1])
    if count + 1 > MOST_MORE * len(along):
        return None
    off_grid = np.abs((along - along[0]) / (along[-1] - along[0]) * count - places)
    return count if off_grid.max() <= DISPLACED else None


def distances(planes: Sequence[Plane]) -> NDArray[np.float64]:
    """How far each plane lies from the first, along its normal, in mm."""
    return np.asarray([planes[0].distance(plane.origin) for plane in planes])


def _belongs(plane: Plane, first: Plane) -> bool:
    return (
        plane.placed
        and plane.calibration is Calibration.PATIENT
        and plane.shape == first.shape
        and plane.frame_of_reference == first.frame_of_reference
        and plane.is_parallel(first, PARALLEL)
        and np.allclose(plane.spacing, first.spacing, rtol=1e-3)
    )


def _middle(geometry: ImageGeometry, axis: int) -> Point:
    """The middle of the first layer of voxels along *axis*."""
    index = [(count - 1) / 2 for count in geometry.shape]
    index[axis] = 0
    return _place(geometry, index)


def _place(geometry: ImageGeometry, index: Sequence[float]) -> Point:
    """The place of one voxel, without the price of an array, which is that of a whole picture."""
    (a, b, c), (d, e, f), (g, h, i) = geometry.directions
    down, below, beside = (number * step for number, step in zip(index, geometry.spacing, strict=True))
    x, y, z = geometry.origin
    return (
        x + down * a + below * d + beside * g,
        y + down * b + below * e + beside * h,
        z + down * c + below * f + beside * i,
    )


def _plane_of_voxels(geometry: ImageGeometry, cut: Cut, how: Aligned) -> Plane:
    across, down, right = how.axes
    corner = [0, 0, 0]
    corner[across] = slice_of(geometry, cut, how)
    for axis, flipped in zip((down, right), how.flips[1:], strict=True):
        corner[axis] = geometry.shape[axis] - 1 if flipped else 0
    return Plane(
        (geometry.shape[down], geometry.shape[right]),
        _place(geometry, corner),
        _turned(geometry.directions[right], how.flips[2]),
        _turned(geometry.directions[down], how.flips[1]),
        (geometry.spacing[down], geometry.spacing[right]),
        geometry.calibration,
        geometry.frame_of_reference,
        placed=True,
    )


def _turned(direction: Vector, flipped: bool) -> Vector:
    x, y, z = direction
    return (-x, -y, -z) if flipped else direction


def _spread(geometry: ImageGeometry, direction: Vector, step: float) -> tuple[float, int]:
    """Where along *direction* the first of the samples lies that cover the whole stack, and how many."""
    ends = [(-0.5, count - 0.5) for count in geometry.shape]
    along = geometry.to_patient(list(product(*ends))) @ np.asarray(direction)
    low, high = float(along.min()), float(along.max())
    count = max(1, math.ceil((high - low) / step - 1e-6))
    return (low + high) / 2 - (count - 1) * step / 2, count
