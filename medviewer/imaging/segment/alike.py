"""What a brush leaves out because of its values, and what is connected with a place."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

import medviewer.imaging.one_thread  # noqa: F401  before anything is computed with OpenCV
from medviewer.imaging.segment.grid import Grid, Mask
from medviewer.imaging.segment.painting import Patch

SAMPLE_SHARE = 1 / 3
"""Of the radius of a brush: so far from its middle values are looked at to say what is like them."""
SAMPLE_PX = 3
"""But no further than so many pixels: a large brush may cover more than what its middle lies on."""
SPREAD = 3.0
"""So many standard deviations of the values there from their mean a value is still like them."""


def limited(patch: Patch, grid: Grid, limits: tuple[float, float]) -> Patch:
    """What of a patch has values within *limits*, both included; *grid* holds those of its part."""
    chosen = (grid.values >= limits[0]) & (grid.values <= limits[1])
    return patch.where(chosen if grid.valid is None else chosen & grid.valid)


def like_middle(
    patches: Mapping[int, Patch], grids: Mapping[int, Grid], number: int, at: tuple[int, int], radius: float
) -> dict[int, Patch]:
    """What of a brush is like what is under its middle, and connected with that through what is like it.

    *patches* are those of pictures on top of one another, *grids* the values of their parts. The middle is
    pixel *at* (row, column) of picture *number*; values within a third of *radius* of it, and three pixels at
    most, say what is like them: three standard deviations from the mean. Padding is like nothing.
    """
    patch, grid = patches.get(number), grids.get(number)
    if patch is None or grid is None:
        return {}
    found = _range_around(patch, grid, at, radius)
    if found is None:
        return {}
    alike = {one: limited(patches[one], grids[one], found) for one in patches}
    if len(alike) == 1:
        inside = connected(patch_mask := alike[number].mask, _within(patch, at))
        return {} if inside is None else {number: Patch(patch.start, patch_mask & inside)}
    return _connected_patches(alike, number, at)


def connected(allowed: Mask, at: tuple[int, ...]) -> Mask | None:
    """What is connected with a place through *allowed* pixels or voxels, side by side; None if it is not one.

    (row, column) or (slice, row, column).
    """
    if not allowed[at]:
        return None
    if allowed.ndim == 2:
        _, parts = cv2.connectedComponents(np.ascontiguousarray(allowed).view(np.uint8), connectivity=4)
        own: Mask = parts == parts[at]
        return own
    from scipy.ndimage import label  # noqa: PLC0415  heavy, and needed only here

    numbers, _ = label(allowed)
    found: Mask = numbers == numbers[at]
    return found


def like_place(grid: Grid, at: tuple[int, ...], radius: float) -> tuple[float, float] | None:
    """From which to which value values are like those around a place; None where there is no picture.

    *radius* is in the unit of the grid's spacing; the picture of the place alone is looked at.
    """
    values, valid = grid.values, grid.valid
    if values.ndim == 3:
        values, valid = values[at[0]], None if valid is None else valid[at[0]]
    spacing, spot = grid.spacing[-2:], at[-2:]
    away = _squares(values.shape, spot, spacing)
    reach = min(max(radius, max(spacing) * (1 + 1e-9)), SAMPLE_PX * max(spacing))
    chosen = away <= reach**2
    if valid is not None:
        if not valid[spot]:
            return None
        chosen &= valid
    return _range_of(values[chosen])


def _range_around(patch: Patch, grid: Grid, at: tuple[int, int], radius: float) -> tuple[float, float] | None:
    row, column = spot = _within(patch, at)
    if not (0 <= row < patch.mask.shape[0] and 0 <= column < patch.mask.shape[1]):
        return None
    return like_place(grid, spot, radius * SAMPLE_SHARE)


def _range_of(values: NDArray[Any]) -> tuple[float, float]:
    mean, reach = float(values.mean(dtype=np.float64)), SPREAD * float(values.std(dtype=np.float64))
    reach = max(reach, 1e-6 * max(abs(mean), 1.0))  # values that are all the same are like themselves
    return mean - reach, mean + reach


def _squares(shape: tuple[int, ...], at: tuple[int, ...], spacing: tuple[float, ...]) -> NDArray[np.float64]:
    down, right = ((np.arange(n) - one) * step for n, one, step in zip(shape, at, spacing, strict=True))
    found: NDArray[np.float64] = np.add.outer(down**2, right**2)
    return found


def _within(patch: Patch, at: tuple[int, int]) -> tuple[int, int]:
    return at[0] - patch.start[0], at[1] - patch.start[1]


def _connected_patches(alike: Mapping[int, Patch], number: int, at: tuple[int, int]) -> dict[int, Patch]:
    """The part of several pictures, on top of one another as they are numbered, that holds a place."""
    numbers = sorted(alike)
    starts = np.array([alike[one].start for one in numbers])
    ends = starts + [alike[one].mask.shape for one in numbers]
    low, shape = starts.min(axis=0), ends.max(axis=0) - starts.min(axis=0)
    stack = np.zeros((len(numbers), *shape), bool)
    parts = []
    for layer, one in enumerate(numbers):
        (top, left), (rows, columns) = (alike[one].start - low).tolist(), alike[one].mask.shape
        part = (layer, slice(top, top + rows), slice(left, left + columns))
        stack[part] = alike[one].mask
        parts.append(part)
    inside = connected(stack, (numbers.index(number), at[0] - int(low[0]), at[1] - int(low[1])))
    if inside is None:
        return {}
    return {one: Patch(alike[one].start, inside[part]) for one, part in zip(numbers, parts, strict=True)}


def steps_along(length: float, step: float) -> list[float]:
    """Shares of a way of *length*, without its beginning, that are no more than *step* apart."""
    count = max(1, math.ceil(length / max(step, 1e-6)))
    return [number / count for number in range(1, count + 1)]
