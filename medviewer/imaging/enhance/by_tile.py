"""Contrast-limited adaptive histogram equalisation at full depth, with a mask.

After K. Zuiderveld, Contrast Limited Adaptive Histogram Equalization, Graphics Gems IV, 1994. OpenCV's own
takes no mask, and on 16 bits it counts in 65,536 bins: hardly a bin then holds two pixels, and its limit
limits nothing. Here 256 bins describe each tile, and the curve through them is applied to all 65,536 greys.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from medviewer.imaging.enhance.operation import Image, Mask

TOP = 65_535
BINS = 256
STEPS = 65_536 // BINS
"""Greys in a bin."""


def grey16_of(image: Image) -> NDArray[np.uint16]:
    """0..1 as 0..65535."""
    # rounded to the nearest, and no further than either end
    return np.asarray(cv2.addWeighted(image, TOP, image, 0, 0, dtype=cv2.CV_16U), np.uint16).reshape(
        image.shape
    )


def equalised_by_tile(image: Image, valid: Mask | None, clip_limit: float, tiles: int) -> Image:
    """*image* (0..1) equalised in *tiles* by *tiles* tiles whose curves run into each other.

    No bin of a tile counts for more than *clip_limit* times the average one. Only *valid* pixels are counted;
    a tile without any has the curve of the whole picture.
    """
    grey16 = grey16_of(image)
    rows, columns = (_cuts(length, tiles) for length in grey16.shape)
    whole = _curve(grey16, valid, clip_limit, None)
    curves = [
        [
            _curve(grey16[top:bottom, left:right], _part(valid, top, bottom, left, right), clip_limit, whole)
            for left, right in pairwise(columns)
        ]
        for top, bottom in pairwise(rows)
    ]
    return _blended(grey16, curves, _weights(rows), _weights(columns))


def _cuts(length: int, tiles: int) -> list[int]:
    count = min(tiles, length)
    return [round(length * number / count) for number in range(count + 1)]


def _part(valid: Mask | None, top: int, bottom: int, left: int, right: int) -> Mask | None:
    return None if valid is None else valid[top:bottom, left:right]


def _curve(
    grey16: NDArray[np.uint16], valid: Mask | None, clip_limit: float, otherwise: NDArray[np.float32] | None
) -> NDArray[np.float32]:
    """What becomes of the lower edge of each bin, and of 1: (257,), rising from 0 to 1."""
    found = (grey16 if valid is None else grey16[valid]) >> 8
    if not found.size and otherwise is not None:
        return otherwise
    counts = np.bincount(found.ravel(), minlength=BINS).astype(np.float64)
    # a limit below one pixel would flatten what occurs at all
    limit = max(clip_limit * found.size / BINS, 1.0)
    clipped = np.minimum(counts, limit)
    clipped += (counts.sum() - clipped.sum()) / BINS
    reached = np.concatenate([[0.0], np.cumsum(clipped)])
    return np.asarray(reached / max(reached[-1], 1e-9), np.float32)


def _weights(cuts: list[int]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """For each pixel of an axis the tile whose middle it follows, and its share of the way to the next."""
    middles = [(start + stop - 1) / 2 for start, stop in pairwise(cuts)]
    place = np.interp(np.arange(cuts[-1]), middles, np.arange(len(middles)))
    first = place.astype(np.int64)
    return first, (place - first).astype(np.float32)


def _blended(
    grey16: NDArray[np.uint16],
    curves: list[list[NDArray[np.float32]]],
    down: tuple[NDArray[np.int64], NDArray[np.float32]],
    across: tuple[NDArray[np.int64], NDArray[np.float32]],
) -> Image:
    """Each grey through the curves of the four tiles around it."""
    out = np.empty(grey16.shape, np.float32)
    last_row, last_column = len(curves) - 1, len(curves[0]) - 1

    # two rows of tiles are in use at a time; a table is 256 KB
    @lru_cache(maxsize=2 * len(curves[0]))
    def table(row: int, column: int) -> NDArray[np.float32]:
        return _table(curves[min(row, last_row)][min(column, last_column)])

    for top, bottom in _runs(down[0]):
        for left, right in _runs(across[0]):
            part = np.ascontiguousarray(grey16[top:bottom, left:right])
            row, column = int(down[0][top]), int(across[0][left])
            share = across[1][left:right]
            above = _mixed(part, table(row, column), table(row, column + 1), share)
            below = _mixed(part, table(row + 1, column), table(row + 1, column + 1), share)
            out[top:bottom, left:right] = above + (below - above) * down[1][top:bottom, None]
    return out


def _runs(tile: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Where pixels have the same tiles around them."""
    edges = np.flatnonzero(np.diff(tile)) + 1
    return list(pairwise([0, *edges.tolist(), len(tile)]))


def _table(curve: NDArray[np.float32]) -> NDArray[np.float32]:
    """A curve for all 65,536 greys, straight within a bin."""
    share = np.arange(STEPS, dtype=np.float32) / np.float32(STEPS)
    return (curve[:-1, None] + np.diff(curve)[:, None] * share).ravel()


def _mixed(
    part: NDArray[np.uint16], one: NDArray[np.float32], two: NDArray[np.float32], share: NDArray[np.float32]
) -> Image:
    first = np.asarray(cv2.LUT(part, one), np.float32)
    return first + (cv2.LUT(part, two) - first) * share
