"""Regions grown from seeds over neighbours of like values."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from medviewer.imaging.segment.cleaning import connected_to
from medviewer.imaging.segment.grid import Grid, Mask
from medviewer.imaging.segment.method import Seed, segmentation
from medviewer.imaging.segment.simple_itk import filtered, index_of
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

    SimpleITK's ConfidenceConnected: mean and deviation begin around the seeds and are told anew each round.
    """
    found = filtered(
        "ConfidenceConnected",
        [grid.values],
        grid.spacing,
        context,
        SeedList=[index_of(seed.index) for seed in seeds],
        Multiplier=multiplier,
        NumberOfIterations=rounds,
        InitialNeighborhoodRadius=radius_px,
        ReplaceValue=1,
    )
    return found.view(bool)


def mean_around(grid: Grid, index: tuple[int, ...]) -> float:
    """The mean of a voxel and its neighbours in its slice."""
    one = grid.values[index[0]] if len(index) == 3 else grid.values
    rows, columns = (slice(max(0, at - 1), at + 2) for at in index[-2:])
    return float(np.mean(one[rows, columns], dtype=np.float64))
