"""A picture larger than the network, in overlapping tiles that are blended (nnU-Net's rules)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Tiles = Sequence[NDArray[np.float32]]


def starts(length: int, tile: int, overlap: float) -> tuple[int, ...]:
    """Where tiles begin along one side: evenly spread, the first at 0, the last at the end."""
    if length <= tile:
        return (0,)
    count = math.ceil((length - tile) / max(1.0, tile * (1 - overlap))) + 1
    return tuple(round(at * (length - tile) / (count - 1)) for at in range(count))


def weights(size: tuple[int, int]) -> NDArray[np.float32]:
    """How much each pixel of a tile counts: a Gaussian of an eighth of the side, never 0."""
    sides = [np.exp(-0.5 * ((np.arange(side) - (side - 1) / 2) / (side / 8)) ** 2) for side in size]
    bell = np.outer(*sides)
    weight: NDArray[np.float32] = np.maximum(bell / bell.max(), 1e-3).astype(np.float32)
    return weight


def blended(
    picture: NDArray[np.float32],
    size: tuple[int, int],
    run: Callable[[Tiles], NDArray[np.float32]],
    *,
    overlap: float = 0.5,
    batch: int = 4,
    report: Callable[[int, int], object] = lambda done, of: None,
) -> NDArray[np.float32]:
    """What *run* makes of the tiles of *picture* (row, column, channel), put together on its grid.

    *run* takes tiles of *size* and gives (tile, row, column, class). *report* hears (tiles done, of all).
    """
    rows, columns = picture.shape[:2]
    places = [
        (top, left) for top in starts(rows, size[0], overlap) for left in starts(columns, size[1], overlap)
    ]
    weight = weights(size)[..., None]
    total: NDArray[np.float32] | None = None
    weighed = np.zeros((rows, columns, 1), np.float32)
    for at in range(0, len(places), batch):
        part = places[at : at + batch]
        found = run([picture[top : top + size[0], left : left + size[1]] for top, left in part])
        if total is None:
            total = np.zeros((rows, columns, found.shape[-1]), np.float32)
        for (top, left), tile in zip(part, found, strict=True):
            total[top : top + size[0], left : left + size[1]] += tile * weight
            weighed[top : top + size[0], left : left + size[1]] += weight
        report(min(at + batch, len(places)), len(places))
    assert total is not None
    total /= weighed
    return total
