"""Values along a line: modality values of the frame's own pixels, never what the screen shows."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from medviewer.core.volume import Frame
from medviewer.imaging.grayscale import outside
from medviewer.imaging.positions import Position
from medviewer.imaging.scale import Scale
from medviewer.kit.frozen import frozen

RULE = "linear between the four nearest pixel centres, two samples per pixel"
"""How values between pixels are taken."""
SAMPLES_PER_PIXEL = 2
MOST_SAMPLES = 20_000


@frozen(eq=False)
class Profile:
    """Values along a line."""

    distances: NDArray[np.float64]
    """from the first end, in *distance_unit*"""
    values: NDArray[np.float64]
    """modality values, of colours the luminance; NaN where padding has a part, and beside the picture"""
    distance_unit: str
    unit: str


def profile(frame: Frame, one: Position, two: Position, scale: Scale) -> Profile:
    """The values from *one* to *two* (row, column), both ends included, at equal distances."""
    steps = max(math.ceil(math.dist(one, two) * SAMPLES_PER_PIXEL), 1)
    shares = np.linspace(0, 1, min(steps, MOST_SAMPLES) + 1)
    rows = one[0] + shares * (two[0] - one[0])
    columns = one[1] + shares * (two[1] - one[1])
    values = _between(_values(frame, rows, columns), rows, columns)
    unit = "luminance" if frame.is_color else frame.rescale.unit
    return Profile(shares * scale.distance(one, two), values, scale.unit, unit)


@frozen(eq=False)
class _Part:
    """The values around a line, and where the first of them lies."""

    values: NDArray[np.float64]
    start: tuple[int, int]


def _values(frame: Frame, rows: NDArray[np.float64], columns: NDArray[np.float64]) -> _Part:
    """The modality values of the part of the frame that the line crosses, NaN where nothing is."""
    height, width = frame.pixels.shape[:2]
    top, bottom = _reach(rows, height)
    left, right = _reach(columns, width)
    pixels = np.ascontiguousarray(frame.pixels[top:bottom, left:right])
    part = Frame(pixels, frame.plane, frame.rescale, frame.padding)
    if part.is_color:
        return _Part(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float64), (top, left))
    values = part.values().astype(np.float64)
    nowhere = outside(part)
    if nowhere is not None:
        values[nowhere] = np.nan
    return _Part(values, (top, left))


def _reach(places: NDArray[np.float64], size: int) -> tuple[int, int]:
    first = min(max(math.floor(places.min()), 0), size - 1)
    return first, min(max(math.floor(places.max()) + 2, first + 1), size)


def _between(part: _Part, rows: NDArray[np.float64], columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bilinear interpolation; up to half a pixel beyond the last centre the value is that of the border."""
    height, width = part.values.shape
    down, right = rows - part.start[0], columns - part.start[1]
    beside = (down < -0.5) | (down > height - 0.5) | (right < -0.5) | (right > width - 0.5)
    down, right = np.clip(down, 0, height - 1), np.clip(right, 0, width - 1)
    top, left = np.floor(down).astype(int), np.floor(right).astype(int)
    bottom, beyond = np.minimum(top + 1, height - 1), np.minimum(left + 1, width - 1)
    low, side = down - top, right - left
    found = np.zeros(len(rows))
    for row, row_share in ((top, 1 - low), (bottom, low)):
        for column, column_share in ((left, 1 - side), (beyond, side)):
            share = row_share * column_share
            # a pixel without a share has no say, also where it has no value
            found += np.where(share > 0, part.values[row, column] * share, 0.0)
    found[beside] = np.nan
    return found
