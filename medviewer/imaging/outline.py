"""Which pixels an outline encloses: those whose centre lies inside or on the line, by the even-odd rule."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Spots = Sequence[tuple[float, float]]
"""(row, column) of the corners; the last one is joined to the first"""
_ON = 1e-6
"""So near to a line (pixels) a centre lies on it."""


def enclosed(outline: Spots, size: tuple[int, int]) -> tuple[NDArray[np.bool_], tuple[int, int]]:
    """The pixels of a picture of *size* (rows, columns) that an outline encloses, cut at the border.

    Returns the mask of the part around it and where (row, column) that part begins. An outline that crosses
    itself encloses what lies an odd number of lines inside.
    """
    corners = np.asarray(outline, np.float64).reshape(-1, 2)
    if not len(corners):
        return np.zeros((0, 0), bool), (0, 0)
    low = np.maximum(np.ceil(corners.min(axis=0) - _ON), 0).astype(int)
    high = np.minimum(np.floor(corners.max(axis=0) + _ON), np.asarray(size) - 1).astype(int)
    shape = np.maximum(high - low + 1, 0)
    mask = np.zeros(shape, bool)
    if mask.size:
        starts, ends = corners - low, np.roll(corners, -1, axis=0) - low
        _fill(mask, starts, ends)
        _draw(mask, starts, ends)
    return mask, (int(low[0]), int(low[1]))


def _fill(mask: NDArray[np.bool_], starts: NDArray[np.float64], ends: NDArray[np.float64]) -> None:
    """What lies between an odd and an even crossing of each row with the lines, both included."""
    rows, columns = mask.shape
    # a corner belongs to the line that goes on downwards, so that it is crossed once or twice
    tops, bottoms = np.minimum(starts[:, 0], ends[:, 0]), np.maximum(starts[:, 0], ends[:, 0])
    first = np.clip(np.ceil(tops), 0, rows).astype(int)
    last = np.clip(np.ceil(bottoms), 0, rows).astype(int)
    counts = last - first
    line = np.repeat(np.arange(len(starts)), counts)
    row = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + first[line]
    slope = (ends[line, 1] - starts[line, 1]) / (ends[line, 0] - starts[line, 0])
    column = starts[line, 1] + (row - starts[line, 0]) * slope
    order = np.lexsort((column, row))
    row, column = row[order], column[order]  # each row is crossed an even number of times
    begins = np.clip(np.ceil(column[::2] - _ON), 0, columns).astype(int)
    stops = np.clip(np.floor(column[1::2] + _ON) + 1, 0, columns).astype(int)
    used = stops > begins
    change = np.zeros((rows, columns + 1), np.int32)
    np.add.at(change, (row[::2][used], begins[used]), 1)
    np.add.at(change, (row[::2][used], stops[used]), -1)
    mask |= np.cumsum(change, axis=1)[:, :columns] > 0


def _draw(mask: NDArray[np.bool_], starts: NDArray[np.float64], ends: NDArray[np.float64]) -> None:
    """Centres on corners and on lines that run along a row, which no row crosses."""
    rows, columns = mask.shape
    nearest = np.rint(starts).astype(int)
    on = (np.abs(starts - nearest) <= _ON).all(axis=1)
    on &= (nearest >= 0).all(axis=1) & (nearest < mask.shape).all(axis=1)
    mask[nearest[on, 0], nearest[on, 1]] = True
    flat = np.flatnonzero((np.abs(starts[:, 0] - ends[:, 0]) <= _ON) & (np.abs(starts[:, 0] % 1) <= _ON))
    for one in flat.tolist():
        row = round(starts[one, 0])
        left, right = sorted((starts[one, 1], ends[one, 1]))
        if 0 <= row < rows:
            mask[row, max(int(np.ceil(left - _ON)), 0) : min(int(np.floor(right + _ON)) + 1, columns)] = True
