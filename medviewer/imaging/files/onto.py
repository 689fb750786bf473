"""Labels of one grid on the pictures of another: each pixel takes the voxel that holds its middle."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from medviewer.core.geometry import ImageGeometry, Plane
from medviewer.core.volume import read_only
from medviewer.kit.frozen import frozen

SAME_VOXEL = 0.01
"""How far apart, in voxels, grids may be that count as the same."""


@frozen(eq=False)
class Laid:
    """Labels on the pictures of a series."""

    slices: tuple[NDArray[np.uint8] | None, ...]
    taken: int
    """labelled pixels"""
    same_grid: bool
    """whether every voxel became one pixel, only ever in another order"""
    share_outside: float
    """of what is marked, the part that lies beyond the pictures"""


def onto_planes(values: NDArray[np.uint8], geometry: ImageGeometry, planes: Sequence[Plane]) -> Laid:
    """*values*, (slice, row, column) on *geometry*, on placed *planes*, which may lie as they like."""
    slices = tuple(_cut(values, geometry, plane) for plane in planes)
    taken = sum(int(np.count_nonzero(one)) for one in slices if one is not None)
    same = _is_same(geometry, planes)
    marked = int(np.count_nonzero(values))
    lost = 1 - taken / marked if marked else 0.0
    outside = lost if same else _outside(values, geometry, planes)
    return Laid(slices, taken, same, outside)


def onto_grid(
    values: NDArray[np.uint8], planes: Sequence[Plane], geometry: ImageGeometry
) -> NDArray[np.uint8]:
    """Labels of slices, (slice, row, column), on a grid along the same direction: those of the nearest."""
    along = np.array([planes[0].distance(plane.origin) for plane in planes])
    found = np.zeros(geometry.shape, np.uint8)
    step = float(np.median(np.abs(np.diff(along)))) if len(along) > 1 else geometry.spacing[0]
    for layer in range(geometry.shape[0]):
        target = geometry.plane(layer)
        middle = target.to_patient((target.shape[0] - 1) / 2, (target.shape[1] - 1) / 2)
        at = int(np.argmin(np.abs(along - planes[0].distance(middle))))
        if abs(along[at] - planes[0].distance(middle)) > 0.75 * max(step, geometry.spacing[0]):
            continue
        rows, columns = _sampled(target, planes[at])
        inside = (rows >= 0) & (rows < values.shape[1]) & (columns >= 0) & (columns < values.shape[2])
        found[layer][inside] = values[at][rows[inside], columns[inside]]
    return found


def _cut(values: NDArray[np.uint8], geometry: ImageGeometry, plane: Plane) -> NDArray[np.uint8] | None:
    """The labels under one picture, None where there are none."""
    steps = geometry.to_index([plane.to_patient(0, 0), plane.to_patient(1, 0), plane.to_patient(0, 1)])
    down, right = steps[1] - steps[0], steps[2] - steps[0]
    rows, columns = np.arange(plane.shape[0])[:, None], np.arange(plane.shape[1])[None, :]
    index, inside = [], np.ones(plane.shape, bool)
    for axis in range(3):
        # a little more than a half: a middle between two voxels goes the same way everywhere
        place = np.floor(steps[0][axis] + down[axis] * rows + right[axis] * columns + 0.5 + 1e-6)
        inside &= (place >= 0) & (place < values.shape[axis])
        index.append(place)
    if not inside.any():
        return None
    found = np.zeros(plane.shape, np.uint8)
    found[inside] = values[tuple(one[inside].astype(np.intp) for one in index)]
    return read_only(found) if found.any() else None


def _sampled(target: Plane, source: Plane) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """For each pixel of *target* the nearest (row, column) of a parallel plane."""
    zero, down, right = (np.array(source.to_image(target.to_patient(*at))) for at in ((0, 0), (1, 0), (0, 1)))
    rows, columns = np.arange(target.shape[0])[:, None], np.arange(target.shape[1])[None, :]
    found = [zero[axis] + (down - zero)[axis] * rows + (right - zero)[axis] * columns for axis in (0, 1)]
    return np.floor(found[0] + 0.5 + 1e-6).astype(np.intp), np.floor(found[1] + 0.5 + 1e-6).astype(np.intp)


def _is_same(geometry: ImageGeometry, planes: Sequence[Plane]) -> bool:
    """Whether the middle of every pixel is that of a voxel, and the pictures are as far apart as voxels."""
    corners = [geometry.to_index(list(_corners(plane))) for plane in planes]
    if any(np.abs(one - np.rint(one)).max() > SAME_VOXEL for one in corners):
        return False
    steps = [
        geometry.to_index([plane.to_patient(0, 0), plane.to_patient(1, 0), plane.to_patient(0, 1)])
        for plane in planes[:1]
    ]
    is_fine = all(abs(np.abs(one[at] - one[0]).sum() - 1) <= SAME_VOXEL for one in steps for at in (1, 2))
    gaps = [np.abs(b[0] - a[0]).sum() for a, b in zip(corners, corners[1:], strict=False)]
    return is_fine and all(abs(gap - 1) <= SAME_VOXEL for gap in gaps)


def _corners(plane: Plane) -> Iterator[tuple[float, float, float]]:
    for row in (0, plane.shape[0] - 1):
        for column in (0, plane.shape[1] - 1):
            yield plane.to_patient(row, column)


def _outside(values: NDArray[np.uint8], geometry: ImageGeometry, planes: Sequence[Plane]) -> float:
    """The share of marked voxels that lie beside the pictures, or before or behind all of them."""
    marked = np.argwhere(values)
    if not len(marked):
        return 0.0
    marked = marked[:: max(len(marked) // 100_000, 1)]
    positions = geometry.to_patient(marked)
    first = planes[0]
    normal, origin = np.asarray(first.normal), np.asarray(first.origin)
    along = (positions - origin) @ normal
    places = np.sort([first.distance(plane.origin) for plane in planes])
    steps = np.diff(places)
    # a picture is as thick as the way to the next, and where there is only one, as thick as a voxel
    half = (float(np.median(steps)) if len(steps) else max(geometry.spacing)) / 2
    rows = (positions - origin) @ np.asarray(first.along_column) / first.spacing[0]
    columns = (positions - origin) @ np.asarray(first.along_row) / first.spacing[1]
    inside = (along >= places[0] - half) & (along <= places[-1] + half)
    inside &= (rows >= -0.5) & (rows <= first.shape[0] - 0.5)
    inside &= (columns >= -0.5) & (columns <= first.shape[1] - 0.5)
    return float(1 - inside.mean())
