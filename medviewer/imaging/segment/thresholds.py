"""Classes of values: between two limits that somebody gives, or that the histogram shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from medviewer.imaging.segment.counting import coarser, counts_of
from medviewer.imaging.segment.grid import Grid, Mask
from medviewer.imaging.segment.method import segmentation
from medviewer.kit.params import Slider
from medviewer.kit.task import TaskContext

FINEST = 256
"""Steps of grey between which several limits are looked for: every pair, or more, of them is tried."""
ROUNDS = 300
"""K-means settles in some dozens."""

Limit = Annotated[float, Slider(-32768, 65535, step=1)]


def between(grid: Grid, low: float, high: float, context: TaskContext, above: bool = False) -> Mask:
    """Where values lie from *low* to *high*, both of them in it unless only what is *above* low counts."""
    values = grid.values.reshape(-1, *grid.values.shape[-2:])
    mask = np.empty(values.shape, bool)
    for at, (target, one) in enumerate(zip(mask, values, strict=True)):
        context.report(at / len(values))
        np.greater(one, low, out=target) if above else np.greater_equal(one, low, out=target)
        target &= one <= high
    return mask.reshape(grid.values.shape)


@segmentation("Threshold", group="Values")
def threshold(grid: Grid, context: TaskContext, *, low: Limit = 100, high: Limit = 65535) -> Mask:
    """Everything whose value lies between two limits, both included, in the unit of the picture."""
    return between(grid, min(low, high), max(low, high), context)


@segmentation("Otsu", group="Values")
def otsu(grid: Grid, context: TaskContext, *, side: Literal["bright", "dark"] = "bright") -> Mask:
    """Split bright from dark where the two differ most from each other and least within themselves.

    N. Otsu, IEEE Transactions on Systems, Man, and Cybernetics 9(1), 1979. A picture of one value has no
    bright side.
    """
    from skimage import filters  # noqa: PLC0415  heavy, and needed only here

    counts, values = counts_of(grid, context.part(0, 0.7))
    some = np.flatnonzero(counts)
    if len(some) < 2:
        return np.zeros(grid.values.shape, bool)
    limit_of: Any = filters.threshold_otsu
    limit = float(limit_of(hist=(counts[some[0] : some[-1] + 1], values[some[0] : some[-1] + 1])))
    above = between(grid, limit, np.inf, context.part(0.7, 1), above=True)
    return above if side == "bright" else ~above


@segmentation("Multi-Otsu", group="Values")
def multi_otsu(
    grid: Grid,
    context: TaskContext,
    *,
    classes: Annotated[int, Slider(2, 4)] = 3,
    keep: Annotated[int, Slider(1, 4, label="Class, from dark")] = 3,
) -> Mask:
    """One of several classes of values that differ most from each other and least within themselves.

    P.-S. Liao, T.-S. Chen and P.-C. Chung, Journal of Information Science and Engineering 17(5), 2001.
    Limits are found in 256 steps. Where there are fewer different values than classes, none is found.
    """
    from skimage import filters  # noqa: PLC0415  heavy, and needed only here

    counts, values = coarser(*counts_of(grid, context.part(0, 0.6)), FINEST)
    some = counts > 0
    if np.count_nonzero(some) < classes or keep > classes:
        return np.zeros(grid.values.shape, bool)
    if np.count_nonzero(some) <= FINEST:
        counts, values = counts[some], values[some]
    limits_of: Any = filters.threshold_multiotsu
    limits = limits_of(classes=classes, hist=(counts, values))
    return _class(grid, limits, keep, context.part(0.6, 1))


@segmentation("K-means", group="Values")
def k_means(
    grid: Grid,
    context: TaskContext,
    *,
    classes: Annotated[int, Slider(2, 8)] = 4,
    keep: Annotated[int, Slider(1, 8, label="Class, from dark")] = 3,
    smoothing_px: Annotated[float, Slider(0, 5, step=0.1, unit="px", label="Smoothing first")] = 1.0,
) -> Mask:
    """One of several classes of values, each voxel going with the mean that is nearest to it.

    S. P. Lloyd, IEEE Transactions on Information Theory 28(2), 1982, on the histogram, beginning with its
    quantiles: the same picture always gives the same classes. Slices are smoothed first, against noise.
    """
    if keep > classes:
        return np.zeros(grid.values.shape, bool)
    smooth = _smoothed(grid, smoothing_px, context.part(0, 0.4))
    counts, values = counts_of(smooth, context.part(0.4, 0.7))
    if np.count_nonzero(counts) < classes:
        return np.zeros(grid.values.shape, bool)
    means = means_of(counts, values, classes, context)
    return _class(smooth, (means[:-1] + means[1:]) / 2, keep, context.part(0.7, 1))


def means_of(
    counts: NDArray[np.int64], values: NDArray[np.float64], classes: int, context: TaskContext
) -> NDArray[np.float64]:
    """The means, in rising order, to which Lloyd's algorithm moves the quantiles of a histogram."""
    some = counts > 0
    counts, values = counts[some], values[some]
    reached = np.cumsum(counts) / counts.sum()
    means = values[np.searchsorted(reached, (np.arange(classes) + 0.5) / classes)].astype(np.float64)
    if len(np.unique(means)) < classes:  # more than a share of all voxels has one value, often air
        means = np.linspace(values[0], values[-1], 2 * classes + 1)[1::2]
    for _ in range(ROUNDS):
        context.check()
        nearest = np.searchsorted((means[:-1] + means[1:]) / 2, values, side="left")
        held = np.bincount(nearest, counts, classes)
        moved = np.where(
            held > 0, np.bincount(nearest, counts * values, classes) / np.maximum(held, 1), means
        )
        if np.array_equal(moved, means):
            break
        means = moved
    return means


def _class(
    grid: Grid, limits: Sequence[float] | NDArray[np.float64], keep: int, context: TaskContext
) -> Mask:
    """The class number *keep*, from 1, between *limits*; a value at a limit belongs to the darker one."""
    ends = [-np.inf, *(float(limit) for limit in limits), np.inf]
    return between(grid, ends[keep - 1], ends[keep], context, above=keep > 1)


def _smoothed(grid: Grid, sigma_px: float, context: TaskContext) -> Grid:
    """Each slice smoothed, in the type that it has."""
    if sigma_px == 0:
        return grid
    values = grid.values.reshape(-1, *grid.values.shape[-2:])
    smooth = np.empty_like(values)
    for at, one in enumerate(values):
        context.report(at / len(values))
        cv2.GaussianBlur(one, (0, 0), sigma_px, dst=smooth[at], borderType=cv2.BORDER_REPLICATE)
    return replace(grid, values=smooth.reshape(grid.values.shape))
