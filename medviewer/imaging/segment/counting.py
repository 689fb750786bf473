"""How often each value occurs on a grid, slice by slice, so that no second copy of a stack is made."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.imaging.segment.grid import Grid
from medviewer.kit.task import TaskContext

BINS = 4096


def counts_of(grid: Grid, context: TaskContext) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Counts and what they count: each whole number, or 4096 steps between the ends of float values.

    Padding is not counted. Raises Cancelled.
    """
    values = grid.values.reshape(-1, *grid.values.shape[-2:])
    low, high = float(values.min()), float(values.max())
    whole = values.dtype.kind in "iu"
    bins = int(high - low) + 1 if whole else BINS
    if low == high:
        return np.array([values.size if grid.valid is None else grid.valid.sum()]), np.array([low])
    # a bin stands for the value at its middle; those of whole numbers are one wide
    edges = (low - 0.5, high + 0.5) if whole else (low, high)
    counts = np.zeros(bins, np.int64)
    valid = None if grid.valid is None else grid.valid.reshape(values.shape)
    for at, one in enumerate(values):
        context.report(at / len(values))
        counted: NDArray[Any] = one.ravel() if valid is None else one[valid[at]]
        if whole:
            counts += np.bincount(counted.astype(np.int64) - int(low), minlength=bins)
        else:
            counts += np.histogram(counted.astype(np.float64), bins, edges)[0]
    width = (edges[1] - edges[0]) / bins
    return counts, np.asarray(edges[0] + width * (np.arange(bins) + 0.5), np.float64)


def coarser(
    counts: NDArray[np.int64], values: NDArray[np.float64], bins: int, left_out: float = 0.0005
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """At most *bins* counts; a share *left_out* at either end goes to the last bins: metal."""
    reached = np.cumsum(counts) / max(counts.sum(), 1)
    first = int(np.searchsorted(reached, left_out))
    last = int(np.searchsorted(reached, 1 - left_out))
    edges = np.linspace(values[first], values[min(last, len(values) - 1)], bins + 1)
    if last - first < bins or edges[0] == edges[-1]:
        return counts, values
    into = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, bins - 1)
    return np.bincount(into, counts, bins).astype(np.int64), (edges[:-1] + edges[1:]) / 2
