"""Slices with gaps or uneven steps on a regular grid: interpolated between neighbours, empty across gaps."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from medviewer.core.geometry import ImageGeometry, Plane
from medviewer.imaging.reslice_grid import DISPLACED, WIDE, distances

RESAMPLED = "Resampled between uneven slices"
GAPS = "Slices are missing: nothing is shown in the gaps"

Mixture = tuple[int, int, float] | None
"""Two slices and the share of the second; None where there is nothing."""


def mixtures(planes: Sequence[Plane], geometry: ImageGeometry) -> list[Mixture]:
    """Of which slices each slice of `regular_geometry` is made.

    A slice stands for half a usual step to either side of it; between two that are more than 1.5 of them
    apart nothing is made up. One that lies within 0.05 of a step of the grid is taken as it is.
    """
    along = distances(planes)
    usual = float(np.median(np.diff(along)))
    wanted = np.linspace(along[0], along[-1], geometry.shape[0])
    slack = DISPLACED * float(wanted[1] - wanted[0])
    return [_mixture(float(place), along, usual, slack) for place in wanted]


def evened(
    slices: Callable[[int], NDArray[np.float32]], made_of: Sequence[Mixture], voxels: NDArray[np.float32]
) -> None:
    """Fill *voxels* (slice, row, column) with mixtures of *slices* (row, column); NaN is never mixed in."""
    for target, mixture in zip(voxels, made_of, strict=True):
        if mixture is None:
            target[...] = np.nan
            continue
        one, other, share = mixture
        if share == 0:
            target[...] = slices(one)
            continue
        nearer, further = (one, other) if share <= 0.5 else (other, one)
        target[...] = (1 - share) * slices(one) + share * slices(other)
        lost = np.isnan(slices(further))
        target[lost] = slices(nearer)[lost]


def _mixture(place: float, along: NDArray[np.float64], usual: float, slack: float) -> Mixture:
    after = min(int(np.searchsorted(along, place)), len(along) - 1)
    before = max(after - 1, 0)
    step = along[after] - along[before]
    share = float((place - along[before]) / step) if step > 0 else 0.0
    near = int(np.abs(along - place).argmin())
    if abs(along[near] - place) <= slack:
        return near, near, 0.0
    if step <= WIDE * usual:
        return before, after, share
    return (near, near, 0.0) if abs(along[near] - place) <= usual / 2 else None
