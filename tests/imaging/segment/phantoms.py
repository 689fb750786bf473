"""Grids of which everything is known: balls of a known volume, and a chest."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.volume import read_only
from medviewer.imaging.segment.grid import Grid, Mask

ODD = (1.5, 0.65, 0.65)
"""Voxels that are no cubes."""


def places(shape: tuple[int, ...], spacing: tuple[float, ...]) -> list[NDArray[np.float64]]:
    """Distances from the middle along each axis, in mm, ready to be added."""
    axes = [
        (np.arange(size) - (size - 1) / 2 + 0.21) * step for size, step in zip(shape, spacing, strict=True)
    ]
    return list(np.ix_(*axes))


def ball(radius_mm: float, spacing: tuple[float, ...], around_mm: float) -> Mask:
    """A ball, or a disc, with so much room around it."""
    shape = tuple(int(2 * (radius_mm + around_mm) / step) + 3 for step in spacing)
    squares = sum(np.square(one) for one in places(shape, spacing))
    return np.ascontiguousarray(np.asarray(squares) <= radius_mm * radius_mm)


def ball_ml(radius_mm: float) -> float:
    return 4 / 3 * math.pi * radius_mm**3 / 1000


def grid(values: NDArray[Any], spacing: tuple[float, ...] = (), **more: Any) -> Grid:
    kind = np.int16 if values.dtype.kind in "iub" else np.float32
    return Grid(read_only(values.astype(kind)), spacing or (2.0, 0.8, 0.8)[-values.ndim :], **more)


def bright_ball(
    radius_mm: float = 12.0, spacing: tuple[float, ...] = ODD, noise: float = 12.0
) -> tuple[Grid, Mask]:
    """A ball of 150 in 0, with noise; in HU."""
    inside = ball(radius_mm, spacing, 8)
    values = inside * 150.0 + np.random.default_rng(4).normal(0, noise, inside.shape)
    return grid(np.rint(values).astype(int), spacing, unit="HU"), inside


def middle(mask: NDArray[Any]) -> tuple[int, ...]:
    return tuple(size // 2 for size in mask.shape)


def overlap(one: Mask, other: Mask) -> float:
    """Dice's coefficient."""
    return 2 * int((one & other).sum()) / max(int(one.sum()) + int(other.sum()), 1)


def chest() -> tuple[Grid, Mask]:
    """A body with two lungs, a windpipe, a nodule at the pleura, a table; and its lungs. The head is last."""
    spacing = (4.0, 1.5, 1.5)
    shape = (40, 160, 220)
    along, down, across = places(shape, spacing)

    def tube(x: float, y: float, half_x: float, half_y: float) -> NDArray[Any]:
        return np.square((across - x) / half_x) + np.square((down - y) / half_y) <= 1

    def egg(x: float, half_x: float) -> NDArray[Any]:
        squares = np.square((across - x) / half_x) + np.square(down / 70) + np.square((along + 10) / 62)
        return np.asarray(squares <= 1)

    values = np.full(shape, -1000.0)
    values[np.broadcast_to(tube(0, 0, 145, 95), shape)] = 40
    values[np.broadcast_to((down > 102) & (down < 108) & (abs(across) < 120), shape)] = 300
    lungs = egg(70, 45) | egg(-70, 45)
    values[lungs] = -850
    # close enough for a bay, not enough for a ball of its own
    nodule = np.square(across - 113) + np.square(down) + np.square(along + 10) <= 6**2
    values[nodule] = 30
    values[np.broadcast_to(tube(0, 20, 9, 8), shape) & np.broadcast_to(along > 10, shape)] = -1000
    rng = np.random.default_rng(9)
    noisy = np.rint(values + rng.normal(0, 15, shape)).clip(-1024, 3000)
    return grid(noisy.astype(int), spacing, unit="HU", towards_head=1), lungs
