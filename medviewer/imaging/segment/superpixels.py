"""Superpixels: small even pieces of a picture, joined from the seeds on."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from medviewer.imaging.segment.grid import Grid, Mask
from medviewer.imaging.segment.method import Seed, segmentation
from medviewer.imaging.segment.part import Index, Part, near_seeds
from medviewer.imaging.segment.simple_itk import filtered
from medviewer.imaging.segment.watershed import Reach
from medviewer.kit.params import Slider
from medviewer.kit.task import TaskContext

MOST = 4_000_000
ROUNDS = 5
"""After which the pieces of SLIC hardly move any more."""


@segmentation("Superpixels (SLIC)", group="From seeds", needs_seeds=True, outside=True)
def superpixels(
    grid: Grid,
    seeds: tuple[Seed, ...],
    context: TaskContext,
    *,
    size_mm: Annotated[float, Slider(1, 50, step=0.5, label="Size of a piece", unit="mm")] = 6.0,
    compactness: Annotated[float, Slider(0.1, 50, step=0.1)] = 5.0,
    tolerance: Annotated[float, Slider(0, 50, step=0.5, unit="% of the range")] = 6.0,
    reach_mm: Reach = 60.0,
) -> Mask:
    """Pieces of like values, from those that hold the seeds over neighbours whose mean is like theirs.

    SLIC: R. Achanta and others, IEEE Transactions on Pattern Analysis and Machine Intelligence 34(11), 2012,
    in SimpleITK. The range is that of the middle 96 percent of the values near the seeds.
    """

    def find(part: Part) -> Mask:
        low, high = part.scale()
        values = np.clip((part.values - low) * np.float32(100 / (high - low)), 0, 100)
        pieces = pieces_of(values, part.spacing, size_mm, compactness, context)
        return joined(values, pieces, part.inside, part.outside, tolerance, context)

    return near_seeds(grid, seeds, reach_mm, MOST, find)


def pieces_of(
    values: NDArray[np.float32],
    spacing: tuple[float, ...],
    size_mm: float,
    compactness: float,
    context: TaskContext,
) -> NDArray[np.int64]:
    """The number of its piece for each voxel, from 0 without gaps. *values* reach from 0 to 100."""
    sides = [max(1, round(size_mm / step)) for step in spacing]
    if min(values.shape) < 2 or max(sides) == 1:
        return np.arange(values.size).reshape(values.shape)
    found = filtered(
        "SLIC",
        [values],
        spacing,
        context,
        SuperGridSize=[min(side, size) for side, size in zip(sides, values.shape, strict=True)][::-1],
        SpatialProximityWeight=compactness,
        MaximumNumberOfIterations=ROUNDS,
        EnforceConnectivity=True,
        # sums of several threads would be rounded in the order in which they happen to end
        NumberOfThreads=1,
    )
    numbers: NDArray[np.int64] = np.unique(found, return_inverse=True)[1].reshape(values.shape)
    return numbers


def joined(
    values: NDArray[np.float32],
    pieces: NDArray[np.int64],
    inside: tuple[Index, ...],
    outside: tuple[Index, ...],
    tolerance: float,
    context: TaskContext,
) -> Mask:
    """The pieces connected to those of the seeds whose mean is within *tolerance* of theirs."""
    from scipy.sparse import coo_array  # noqa: PLC0415  heavy, and needed only here
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415  (see above)

    flat = pieces.ravel()
    held = np.bincount(flat)
    mean = np.bincount(flat, values.ravel()) / np.maximum(held, 1)
    first = np.unique([pieces[index] for index in inside])
    context.check()
    alike = (mean >= mean[first].min() - tolerance) & (mean <= mean[first].max() + tolerance)
    for index in outside:
        alike[pieces[index]] = False
    alike[first] = True
    one, other = neighbours(pieces)
    both = alike[one] & alike[other]
    links: Any = coo_array((np.ones(both.sum(), bool), (one[both], other[both])), (len(held), len(held)))
    group = connected_components(links, directed=False)[1]
    stays = alike & np.isin(group, group[first])
    found: Mask = stays[pieces]
    return found


def neighbours(pieces: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of pieces that share a face, each once."""
    count = int(pieces.max()) + 1
    codes = []
    for axis in range(pieces.ndim):
        swapped = np.moveaxis(pieces, axis, 0)
        one, other = swapped[:-1], swapped[1:]
        differ = one != other
        codes.append(np.unique(one[differ] * count + other[differ]))
    pairs = np.unique(np.concatenate(codes))
    return pairs // count, pairs % count
