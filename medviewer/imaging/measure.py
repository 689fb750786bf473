"""What annotations measure, with the unit that the picture allows and nothing that it does not.

Regions count pixels whose centre lies inside or on the line; padding is no part of them. Area is their number
times the area of a pixel; SD is that of a population (divided by N). Values are modality values, never greys.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

import cv2
import numpy as np
from numpy.typing import NDArray

from medviewer.core.annotation import Annotation, Shape
from medviewer.core.geometry import Calibration, Plane, ScaledRegion
from medviewer.core.volume import Frame, Rescale
from medviewer.imaging.grayscale import outside
from medviewer.kit.frozen import frozen

Position = tuple[float, float]


Area = tuple[Shape, Position, Position]
MOST_REMEMBERED = 64
STORED = (np.uint8, np.uint16, np.int16)
"""Kinds of pixels that OpenCV sums up without rounding."""
_KNOWN: WeakKeyDictionary[Frame, dict[Area, tuple[Statistics | None, int]]] = WeakKeyDictionary()
"""What areas of a frame hold, for as long as the frame is kept."""


@frozen
class Statistics:
    """The modality values of the pixels in a region, padding left out."""

    count: int
    mean: float
    deviation: float
    """standard deviation of the population"""
    minimum: float
    maximum: float
    unit: str


@frozen
class Measurement:
    """One annotation, measured on one picture."""

    shape: Shape
    text: tuple[str, ...]
    """the lines that stand beside it"""
    value: float | None = None
    """length, angle or area; None where it cannot be told"""
    unit: str = ""
    """mm, px, °, mm², px²"""
    remark: str = ""
    """what has to stand beside the value: at the detector, uncalibrated, ..."""
    statistics: Statistics | None = None


@frozen
class Scale:
    """How large a pixel is where something was drawn."""

    spacing: tuple[float, float]
    """(between rows, between columns) in *unit*"""
    unit: str
    remark: str = ""
    is_length: bool = True
    """False on axes that are time or velocity, where an angle or a length means nothing"""


def measure(annotation: Annotation, plane: Plane, frame: Frame | None = None) -> Measurement:
    """*annotation* measured on the picture at *plane*; regions need the *frame* for their statistics."""
    points = [plane.to_image(point) for point in annotation.points]
    scale = scale_at(plane, _corners(annotation.shape, points))
    match annotation.shape:
        case Shape.LENGTH:
            return _length(annotation, plane, points, scale)
        case Shape.ANGLE:
            return _angle(points, scale)
        case Shape.RECTANGLE | Shape.ELLIPSE:
            return _area(annotation.shape, points, plane, scale, frame)
        case _:
            return Measurement(annotation.shape, (annotation.text,) if annotation.text else ())


def scale_at(plane: Plane, positions: Sequence[Position]) -> Scale:
    """The scale that holds for all *positions* (row, column).

    Ultrasound regions count only when the same region, the smallest where several overlap, holds them all.
    Without calibration a pixel's width is the unit, so that lengths do not depend on the direction.
    """
    pixels = Scale((plane.aspect, 1.0), "px", plane.calibration.remark)
    if plane.calibration is Calibration.NONE:
        return pixels
    if plane.calibration is not Calibration.REGIONS:
        return Scale(plane.spacing, "mm", plane.calibration.remark)
    regions = {_region_at(plane, position) for position in positions}
    region = regions.pop() if len(regions) == 1 else None
    if region is None:
        return pixels
    if region.spacing is None:
        return Scale((plane.aspect, 1.0), "px", "these axes are not lengths", is_length=False)
    return Scale(region.spacing, "mm")


def inside(
    shape: Shape, one: Position, two: Position, size: tuple[int, int]
) -> tuple[NDArray[np.bool_], Position]:
    """The pixels of a rectangle or an ellipse between two corners (row, column), cut at the picture's border.

    Returns the mask of the part around it and where (row, column) that part begins.
    """
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


def decimals(pixel: float) -> int:
    """How many digits after the point a length may have: 0.1 mm for pixels from 0.1 to 2 mm."""
    if pixel >= 2:
        return 0
    return 1 if pixel >= 0.1 else 2 if pixel >= 0.01 else 3


def value_text(value: float, unit: str) -> str:
    """A modality value with its unit: Hounsfield units as integers, others with four digits."""
    return f"{_digits(value, unit)} {unit}".strip()


def _digits(value: float, unit: str) -> str:
    text = f"{value:.0f}" if unit == "HU" or abs(value) >= 1000 else f"{value:.4g}"
    return "0" if text == "-0" else text


def _corners(shape: Shape, points: list[Position]) -> list[Position]:
    if shape in (Shape.RECTANGLE, Shape.ELLIPSE):
        one, two = points
        return [one, two, (one[0], two[1]), (two[0], one[1])]
    return points


def _region_at(plane: Plane, position: Position) -> ScaledRegion | None:
    row, column = math.floor(position[0] + 0.5), math.floor(position[1] + 0.5)
    holding = [region for region in plane.regions if region.holds(row, column)]
    return min(
        holding, key=lambda found: (found.bottom - found.top) * (found.right - found.left), default=None
    )


def _length(annotation: Annotation, plane: Plane, points: list[Position], scale: Scale) -> Measurement:
    if plane.calibration is Calibration.PATIENT:
        value = math.dist(*annotation.points)
    else:
        value = math.hypot(*_step(points[0], points[1], scale))
    digits = 1 if scale.unit == "px" else decimals(min(scale.spacing))
    text = f"{value:.{digits}f} {scale.unit}"
    return Measurement(Shape.LENGTH, _with_remark(text, scale), value, scale.unit, scale.remark)


def _angle(points: list[Position], scale: Scale) -> Measurement:
    if not scale.is_length:
        return Measurement(Shape.ANGLE, (f"no angle: {scale.remark}",), None, "°", scale.remark)
    one, two = _step(points[1], points[0], scale), _step(points[1], points[2], scale)
    if not math.hypot(*one) or not math.hypot(*two):
        return Measurement(Shape.ANGLE, ("no angle: two points are the same",), None, "°")
    cross, dot = one[0] * two[1] - one[1] * two[0], one[0] * two[0] + one[1] * two[1]
    value = abs(math.degrees(math.atan2(cross, dot)))
    return Measurement(Shape.ANGLE, (f"{value:.1f}°",), value, "°")


def _area(
    shape: Shape, points: list[Position], plane: Plane, scale: Scale, frame: Frame | None
) -> Measurement:
    statistics, count = _counted(shape, points[0], points[1], plane.shape, frame)
    value = count * scale.spacing[0] * scale.spacing[1]
    unit = f"{scale.unit}²"
    lines = _with_remark(f"{_area_text(value)} {unit}", scale)
    if statistics is not None:
        lines = (*lines, *_statistics_text(statistics), *_derived(frame))
    return Measurement(shape, lines, value, unit, scale.remark, statistics)


def _counted(
    shape: Shape, one: Position, two: Position, size: tuple[int, int], frame: Frame | None
) -> tuple[Statistics | None, int]:
    """What an area holds and how many pixels count; remembered: it is drawn more often than changed."""
    known = _KNOWN.setdefault(frame, {}) if frame is not None else {}
    key = (shape, one, two)
    found = known.get(key)
    if found is None:
        mask, start = inside(shape, one, two, size)
        count = int(mask.sum())
        found = (None, count) if frame is None or not count else _statistics(frame, mask, start)
        if len(known) >= MOST_REMEMBERED:  # every step of a drag is another area
            known.clear()
        known[key] = found
    return found


def _statistics(frame: Frame, mask: NDArray[np.bool_], start: Position) -> tuple[Statistics | None, int]:
    """The statistics of what counts, and how many pixels that is."""
    rows = slice(int(start[0]), int(start[0]) + mask.shape[0])
    columns = slice(int(start[1]), int(start[1]) + mask.shape[1])
    part = _cropped(frame, rows, columns)
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


def _of_stored(
    stored: NDArray[Any], mask: NDArray[np.bool_], rescale: Rescale
) -> tuple[Statistics | None, int]:
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


def _cropped(frame: Frame, rows: slice, columns: slice) -> Frame:
    pixels = np.ascontiguousarray(frame.pixels[rows, columns])
    return Frame(pixels, frame.plane, frame.rescale, frame.padding)


def _statistics_text(found: Statistics) -> tuple[str, ...]:
    # the spread of a few Hounsfield units says much, so it keeps a digit that single values do not have
    deviation = f"{found.deviation:.1f}" if found.unit == "HU" else f"{found.deviation:.4g}"
    return (
        f"mean {value_text(found.mean, found.unit)}",
        f"SD {deviation} {found.unit}".rstrip() + " (population)",
        f"min {_digits(found.minimum, found.unit)}, max {value_text(found.maximum, found.unit)}",
        f"{found.count} pixels",
    )


def _derived(frame: Frame | None) -> tuple[str, ...]:
    """What has to stand beside values that no file holds."""
    return (frame.derived,) if frame is not None and frame.derived else ()


def _step(one: Position, two: Position, scale: Scale) -> tuple[float, float]:
    return (two[0] - one[0]) * scale.spacing[0], (two[1] - one[1]) * scale.spacing[1]


def _with_remark(text: str, scale: Scale) -> tuple[str, ...]:
    return (f"{text} ({scale.remark})" if scale.remark else text,)


def _area_text(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
