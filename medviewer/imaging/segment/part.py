"""The part of a grid near the seeds, on a coarser grid where it is large, and the way back.

Methods that weigh every voxel against its neighbours take hundreds of bytes and thousands of steps for each.
They look at a box around the seeds, and at no more voxels than they can bear: of the others the mean of some
counts, and the border that they find is smoothed between them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

import medviewer.imaging.one_thread  # noqa: F401  before anything is computed with OpenCV
from medviewer.imaging.segment.grid import Grid, Mask
from medviewer.imaging.segment.method import Seed
from medviewer.kit.frozen import frozen

Index = tuple[int, ...]


@frozen(eq=False)
class Part:
    """Values near the seeds."""

    values: NDArray[np.float32]
    spacing: tuple[float, ...]
    inside: tuple[Index, ...]
    outside: tuple[Index, ...]
    edges: tuple[tuple[bool, bool], ...]
    """for each axis, whether the ends of the part count as outside where nobody says what does"""

    def border(self) -> Mask:
        """Where it ends."""
        border = np.zeros(self.values.shape, bool)
        for axis, ends in enumerate(self.edges):
            for end, counts in zip((0, -1), ends, strict=True):
                if counts:
                    np.moveaxis(border, axis, 0)[end] = True
        for index in self.inside:
            border[index] = False
        return border

    def away(self, indices: tuple[Index, ...]) -> NDArray[np.float32]:
        """How far each voxel lies from the nearest of *indices*, in mm."""
        nearest = np.full(self.values.shape, np.inf, np.float32)
        for index in indices:
            axes = [
                np.square((np.arange(size, dtype=np.float32) - at) * np.float32(step))
                for at, size, step in zip(index, self.values.shape, self.spacing, strict=True)
            ]
            total = sum(np.ix_(*axes), np.zeros(self.values.shape, np.float32))
            np.minimum(nearest, total, out=nearest)
        return np.sqrt(nearest, out=nearest)

    def markers(self, ball_mm: float) -> NDArray[np.uint8]:
        """1 in balls round the seeds inside, 2 in those outside, or at the border without any; else 0.

        Where balls meet, the nearer seed has the voxel; a seed always has its own.
        """
        markers = np.zeros(self.values.shape, np.uint8)
        inside, outside = self.away(self.inside), self.away(self.outside)
        if not self.outside:
            markers[self.border()] = 2
        markers[outside <= ball_mm] = 2
        markers[(inside <= ball_mm) & (inside < outside) & ((markers == 0) | bool(self.outside))] = 1
        for which, indices in ((2, self.outside), (1, self.inside)):
            for index in indices:
                markers[index] = which
        return markers

    def scale(self) -> tuple[float, float]:
        """The values below which 2 and 98 percent of all lie, the second one always above the first."""
        low, high = (float(one) for one in np.percentile(self.values, (2, 98)))
        if high > low:
            return low, high
        low, high = float(self.values.min()), float(self.values.max())
        return (low, high) if high > low else (low, low + 1.0)


def near_seeds(
    grid: Grid, seeds: Sequence[Seed], reach_mm: float, most: int, find: Callable[[Part], Mask]
) -> Mask:
    """What *find* finds within *reach_mm* of the seeds, on a grid of no more than *most* voxels."""
    box = box_round(grid, seeds, reach_mm)
    cropped = grid.values[box]
    factors = factors_of(cropped.shape, grid.spacing, most)

    def placed(inside: bool) -> tuple[Index, ...]:
        found = (
            tuple((at - one.start) // by for at, one, by in zip(seed.index, box, factors, strict=True))
            for seed in seeds
            if seed.inside is inside
        )
        return tuple(dict.fromkeys(found))

    edges = [(True, True)] * cropped.ndim
    if cropped.ndim == 3:
        # what is cut off by the end of the stack may well go on
        edges[0] = (box[0].start > 0, box[0].stop < grid.values.shape[0])
    part = Part(
        means(cropped, factors),
        tuple(step * by for step, by in zip(grid.spacing, factors, strict=True)),
        placed(True),
        placed(False),
        tuple(edges),
    )
    mask = np.zeros(grid.values.shape, bool)
    mask[box] = enlarged(np.asarray(find(part), bool), factors, cropped.shape)
    return mask


def box_round(grid: Grid, seeds: Sequence[Seed], reach_mm: float) -> tuple[slice, ...]:
    """The box that holds all seeds and what lies within *reach_mm* of them."""
    box = []
    for axis, (size, step) in enumerate(zip(grid.values.shape, grid.spacing, strict=True)):
        places = [seed.index[axis] for seed in seeds]
        reach = math.ceil(reach_mm / step)
        box.append(slice(max(0, min(places) - reach), min(size, max(places) + reach + 1)))
    return tuple(box)


def factors_of(shape: tuple[int, ...], spacing: tuple[float, ...], most: int) -> tuple[int, ...]:
    """How many voxels along each axis become one for at most *most*, as near to cubes as can be."""
    factors = [1] * len(shape)
    while math.prod(-(-size // by) for size, by in zip(shape, factors, strict=True)) > most:
        longer = [axis for axis, size in enumerate(shape) if factors[axis] < size]
        finest = min(longer, key=lambda axis: (spacing[axis] * factors[axis], axis))
        factors[finest] += 1
    return tuple(factors)


def means(values: NDArray[Any], factors: tuple[int, ...]) -> NDArray[np.float32]:
    """The mean of each block of voxels; the last ones may be smaller."""
    found = values
    for axis in range(values.ndim - 1, -1, -1):
        if factors[axis] == 1:
            continue
        size = found.shape[axis]
        starts = np.arange(0, size, factors[axis])
        held = np.diff(np.append(starts, size)).reshape(
            [-1 if one == axis else 1 for one in range(values.ndim)]
        )
        found = np.add.reduceat(found, starts, axis, dtype=np.float32) / held.astype(np.float32)
    return np.ascontiguousarray(found, np.float32)


def enlarged(mask: Mask, factors: tuple[int, ...], shape: tuple[int, ...]) -> Mask:
    """*mask* of blocks as one of voxels, its border smoothed between the middles of the blocks."""
    if all(by == 1 for by in factors):
        return mask
    slices = mask.reshape(-1, *mask.shape[-2:]).astype(np.float32)
    by = factors[0] if len(factors) == 3 else 1
    rows, columns = shape[-2:]
    size = (slices.shape[2] * factors[-1], slices.shape[1] * factors[-2])
    result = np.empty((shape[0] if len(shape) == 3 else 1, rows, columns), bool)
    for at, target in enumerate(result):
        place = min(max((at + 0.5) / by - 0.5, 0.0), len(slices) - 1.0)
        first = int(place)
        second = min(first + 1, len(slices) - 1)
        mixed = slices[first] * np.float32(first + 1 - place) + slices[second] * np.float32(place - first)
        target[...] = cv2.resize(mixed, size, interpolation=cv2.INTER_LINEAR)[:rows, :columns] > 0.5
    return result.reshape(shape)
