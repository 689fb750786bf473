"""How far the borders of two masks are apart.

A border is every pixel or voxel of the mask with a neighbour across a face outside of it; what lies beyond
the picture is outside. Distances go from the centre of one border voxel to the nearest centre of the other
border.

* HD95: the larger of the two directed 95th percentiles (as in MONAI and Metrics Reloaded; others pool both
  directions, or take surface elements, and get other numbers for the same pair).
* Surface Dice at a tolerance (Nikolov et al. 2021, counted in border voxels): the share of both borders that
  lies within the tolerance of the other.

Both empty is a perfect answer: 0 and 1. One empty has no distance, NaN, and a surface Dice of 0.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from medviewer.kit.frozen import frozen

Mask = NDArray[np.bool_]


@frozen
class Apart:
    """How far two borders are apart, in the unit of the spacing."""

    hd95: float
    hausdorff: float
    """the largest distance"""
    mean: float
    """average symmetric surface distance: over all voxels of both borders"""
    surface_dice: float


def apart(truth: Mask, found: Mask, spacing: Sequence[float], tolerance: float) -> Apart:
    """The distances between the borders of two masks of one shape, (row, column) or (slice, row, column)."""
    one, other = (_places(mask, spacing) for mask in (truth, found))
    if not len(one) or not len(other):
        both = not len(one) and not len(other)
        nothing = 0.0 if both else math.nan
        return Apart(nothing, nothing, nothing, float(both))
    there, back = KDTree(other).query(one)[0], KDTree(one).query(other)[0]
    # what is computed a hair beyond a tolerance of whole voxels lies within it
    near = tolerance * (1 + 1e-9)
    return Apart(
        hd95=float(max(np.percentile(there, 95), np.percentile(back, 95))),
        hausdorff=float(max(there.max(), back.max())),
        mean=float((there.sum() + back.sum()) / (len(there) + len(back))),
        surface_dice=float(((there <= near).sum() + (back <= near).sum()) / (len(there) + len(back))),
    )


def border(mask: Mask) -> Mask:
    """The voxels of *mask* with a neighbour across a face that is outside."""
    inner = mask.copy()
    for axis in range(mask.ndim):
        ahead: list[Any] = [slice(None)] * mask.ndim
        behind = list(ahead)
        ahead[axis], behind[axis] = slice(1, None), slice(None, -1)
        inner[tuple(behind)] &= mask[tuple(ahead)]
        inner[tuple(ahead)] &= mask[tuple(behind)]
        for end in (0, -1):
            edge: list[Any] = [slice(None)] * mask.ndim
            edge[axis] = end
            inner[tuple(edge)] = False
    return mask & ~inner


def _places(mask: Mask, spacing: Sequence[float]) -> NDArray[np.float64]:
    """The centres of the border, (voxel, axis), in the unit of *spacing*."""
    return np.asarray(np.argwhere(border(mask)) * np.asarray(spacing, np.float64), np.float64)
