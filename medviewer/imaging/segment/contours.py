"""Active contours: a border that moves from the seeds outwards until the picture holds it."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from medviewer.imaging.segment.cleaning import connected_to
from medviewer.imaging.segment.grid import Grid, Mask
from medviewer.imaging.segment.method import Seed, segmentation
from medviewer.imaging.segment.part import Part, near_seeds
from medviewer.imaging.segment.simple_itk import filtered
from medviewer.imaging.segment.watershed import Reach, gradient
from medviewer.kit.params import Slider
from medviewer.kit.task import TaskContext

MOST = 1_500_000
"""Voxels of the box in which the border moves."""
MOST_EVEN = 500_000
"""The same where each round looks at all of them."""
ENDS_WELL = 0.002
"""Change of a round, as ITK measures it, at which the border has come to rest."""

Start = Annotated[float, Slider(0.5, 50, step=0.5, label="Begins as balls of", unit="mm")]
Rounds = Annotated[int, Slider(5, 1000, step=5)]


@segmentation("Active contour (geodesic)", group="From seeds", needs_seeds=True)
def geodesic(
    grid: Grid,
    seeds: tuple[Seed, ...],
    context: TaskContext,
    *,
    start_mm: Start = 4.0,
    sigma_mm: Annotated[float, Slider(0.1, 10, step=0.1, label="Smoothing first", unit="mm")] = 1.0,
    edge: Annotated[float, Slider(1, 100, step=1, unit="% of the steepest", label="Stops at")] = 12.0,
    smoothness: Annotated[float, Slider(0, 5, step=0.1)] = 0.4,
    rounds: Rounds = 300,
    reach_mm: Reach = 50.0,
) -> Mask:
    """Balls at the seeds that grow and stay smooth, slow down where it is steep, and are drawn to edges.

    Geodesic active contours by level sets: V. Caselles, R. Kimmel and G. Sapiro, International Journal of
    Computer Vision 22(1), 1997, in SimpleITK.
    """

    def find(part: Part) -> Mask:
        slopes = gradient(part.values, part.spacing, sigma_mm, context)
        steep = float(np.percentile(slopes, 99)) * edge / 100
        # 1 where the border may run, towards 0 where it is steep
        free = 1 / (1 + np.square(slopes / max(steep, 1e-12)))
        found = filtered(
            "GeodesicActiveContourLevelSet",
            [part.away(part.inside) - np.float32(start_mm), free],
            part.spacing,
            context,
            NumberOfIterations=rounds,
            MaximumRMSError=ENDS_WELL,
            PropagationScaling=1.0,
            CurvatureScaling=smoothness,
            AdvectionScaling=1.0,
        )
        return found < 0

    # the gradient of a level set needs neighbours along every axis
    if min(grid.values.shape) < 3:
        return _balls(grid, seeds, start_mm, reach_mm)
    return near_seeds(grid, seeds, reach_mm, MOST, find)


@segmentation("Active contour (Chan-Vese)", group="From seeds", needs_seeds=True)
def chan_vese(
    grid: Grid,
    seeds: tuple[Seed, ...],
    context: TaskContext,
    *,
    start_mm: Start = 8.0,
    smoothing: Annotated[int, Slider(0, 5, label="Smoothness")] = 1,
    inside_weight: Annotated[float, Slider(0.1, 5, step=0.1, label="Evenness inside")] = 1.0,
    outside_weight: Annotated[float, Slider(0.1, 5, step=0.1, label="Evenness outside")] = 1.0,
    rounds: Rounds = 60,
    reach_mm: Reach = 50.0,
) -> Mask:
    """A border that moves until values inside are as even as can be, and those outside; edges do not matter.

    Morphological Chan-Vese: P. Marquez-Neila, L. Baumela and L. Alvarez, IEEE Transactions on Pattern
    Analysis and Machine Intelligence 36(1), 2014. Of what it finds the parts stay in which the seeds lie.
    """

    def find(part: Part) -> Mask:
        from skimage import segmentation as scikit  # noqa: PLC0415  heavy, and needed only here

        low, high = part.scale()
        done = [0]

        def told(_: NDArray[np.int8]) -> None:
            context.report(min(1.0, done[0] / (rounds + 1)))
            done[0] += 1

        contour: Any = scikit.morphological_chan_vese
        found = contour(
            np.clip((part.values - low) / (high - low), 0, 1),
            rounds,
            init_level_set=(part.away(part.inside) <= start_mm).astype(np.int8),
            smoothing=smoothing,
            lambda1=inside_weight,
            lambda2=outside_weight,
            iter_callback=told,
        )
        return connected_to(np.ascontiguousarray(found, bool), part.inside, context)

    if min(grid.values.shape) < 3:
        return _balls(grid, seeds, start_mm, reach_mm)
    return near_seeds(grid, seeds, reach_mm, MOST_EVEN, find)


def _balls(grid: Grid, seeds: tuple[Seed, ...], start_mm: float, reach_mm: float) -> Mask:
    """Where nothing can move: the beginning."""
    return near_seeds(grid, seeds, reach_mm, MOST, lambda part: part.away(part.inside) <= start_mm)
