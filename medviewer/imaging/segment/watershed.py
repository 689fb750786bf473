"""Watershed: seeds flood the slopes of a picture until they meet at its ridges."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from medviewer.imaging.segment.grid import Grid, Mask
from medviewer.imaging.segment.method import Seed, segmentation
from medviewer.imaging.segment.part import Part, near_seeds
from medviewer.imaging.segment.simple_itk import filtered
from medviewer.kit.params import Slider
from medviewer.kit.task import TaskContext

MOST = 2_000_000
"""Voxels that are flooded: some seconds, and 100 bytes for each."""
MOST_FLAT = 6_000_000
"""The same of one picture, where there are four neighbours and not six."""

Ball = Annotated[float, Slider(0, 20, step=0.5, label="A seed is a ball of", unit="mm")]
Reach = Annotated[float, Slider(5, 500, step=5, label="Looks as far as", unit="mm")]


@segmentation("Watershed", group="From seeds", needs_seeds=True, outside=True)
def watershed(
    grid: Grid,
    seeds: tuple[Seed, ...],
    context: TaskContext,
    *,
    ball_mm: Ball = 3.0,
    sigma_mm: Annotated[float, Slider(0, 10, step=0.1, label="Smoothing first", unit="mm")] = 2.0,
    reach_mm: Reach = 100.0,
) -> Mask:
    """What is nearer to the seeds inside than to those outside, over the slopes between them.

    The gradient's magnitude is flooded from the seeds (SimpleITK's morphological watershed; S. Beucher and
    F. Meyer, 1993). Without seeds outside the border of the box that is looked at is outside.
    """

    def find(part: Part) -> Mask:
        markers = part.markers(ball_mm)
        slopes = gradient(part.values, part.spacing, sigma_mm, context)
        name = "MorphologicalWatershedFromMarkers"
        found: Mask = filtered(name, [slopes, markers], part.spacing, context, MarkWatershedLine=False) == 1
        return found

    return near_seeds(grid, seeds, reach_mm, MOST_FLAT if grid.values.ndim == 2 else MOST, find)


def gradient(
    values: NDArray[np.float32], spacing: tuple[float, ...], sigma_mm: float, context: TaskContext
) -> NDArray[np.float32]:
    """How steep *values* are, per mm, after a Gaussian. Raises Cancelled."""
    from scipy.ndimage import correlate1d, gaussian_filter  # noqa: PLC0415  heavy, and needed only here

    smooth = values
    if sigma_mm > 0:
        smooth = gaussian_filter(values, [sigma_mm / step for step in spacing], mode="nearest", truncate=3)
    total = np.zeros(values.shape, np.float32)
    for axis, step in enumerate(spacing):
        context.check()
        slope = correlate1d(smooth, [-0.5 / step, 0, 0.5 / step], axis=axis, mode="nearest")
        total += np.square(slope, out=slope)
    return np.sqrt(total, out=total)
