"""What a brush covers, in millimetres on any picture, and what becomes of the labels there.

A pixel is covered when its centre is: inside a disc or a ball, on its edge, or in what they sweep over
between two positions of the mouse. A brush smaller than a pixel covers the pixel that it is on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.geometry import ImageGeometry, Plane
from medviewer.core.labels import LabelMap
from medviewer.core.vectors import Point
from medviewer.imaging.label_cut import covered, nearest_voxels
from medviewer.imaging.outline import Spots, enclosed
from medviewer.kit.frozen import frozen

_EDGE = 1e-9
Labels = NDArray[np.uint8]
"""(row, column)"""


@frozen(eq=False)
class Patch:
    """Some pixels of a picture."""

    start: tuple[int, int]
    """(row, column) at which *mask* begins"""
    mask: NDArray[np.bool_]

    @property
    def part(self) -> tuple[slice, slice]:
        """The rows and columns of the picture around them."""
        (top, left), (rows, columns) = self.start, self.mask.shape
        return slice(top, top + rows), slice(left, left + columns)

    def where(self, chosen: NDArray[Any]) -> Patch:
        """Those of them that are *chosen* as well, an array as large as the mask."""
        return Patch(self.start, self.mask & chosen)

    def joined(self, other: Patch) -> Patch:
        """The pixels of both."""
        starts = np.array([self.start, other.start])
        ends = starts + [self.mask.shape, other.mask.shape]
        low = starts.min(axis=0)
        mask = np.zeros(ends.max(axis=0) - low, bool)
        for one in (self, other):
            top, left = (one.start - low).tolist()
            mask[top : top + one.mask.shape[0], left : left + one.mask.shape[1]] |= one.mask
        return Patch((int(low[0]), int(low[1])), mask)

    def indices(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Rows and columns of the picture."""
        rows, columns = np.nonzero(self.mask)
        return rows + self.start[0], columns + self.start[1]


def disc(plane: Plane, start: Point, end: Point, radius: float) -> Patch:
    """What a disc on *plane* covers on its way between two positions; *radius* in the plane's unit."""
    found = _capsule(plane, start, end, radius, (0.0, 0.0))
    one, other = plane.to_image(start), plane.to_image(end)
    steps = 2 * int(max(abs(one[0] - other[0]), abs(one[1] - other[1]))) + 2
    along = np.rint(np.linspace(one, other, steps)).astype(int) - found.start
    on = ((along >= 0) & (along < found.mask.shape)).all(axis=1)
    found.mask[along[on, 0], along[on, 1]] = True
    return found


@frozen(eq=False)
class Pile:
    """Pictures that lie above one another, by number."""

    planes: Mapping[int, Plane]
    numbers: NDArray[np.intp]
    origins: NDArray[np.float64]
    """(picture, 3)"""
    normals: NDArray[np.float64]

    @classmethod
    def of(cls, planes: Mapping[int, Plane]) -> Pile:
        """All *planes*."""
        every = list(planes.values())
        normals = np.asarray([one.normal for one in every])
        return cls(planes, np.asarray(list(planes)), np.asarray([one.origin for one in every]), normals)

    def heights(self, point: Point) -> NDArray[np.float64]:
        """How far a position lies above each of them, in their order."""
        away: NDArray[np.float64] = ((np.asarray(point) - self.origins) * self.normals).sum(axis=1)
        return away


def ball(pile: Pile, middle: int | None, start: Point, end: Point, radius: float) -> dict[int, Patch]:
    """What a ball covers of several pictures by number.

    On picture *middle* its middle moves, so that it is a disc there; None where it moves on no picture.
    """
    found = {} if middle is None else {middle: disc(pile.planes[middle], start, end, radius)}
    one, other = pile.heights(start), pile.heights(end)
    near = (np.minimum(np.abs(one), np.abs(other)) <= radius) | (one * other <= 0)
    for at in np.flatnonzero(near).tolist():
        number = int(pile.numbers[at])
        if number == middle:
            continue
        patch = _capsule(pile.planes[number], start, end, radius, (float(one[at]), float(other[at])))
        if patch.mask.any():
            found[number] = patch
    return found


def inside_outline(plane: Plane, outline: Iterable[Point]) -> Patch:
    """The pixels of *plane* that an outline through patient positions encloses."""
    mask, start = enclosed(_spots(plane, outline), plane.shape)
    return Patch(start, mask)


def voxels_under(geometry: ImageGeometry, plane: Plane, patch: Patch) -> dict[int, Patch]:
    """Which voxels of a stack the pixels of a patch on a plane through it show, by layer."""
    rows, columns = patch.where(covered(geometry, plane, patch.part)).indices()
    if not rows.size:
        return {}
    layers, down, right = nearest_voxels(geometry, plane, rows, columns)
    order = np.argsort(layers, kind="stable")
    numbers, begins = np.unique(layers[order], return_index=True)
    parts = np.split(order, begins[1:])
    return {int(one): _patch(down[part], right[part]) for one, part in zip(numbers, parts, strict=True)}


def may_change(
    group: LabelMap, value: int, over_others: bool = True, erase: bool = False
) -> NDArray[np.bool_]:
    """Which of the 256 values painting *value* may replace; (256,). Those of locked labels never.

    Erasing takes the label *value* only; 0 takes all. What has no label is always free.
    """
    free = np.zeros(256, bool)
    if erase:
        free[value] = True
        free[1:] |= value == 0
    else:
        free[0] = True
        free[1:] |= over_others
    free[[one.value for one in group.labels if one.locked]] = False
    return free


def painted(
    values: Labels | None, shape: tuple[int, int], patch: Patch, value: int, free: NDArray[np.bool_]
) -> Labels | None:
    """The labels of a picture of *shape* with *value* on a patch, where what is there is *free*.

    The very same where nothing changes, None where nothing is left.
    """
    if values is None:
        if not value or not free[0] or not patch.mask.any():
            return None
        made = np.zeros(shape, np.uint8)
        made[patch.part][patch.mask] = value
        return made
    part = values[patch.part]
    where = patch.mask & free[part] & (part != value)
    if not where.any():
        return values
    made = values.copy()
    made[patch.part][where] = value
    return made if value or made.any() else None


def _capsule(plane: Plane, start: Point, end: Point, radius: float, heights: tuple[float, float]) -> Patch:
    """Pixels no further than *radius* from a line, whose ends lie at *heights* above the plane."""
    spacing = np.asarray(plane.spacing)
    ends = np.asarray([plane.to_image(start), plane.to_image(end)])
    reach = np.maximum(radius / spacing, 0.5)
    low = np.clip(np.ceil(ends.min(axis=0) - reach - _EDGE), 0, plane.shape).astype(int)
    stop = np.clip(np.floor(ends.max(axis=0) + reach + _EDGE) + 1, low, plane.shape).astype(int)
    (down, right), (down_end, right_end) = ends * spacing
    rows = (np.arange(low[0], stop[0]) * spacing[0] - down)[:, None]
    columns = np.arange(low[1], stop[1]) * spacing[1] - right
    way = (down_end - down, right_end - right, heights[1] - heights[0])
    length = way[0] ** 2 + way[1] ** 2 + way[2] ** 2
    share = np.zeros((rows.size, columns.size))
    if length > 0:
        share = np.clip((rows * way[0] + columns * way[1] - heights[0] * way[2]) / length, 0, 1)
    away = (rows - share * way[0]) ** 2 + (columns - share * way[1]) ** 2 + (heights[0] + share * way[2]) ** 2
    return Patch((int(low[0]), int(low[1])), away <= radius * radius * (1 + _EDGE))


def _patch(rows: NDArray[np.intp], columns: NDArray[np.intp]) -> Patch:
    top, left = int(rows.min()), int(columns.min())
    mask = np.zeros((int(rows.max()) - top + 1, int(columns.max()) - left + 1), bool)
    mask[rows - top, columns - left] = True
    return Patch((top, left), mask)


def _spots(plane: Plane, outline: Iterable[Point]) -> Spots:
    return [plane.to_image(one) for one in outline]
