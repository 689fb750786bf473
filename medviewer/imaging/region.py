"""The pixels of an area and what they hold: modality values, and enhanced ones beside them.

Pixels count whose centre lies inside or on the line (of outlines that cross themselves by the even-odd rule);
padding is no part of any area. Deviations are those of a population (divided by N).
"""

from __future__ import annotations

import math
from typing import Any
from weakref import ReferenceType, WeakKeyDictionary, ref

import cv2
import numpy as np
from numpy.typing import NDArray

from medviewer.core.annotation import Shape
from medviewer.core.volume import Frame, Rescale
from medviewer.imaging.enhance.apply import Enhanced
from medviewer.imaging.grayscale import outside
from medviewer.imaging.outline import enclosed
from medviewer.imaging.positions import Position
from medviewer.kit.frozen import frozen

Area = tuple[Shape, tuple[Position, ...]]
"""A rectangle or an ellipse between two corners (row, column), or the corners of an outline."""
MOST_REMEMBERED = 64
STORED = (np.uint8, np.uint16, np.int16)
"""Kinds of pixels that OpenCV sums up without rounding."""
OF_ONE = "of 1"
"""Stands beside greys from 0 (black) to 1 (white) in place of a unit: they have none."""


@frozen
class Statistics:
    """The values of the pixels in a region, padding left out."""

    count: int
    mean: float
    deviation: float
    """standard deviation of the population"""
    minimum: float
    maximum: float
    unit: str


@frozen(eq=False)
class Made:
    """A frame enhanced, and what made it so: its values stand beside those of the modality."""

    enhanced: Enhanced
    by: str
    """the steps in words"""


Counted = tuple[Statistics | None, int]
_KNOWN: WeakKeyDictionary[Frame, dict[Area, Counted]] = WeakKeyDictionary()
"""What areas of a frame hold, for as long as the frame is kept."""
_ENHANCED: WeakKeyDictionary[Frame, dict[Area, tuple[ReferenceType[Any], Statistics | None]]]
_ENHANCED = WeakKeyDictionary()
"""What the same areas hold in the enhanced picture that was asked about last."""


def inside(area: Area, size: tuple[int, int]) -> tuple[NDArray[np.bool_], Position]:
    """The pixels of an area, cut at the border of a picture of *size* (rows, columns).

    Returns the mask of the part around it and where (row, column) that part begins.
    """
    shape, points = area
    if shape.is_outline:
        return enclosed(points, size)
    one, two = points
    top, bottom = sorted((one[0], two[0]))
    left, right = sorted((one[1], two[1]))
    rows = np.arange(max(math.ceil(top - 1e-6), 0), min(math.floor(bottom + 1e-6), size[0] - 1) + 1)
    columns = np.arange(max(math.ceil(left - 1e-6), 0), min(math.floor(right + 1e-6), size[1] - 1) + 1)
    start = (int(rows[0]) if len(rows) else 0, int(columns[0]) if len(columns) else 0)
    if shape is Shape.RECTANGLE:
        return np.ones((len(rows), len(columns)), bool), start
    down = (rows - (top + bottom) / 2) / max((bottom - top) / 2, 1e-9)
    reach = np.sqrt(np.maximum(1 + 1e-9 - down**2, 0)) * max((right - left) / 2, 1e-9)
    middle = (left + right) / 2 - start[1]
    firsts = np.clip(np.ceil(middle - reach), 0, len(columns)).astype(int)
    ends = np.clip(np.floor(middle + reach) + 1, 0, len(columns)).astype(int)
    mask = np.zeros((len(rows), len(columns)), bool)
    # a run in each row: an ellipse over a whole radiograph is drawn anew with every step of a drag
    for row, first, end in zip(mask, firsts.tolist(), ends.tolist(), strict=True):
        row[first:end] = True
    return mask, start


def counted(area: Area, size: tuple[int, int], frame: Frame | None) -> Counted:
    """What an area holds in modality values (a colour picture in luminance), and how many pixels count.

    Remembered: it is drawn more often than changed.
    """
    known = _KNOWN.setdefault(frame, {}) if frame is not None else {}
    found = known.get(area)
    if found is None:
        mask, start = inside(area, size)
        count = int(mask.sum())
        found = (None, count) if frame is None or not count else _statistics(frame, mask, start)
        if len(known) >= MOST_REMEMBERED:  # every step of a drag is another area
            known.clear()
        known[area] = found
    return found


def enhanced_statistics(area: Area, frame: Frame, enhanced: Enhanced) -> Statistics | None:
    """What an area holds in *enhanced*, made of *frame*: of the same pixels that count there.

    In the unit of the modality where no step looked at greys, else in greys from 0 to 1 before the reader's
    inversion (of colours the luminance), whose unit is `OF_ONE`. None without pixels. Remembered.
    """
    known = _ENHANCED.setdefault(frame, {})
    found = known.get(area)
    if found is None or found[0]() is not enhanced.values:
        if len(known) >= MOST_REMEMBERED:
            known.clear()
        found = known[area] = (ref(enhanced.values), _of_enhanced(area, frame, enhanced))
    return found[1]


def _of_enhanced(area: Area, frame: Frame, enhanced: Enhanced) -> Statistics | None:
    mask, start = inside(area, enhanced.values.shape[:2])
    rows, columns = _slices(mask, start)
    if enhanced.valid is not None:
        mask = mask & enhanced.valid[rows, columns]
    part: NDArray[Any] = np.ascontiguousarray(enhanced.values[rows, columns])
    if part.ndim == 3 and part.size:
        part = cv2.cvtColor(part, cv2.COLOR_RGB2GRAY)
    return _of_stored(part, mask, Rescale(unit=OF_ONE if enhanced.displayed else frame.rescale.unit))[0]


def _statistics(frame: Frame, mask: NDArray[np.bool_], start: Position) -> Counted:
    """The statistics of what counts, and how many pixels that is."""
    part = _cropped(frame, *_slices(mask, start))
    if part.is_color:
        luminance = cv2.cvtColor(part.pixels, cv2.COLOR_RGB2GRAY)
        return _of_stored(luminance, mask, Rescale(unit="luminance"))
    nowhere = outside(part)
    mask = mask if nowhere is None else mask & ~nowhere
    if part.rescale.lut is None and part.pixels.dtype in STORED:
        return _of_stored(part.pixels, mask, part.rescale)
    found = part.values()[mask].astype(np.float64)
    if not len(found):
        return None, 0
    low, high = float(found.min()), float(found.max())
    mean, deviation = float(found.mean()), float(found.std())
    return Statistics(len(found), mean, deviation, low, high, part.rescale.unit), len(found)


def _of_stored(stored: NDArray[Any], mask: NDArray[np.bool_], rescale: Rescale) -> Counted:
    """The same where modality values are a straight line of what is stored: exact, and in two passes."""
    chosen = mask.view(np.uint8)
    count = cv2.countNonZero(chosen) if chosen.size else 0
    if not count:
        return None, 0
    mean, deviation = (float(one[0, 0]) for one in cv2.meanStdDev(stored, mask=chosen))
    ends = cv2.minMaxLoc(stored, mask=chosen)[:2]
    low, high = sorted(end * rescale.slope + rescale.intercept for end in ends)
    mean, deviation = mean * rescale.slope + rescale.intercept, deviation * abs(rescale.slope)
    return Statistics(count, mean, deviation, low, high, rescale.unit), count


def _slices(mask: NDArray[np.bool_], start: Position) -> tuple[slice, slice]:
    """Where on the picture a mask lies."""
    top, left = int(start[0]), int(start[1])
    return slice(top, top + mask.shape[0]), slice(left, left + mask.shape[1])


def _cropped(frame: Frame, rows: slice, columns: slice) -> Frame:
    pixels = np.ascontiguousarray(frame.pixels[rows, columns])
    return Frame(pixels, frame.plane, frame.rescale, frame.padding)
