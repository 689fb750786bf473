"""Positions on a picture: the line through them, and what is left of one that was drawn by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np

Position = tuple[float, float]
"""(row, column) in fractions, with (0, 0) at the centre of the first pixel"""


def perimeter(corners: Sequence[Position], spacing: tuple[float, float]) -> float:
    """How long the closed line around is, with the *spacing* of (rows, columns)."""
    around = (*corners, corners[0])
    return math.fsum(
        math.hypot((two[0] - one[0]) * spacing[0], (two[1] - one[1]) * spacing[1])
        for one, two in zip(around, around[1:], strict=False)
    )


def simplified(corners: Sequence[Position], within: float) -> tuple[Position, ...]:
    """A closed line with fewer corners, nowhere farther than *within* from what it was.

    U. Ramer, Computer Graphics and Image Processing 1, 1972; D. Douglas and T. Peucker, Cartographica 10,
    1973. At least three corners are left.
    """
    if len(corners) <= 3:
        return tuple(corners)
    points = np.asarray(corners, np.float64)
    # float32 has seven digits: near to 0 they say more than enough
    middle = points.mean(axis=0)
    kept = cv2.approxPolyDP((points - middle).astype(np.float32).reshape(-1, 1, 2), within, closed=True)
    found = kept.reshape(-1, 2).astype(np.float64) + middle
    if len(found) < 3:
        return tuple(corners)
    return tuple((float(row), float(column)) for row, column in found)
