"""Where the openings of a shutter are, which is the same in an image and in a presentation state."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from medviewer.core.volume import read_only
from medviewer.kit.frozen import frozen

MOST_VERTICES = 4096

Mask = NDArray[np.bool_]
_Shape = tuple[int, int]


@frozen
class ShutterOutline:
    """A shutter before it is known how large the picture is (PS3.3 C.7.6.11)."""

    openings: tuple[tuple[str, tuple[float, ...]], ...]
    """(kind, numbers) as `covered_outside` takes them; what lies in all of them is seen"""
    grey: float = 0.0
    """what is shown elsewhere: 0 black to 1 white"""

    def covered(self, shape: _Shape, aspect: float = 1.0) -> NDArray[np.uint8]:
        """255 where a picture of *shape*, whose pixels are *aspect* times as high as wide, is covered."""
        found = np.zeros(shape, np.uint8)
        for kind, numbers in self.openings:
            found |= covered_outside(kind, numbers, shape, aspect)
        return read_only(found)


@lru_cache(maxsize=8)
def covered_outside(kind: str, numbers: tuple[float, ...], shape: _Shape, aspect: float) -> NDArray[np.uint8]:
    """255 outside of a shape whose *numbers* are those of the file, 0 on its edge and inside; read-only.

    RECTANGULAR: upper, lower, left, right edge; CIRCULAR: row, column, radius; POLYGONAL: row, column, ...;
    rows and columns count from 1. The pictures of a run share one mask.
    """
    rows = np.arange(1, shape[0] + 1, dtype=np.float64)[:, None]
    columns = np.arange(1, shape[1] + 1, dtype=np.float64)
    if kind == "RECTANGULAR":
        upper, lower, left, right = numbers
        seen = (rows >= upper) & (rows <= lower) & (columns >= left) & (columns <= right)
    elif kind == "CIRCULAR":
        row, column, radius = numbers
        seen = ((rows - row) * aspect) ** 2 + (columns - column) ** 2 <= radius**2
    else:
        seen = inside_polygon(numbers, shape)
    return read_only(np.where(seen, 0, 255).astype(np.uint8))


def inside_polygon(numbers: tuple[float, ...], shape: _Shape) -> Mask:
    """Where a pixel's centre is inside a polygon (row, column, row, column, ...; from 1) or on its edge."""
    points = np.reshape(numbers, (-1, 2)) - 1.0
    odd = np.zeros((shape[0], shape[1] + 1), np.bool_)
    edge = np.zeros(shape, np.bool_)
    for (row, column), (next_row, next_column) in zip(points, np.roll(points, -1, axis=0), strict=True):
        low, high = sorted((row, next_row))
        lines = np.arange(max(0, int(np.ceil(low))), min(shape[0] - 1, int(np.floor(high))) + 1)
        if row == next_row:
            ends = sorted((column, next_column))
            edge[lines, max(0, int(np.ceil(ends[0]))) : max(0, int(np.floor(ends[1])) + 1)] = True
            continue
        at = column + (lines - row) * ((next_column - column) / (next_row - row))
        whole = np.rint(at)
        on = (np.abs(at - whole) < 1e-9) & (whole >= 0) & (whole < shape[1])
        edge[lines[on], whole[on].astype(np.intp)] = True
        # half open, so that a corner between two edges counts once
        cut = lines < high
        first = np.clip(np.ceil(at[cut]), 0, shape[1]).astype(np.intp)
        odd[lines[cut], first] ^= True
    return np.logical_xor.accumulate(odd[:, :-1], axis=1) | edge
