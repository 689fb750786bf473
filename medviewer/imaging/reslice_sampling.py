"""Values between voxels: trilinear interpolation on a plane's pixels, a block of them at a time.

The place of a pixel in the stack is a sum of one term of its row and one of its column, in whole numbers
with a binary point, so that integer arithmetic splits it into a voxel and a share. All eight neighbours are
gathered from shifted views of the same voxels, for so few pixels at a time that they stay in the cache.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.geometry import ImageGeometry, Plane
from medviewer.core.volume import Volume, is_padding
from medviewer.imaging.reslice_grid import Aligned
from medviewer.kit.frozen import frozen
from medviewer.kit.task import TaskContext

_BLOCK = 1 << 15
"""Pixels of a block, whose places in the stack are found at once."""
_CHUNK = 1 << 13
"""Of them, those whose neighbours are gathered and mixed in turn, while both are near."""
_NARROW = 128
"""Columns of a block where rows cross slices: a long row would meet as many slices as the cache has no room
for, since the same place of each slice has the same place in it."""
_CORNERS = tuple(np.ndindex(2, 2, 2))
_EDGE = 1e-6
Values = Callable[[NDArray[Any]], NDArray[np.float32]]
"""From stored values to values that may be mixed."""


@frozen
class Walk:
    """How the pixels of a plane walk through a stack, in voxels along (slice, row, column)."""

    start: NDArray[np.float64]
    down: NDArray[np.float64]
    right: NDArray[np.float64]


def walk(geometry: ImageGeometry, plane: Plane) -> Walk:
    """Where the pixels of *plane* lie in the stack."""
    corner = np.asarray(plane.origin)
    down = corner + np.asarray(plane.along_column) * plane.spacing[0]
    right = corner + np.asarray(plane.along_row) * plane.spacing[1]
    start, below, beside = geometry.to_index([corner, down, right])
    return Walk(start, below - start, beside - start)


def inside(geometry: ImageGeometry, plane: Plane, way: Walk) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First and last-plus-one column of each row that lies in the stack, which ends half a voxel further."""
    first = np.zeros(plane.shape[0])
    last = np.full(plane.shape[0], plane.shape[1] - 1.0)
    rows = np.arange(plane.shape[0])
    for start, down, right, count in zip(way.start, way.down, way.right, geometry.shape, strict=True):
        at = start + rows * down
        if abs(right) * plane.shape[1] < _EDGE:
            outside = (at < -0.5 - _EDGE) | (at > count - 0.5 + _EDGE)
            last[outside] = -1
            continue
        one, other = (-0.5 - at) / right, (count - 0.5 - at) / right
        first = np.maximum(first, np.minimum(one, other))
        last = np.minimum(last, np.maximum(one, other))
    from_column = np.ceil(first - _EDGE).astype(np.int64)
    to_column = np.floor(last + _EDGE).astype(np.int64) + 1
    return from_column, np.maximum(to_column, from_column)


def sampled(
    volume: Volume,
    plane: Plane,
    values: Values | None,
    context: TaskContext | None = None,
) -> NDArray[np.float32]:
    """*volume* at the pixels of *plane*, (row, column) float32: NaN outside, and where half is no picture.

    *values* turns stored values into those that may be mixed; None where stored values may.
    """
    way = walk(volume.geometry, plane)
    first, last = inside(volume.geometry, plane, way)
    found = np.full(plane.shape, np.nan, np.float32)
    if context is not None:
        context.check()
    rows = np.flatnonzero(last > first)
    if not rows.size:
        return found
    widest = int(last[rows].max() - first[rows].min())
    crosses_slices = abs(way.right[0]) > abs(way.down[0])
    width = min(widest, _NARROW) if crosses_slices else widest
    height = max(1, _BLOCK // width)
    gather = _Gather(volume, plane, way, values, height * width)
    for top in range(int(rows[0]), int(rows[-1]) + 1, height):
        if context is not None:
            context.check()
        band = slice(top, min(top + height, int(rows[-1]) + 1))
        used = last[band] > first[band]
        if not used.any():
            continue
        left, right = int(first[band][used].min()), int(last[band][used].max())
        for column in range(left, right, width):
            block = slice(column, min(column + width, right))
            mixed = gather.block(band, block)
            if first[band].max() <= block.start and last[band].min() >= block.stop:
                found[band, block] = mixed
                continue
            columns = np.arange(block.start, block.stop)
            covered = (columns >= first[band, None]) & (columns < last[band, None])
            np.copyto(found[band, block], mixed, where=covered)
    return found


def nearest(labels: NDArray[np.uint8], geometry: ImageGeometry, plane: Plane) -> NDArray[np.uint8]:
    """The nearest voxel of (slice, row, column) at each pixel of *plane*, 0 outside the stack."""
    way = walk(geometry, plane)
    first, last = inside(geometry, plane, way)
    index = np.zeros(plane.shape, np.intp)
    for axis, count in enumerate(geometry.shape):
        at = np.add.outer(
            way.start[axis] + np.arange(plane.shape[0]) * way.down[axis] + 0.5,
            np.arange(plane.shape[1]) * way.right[axis],
        )
        index *= count
        index += np.clip(np.floor(at), 0, count - 1).astype(np.intp)
    found: NDArray[np.uint8] = labels.reshape(-1).take(index)
    columns = np.arange(plane.shape[1])
    found[(columns < first[:, None]) | (columns >= last[:, None])] = 0
    return found


def layer(voxels: NDArray[Any], how: Aligned, at: int) -> NDArray[Any]:
    """The voxels of one layer across, rows down and columns along the cut; a copy."""
    copied: NDArray[Any] = facing(voxels, how)[at].copy()
    return copied


def facing(voxels: NDArray[Any], how: Aligned) -> NDArray[Any]:
    """The voxels as a cut sees them, (layer across, row, column); layers keep their order. A view."""
    rows, columns = (-1 if flipped else 1 for flipped in how.flips[1:])
    return voxels.transpose(how.axes)[:, ::rows, ::columns]


class _Gather:
    """Neighbours of the pixels of a block, and their mixture. Its arrays are used again for each block."""

    def __init__(self, volume: Volume, plane: Plane, way: Walk, values: Values | None, pixels: int) -> None:
        flat = volume.voxels.reshape(-1)
        self._shape = volume.voxels.shape
        self._padding = volume.padding
        self._values = values
        rows, columns = (np.arange(count, dtype=np.float64) for count in plane.shape)
        down = [start + rows * step for start, step in zip(way.start, way.down, strict=True)]
        right = [columns * step for step in way.right]
        furthest = max(np.abs(d).max() + np.abs(r).max() for d, r in zip(down, right, strict=True))
        self._bits = 30 - int(max(furthest, *self._shape) + 1).bit_length()
        self._down, self._right = ([self._fixed(term) for term in terms] for terms in (down, right))
        self._strides = (self._shape[1] * self._shape[2], self._shape[2], 1)
        # an axis of one voxel has no neighbour
        steps = [step if count > 1 else 0 for step, count in zip(self._strides, self._shape, strict=True)]
        beyond = [sum(step for step, one in zip(steps, corner, strict=True) if one) for corner in _CORNERS]
        self._takes = [flat[shift:].take for shift in beyond]
        self._stored = np.empty((8, _CHUNK), flat.dtype)
        self._numbers = np.empty((8, _CHUNK), np.float32)
        self._picture = np.empty(pixels, np.float32)
        self._shares = np.empty((3, pixels), np.float32)
        self._at, self._whole = np.empty((2, pixels), np.int32)
        # sums of whole numbers are quick in 32 bits, which count two thousand million voxels
        narrow = np.int32 if flat.size < 1 << 31 else np.intp
        self._sum, self._part = np.empty((2, pixels), narrow)
        self._index = np.empty(pixels, np.intp)

    def _fixed(self, values: NDArray[np.float64]) -> NDArray[np.int32]:
        fixed: NDArray[np.int32] = np.rint(np.ldexp(values, self._bits)).astype(np.int32)
        return fixed

    def block(self, rows: slice, columns: slice) -> NDArray[np.float32]:
        """The mixture at these pixels; also for those outside, where it has no meaning."""
        shape = (rows.stop - rows.start, columns.stop - columns.start)
        size = shape[0] * shape[1]
        self._find(rows, columns, shape)
        picture = self._picture[:size]
        with np.errstate(invalid="ignore"):
            for begin in range(0, size, _CHUNK):
                some = slice(begin, min(begin + _CHUNK, size))
                picture[some] = self._mixture(self._index[some], self._shares[:, some])
        return picture.reshape(shape)

    def _mixture(self, index: NDArray[np.intp], shares: NDArray[np.float32]) -> NDArray[np.float32]:
        """The mixture of eight neighbours each, the first of which are at *index*."""
        stored, mixed = self._stored[:, : index.size], self._numbers[:, : index.size]
        for take, neighbour in zip(self._takes, stored, strict=True):
            # all are in range; numpy wraps quicker than it clips, and raises only after a detour
            take(index, None, neighbour, "wrap")
        np.copyto(mixed, stored if self._values is None else self._values(stored))
        lost = self._lost(stored, mixed)
        repaired = None if lost is None else self._repaired(mixed, shares, lost)
        for share in shares:
            half = len(mixed) // 2
            one, other = mixed[:half], mixed[half:]
            other -= one
            other *= share
            other += one
            mixed = other
        if repaired is not None:
            mixed[0, repaired[0]] = repaired[1]
        mixture: NDArray[np.float32] = mixed[0]
        return mixture

    def _find(self, rows: slice, columns: slice, shape: tuple[int, int]) -> None:
        """The first of the eight neighbours of each pixel, and its shares of what lies beyond."""
        size = shape[0] * shape[1]
        at, whole, index, part = (
            array[:size].reshape(shape) for array in (self._at, self._whole, self._sum, self._part)
        )
        for axis, count in enumerate(self._shape):
            down, right = self._down[axis][rows], self._right[axis][columns]
            np.add(down[:, None], right, out=at)
            # never quite the last voxel: the one after it would lie in the next row
            most = max(((count - 1) << self._bits) - 1, 0)
            if down.min() + right.min() < 0 or down.max() + right.max() > most:
                np.clip(at, 0, most, out=at)
            np.bitwise_and(at, (1 << self._bits) - 1, out=whole)
            share = self._shares[axis, :size].reshape(shape)
            np.copyto(share, whole)
            share *= np.float32(2.0**-self._bits)
            target = part if axis else index
            np.right_shift(at, self._bits, out=target)
            target *= self._strides[axis]
            if axis:
                index += part
        np.copyto(self._index[:size], self._sum[:size])

    def _lost(self, stored: NDArray[Any], values: NDArray[np.float32]) -> NDArray[np.bool_] | None:
        """Which of the neighbours are no part of the picture; None when all are."""
        lost = None
        if stored.dtype.kind == "f":
            lost = ~np.isfinite(values)
        if self._padding is not None:
            low, high = self._padding
            # most blocks have none, which two quick passes tell
            if stored.dtype.kind == "f" or (stored.min() <= high and stored.max() >= low):
                padded = is_padding(stored, self._padding)
                lost = padded if lost is None else lost | padded
        return lost if lost is not None and lost.any() else None

    def _repaired(
        self, values: NDArray[np.float32], shares: NDArray[np.float32], lost: NDArray[np.bool_]
    ) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        """Pixels with lost neighbours, and the mixture of the others; NaN where they are less than half."""
        nowhere = lost.all(axis=0)
        where = np.flatnonzero(lost.any(axis=0) & ~nowhere)
        there, shares = ~lost[:, where], shares[:, where]
        total, weight = np.zeros((2, where.size), np.float32)
        for number, corner in enumerate(_CORNERS):
            parts = [share if beyond else 1 - share for share, beyond in zip(shares, corner, strict=True)]
            part = parts[0] * parts[1] * parts[2] * there[number]
            weight += part
            total += part * np.where(there[number], values[number, where], 0)
        good = weight >= 0.5 - _EDGE
        values[0, nowhere] = np.nan
        return where, np.where(good, total / np.where(good, weight, 1), np.nan).astype(np.float32)
