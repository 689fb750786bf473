"""Regions grown from seeds over neighbours of like values."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Annotated

import numpy as np

from medviewer.imaging.segment.cleaning import connected_to
from medviewer.imaging.segment.grid import Grid, Mask
from medviewer.imaging.segment.measured import measured
from medviewer.imaging.segment.method import Seed, segmentation
from medviewer.imaging.segment.thresholds import between
from medviewer.kit.params import Slider
from medviewer.kit.task import TaskContext

Away = Annotated[float, Slider(0, 4000, step=1)]


@segmentation("Region growing", group="From seeds", needs_seeds=True)
def region_growing(
    grid: Grid, seeds: tuple[Seed, ...], context: TaskContext, *, below: Away = 60, above: Away = 60
) -> Mask:
    """What hangs together with the seeds and differs from them by no more than two amounts.

    The seed's value is the mean of it and its neighbours in its slice, of several seeds from the lowest to
    the highest. A seed that is itself outside of these limits finds what it touches. Connected threshold:
    voxels that touch at a corner are connected.
    """
    means = [mean_around(grid, seed.index) for seed in seeds]
    limited = between(grid, min(means) - below, max(means) + above, context.part(0, 0.3))
    for seed in seeds:
        limited[seed.index] = True
    return connected_to(limited, tuple(seed.index for seed in seeds), context)


@segmentation("Region growing, statistical", group="From seeds", needs_seeds=True)
def confidence_connected(
    grid: Grid,
    seeds: tuple[Seed, ...],
    context: TaskContext,
    *,
    multiplier: Annotated[float, Slider(0.5, 6, step=0.1, unit="SD")] = 2.5,
    rounds: Annotated[int, Slider(0, 10)] = 4,
    radius_px: Annotated[int, Slider(1, 10, unit="px", label="First radius")] = 2,
) -> Mask:
    """What hangs together with the seeds and lies within some standard deviations of the mean found so far.

    Mean and deviation begin around the seeds and are told anew each round, as by ITK's ConfidenceConnected,
    which takes half as much memory again. Voxels are connected across faces; the seeds are always found.
    """
    indices = tuple(seed.index for seed in seeds)
    lowest, highest = (float(end([grid.values[index] for index in indices])) for end in (min, max))
    mean, deviation = _around(grid, indices, radius_px)
    found = None
    for number in range(rounds + 1):
        step = context.part(number / (rounds + 1), (number + 1) / (rounds + 1))
        if found is not None:
            mean, deviation = _inside(grid, found)
            del found
        low, high = mean - multiplier * deviation, mean + multiplier * deviation
        limited = between(grid, min(low, lowest), max(high, highest), step)
        found = connected_to(limited, indices, step, corners=False)
        del limited
    assert found is not None
    return found


def _around(grid: Grid, indices: tuple[tuple[int, ...], ...], radius_px: int) -> tuple[float, float]:
    """Mean and deviation in a box around each of *indices*, the middle of those of all."""
    boxes = [
        grid.values[tuple(slice(max(0, at - radius_px), at + radius_px + 1) for at in index)]
        for index in indices
    ]
    variance = np.mean([np.var(box, dtype=np.float64) * box.size / max(box.size - 1, 1) for box in boxes])
    return float(np.mean([np.mean(box, dtype=np.float64) for box in boxes])), float(np.sqrt(variance))


def _inside(grid: Grid, mask: Mask) -> tuple[float, float]:
    """Mean and deviation of the values in *mask*."""
    found = measured(mask, replace(grid, valid=None))
    assert found.mean is not None
    assert found.sd is not None
    return found.mean, found.sd * math.sqrt(found.voxels / max(found.voxels - 1, 1))


def mean_around(grid: Grid, index: tuple[int, ...]) -> float:
    """The mean of a voxel and its neighbours in its slice."""
    one = grid.values[index[0]] if len(index) == 3 else grid.values
    rows, columns = (slice(max(0, at - 1), at + 2) for at in index[-2:])
    return float(np.mean(one[rows, columns], dtype=np.float64))
