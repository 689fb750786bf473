"""Random walker: to which seeds would one come first who walks at random and shuns steep places?"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from medviewer.imaging.segment.grid import Grid, Mask
from medviewer.imaging.segment.method import Seed, segmentation
from medviewer.imaging.segment.part import Part, near_seeds
from medviewer.imaging.segment.watershed import Ball, Reach
from medviewer.kit.params import Slider
from medviewer.kit.task import TaskContext

MOST = 400_000
"""Voxels, each of which is an unknown of a system of equations: some seconds, some hundred bytes for each."""
TOLERANCE = 1e-5
"""Of the equations of a stack: with 0.001 one voxel in a hundred came out on the wrong side where seeds are
lone and steps shunned much. Those of a picture, where ways are long and few, are solved exactly."""
MOST_EXACT = 250_000
"""Unknowns of a picture that are: a second or two."""
LEAST = 1e-6
"""Added to the weight of every step, so that nobody is walled in and the system can be solved."""
ROUNDS = 2000


@segmentation("Random walker", group="From seeds", needs_seeds=True, outside=True)
def random_walker(
    grid: Grid,
    seeds: tuple[Seed, ...],
    context: TaskContext,
    *,
    shuns: Annotated[float, Slider(0.2, 20, step=0.1, label="Shuns steps of", unit="SD")] = 2.0,
    ball_mm: Ball = 3.0,
    reach_mm: Reach = 60.0,
) -> Mask:
    """From where a walker who shuns steep places more likely comes to a seed inside than to one outside.

    L. Grady, IEEE Transactions on Pattern Analysis and Machine Intelligence 28(11), 2006. A step is
    measured in standard deviations of the steps around the seeds, which are mostly noise. Without seeds
    outside the border of the box is outside, which is far: a faint border needs some outside it.
    """

    def find(part: Part) -> Mask:
        markers = part.markers(ball_mm)
        step = shuns * noise_around(part, max(ball_mm, 3 * max(part.spacing)))
        return share_inside(part.values, markers, part.spacing, 0.5 / (step * step), context) > 0.5

    return near_seeds(grid, seeds, reach_mm, MOST, find)


def noise_around(part: Part, radius_mm: float) -> float:
    """The standard deviation of steps between neighbours in the rows near the seeds, never 0."""
    low, high = part.scale()
    near = part.away(part.inside) <= radius_mm
    steps_there = np.diff(part.values, axis=-1)[near[..., 1:] & near[..., :-1]]
    return max(float(steps_there.std()) if steps_there.size else 0.0, (high - low) / 200)


def share_inside(
    values: NDArray[Any],
    markers: NDArray[np.uint8],
    spacing: tuple[float, ...],
    scale: float,
    context: TaskContext,
) -> NDArray[np.float64]:
    """How likely the way from each voxel leads to a marker 1 before one of 2. Raises Cancelled."""
    from scipy.sparse import coo_array, diags_array  # noqa: PLC0415  heavy, and needed only here
    from scipy.sparse.linalg import LinearOperator, cg, spsolve  # noqa: PLC0415  (see above)

    one, other, weights = steps(values, spacing, scale)
    size = values.size
    links = coo_array((weights, (one, other)), (size, size)).tocsr()
    links = links + links.T
    known = markers.ravel() > 0
    share = (markers.ravel() == 1).astype(np.float64)
    if known.all() or not (markers == 2).any():
        return np.where(known, share, 1.0).reshape(values.shape)
    open_ends = np.flatnonzero(~known)
    towards = links[open_ends]
    degree = np.asarray(towards.sum(axis=1)).ravel()
    system = diags_array(degree) - towards[:, open_ends]
    wanted = towards[:, np.flatnonzero(known)] @ share[known]
    if values.ndim == 2 and len(open_ends) <= MOST_EXACT:
        context.check()
        share[open_ends] = spsolve(system.tocsc(), wanted)
        return np.asarray(share.reshape(values.shape), np.float64)
    inverse = 1 / degree
    done = [0]

    def told(_: NDArray[Any]) -> None:
        done[0] += 1
        context.report(min(0.99, done[0] / (done[0] + 60)))

    # Jacobi: each unknown by its own weight, which differ by orders of magnitude
    jacobi = LinearOperator(system.shape, matvec=lambda vector: inverse * vector.ravel(), dtype=np.float64)
    share[open_ends], _ = cg(system.tocsr(), wanted, rtol=TOLERANCE, maxiter=ROUNDS, M=jacobi, callback=told)
    found: NDArray[np.float64] = share.reshape(values.shape)
    return found


def steps(
    values: NDArray[Any], spacing: tuple[float, ...], scale: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Every step between two neighbours, once: from where, to where, and how readily it is taken.

    The weight of a difference d is exp(-scale * d²), less with the square of the distance, as for diffusion.
    """
    numbers = np.arange(values.size).reshape(values.shape)
    found = []
    for axis, step in enumerate(spacing):
        first = [slice(None)] * values.ndim
        second = list(first)
        first[axis], second[axis] = slice(None, -1), slice(1, None)
        differ = np.abs(values[tuple(second)] - values[tuple(first)]).astype(np.float64).ravel()
        weights = (np.exp(-scale * np.square(differ)) + LEAST) * (min(spacing) / step) ** 2
        found.append((numbers[tuple(first)].ravel(), numbers[tuple(second)].ravel(), weights))
    one, other, weight = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return one, other, weight
