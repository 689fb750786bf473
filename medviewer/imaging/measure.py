"""What annotations measure, with the unit that the picture allows and nothing that it does not.

Regions count pixels whose centre lies inside or on the line; padding is no part of them. Area is their number
times the area of a pixel; SD is that of a population (divided by N). Values are modality values, never greys;
where the picture is enhanced, what that made of them stands beside them in a line that says so.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from medviewer.core.annotation import Annotation, Shape
from medviewer.core.geometry import Calibration, Plane, ScaledRegion
from medviewer.core.volume import Frame
from medviewer.imaging.region import OF_ONE, Made, Position, Statistics, counted, enhanced_statistics
from medviewer.kit.frozen import frozen


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
    """of modality values"""
    enhanced: Statistics | None = None
    """of what an enhancement made of them"""


@frozen
class Scale:
    """How large a pixel is where something was drawn."""

    spacing: tuple[float, float]
    """(between rows, between columns) in *unit*"""
    unit: str
    remark: str = ""
    is_length: bool = True
    """False on axes that are time or velocity, where an angle or a length means nothing"""


def measure(
    annotation: Annotation, plane: Plane, frame: Frame | None = None, made: Made | None = None
) -> Measurement:
    """*annotation* measured on the picture at *plane*; regions need the *frame* for their statistics.

    What they hold in *made*, the same frame enhanced, is added and never stands in their place.
    """
    points = [plane.to_image(point) for point in annotation.points]
    scale = scale_at(plane, _corners(annotation.shape, points))
    match annotation.shape:
        case Shape.LENGTH:
            return _length(annotation, plane, points, scale)
        case Shape.ANGLE:
            return _angle(points, scale)
        case Shape.RECTANGLE | Shape.ELLIPSE:
            return _area(annotation.shape, points, plane, scale, frame, made)
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


def decimals(pixel: float) -> int:
    """How many digits after the point a length may have: 0.1 mm for pixels from 0.1 to 2 mm."""
    if pixel >= 2:
        return 0
    return 1 if pixel >= 0.1 else 2 if pixel >= 0.01 else 3


def value_text(value: float, unit: str) -> str:
    """A modality value with its unit: Hounsfield units as integers, others with four digits."""
    return f"{_digits(value, unit)} {unit}".strip()


def with_minus(text: str) -> str:
    """*text* with a minus sign before negative numbers, and hyphens elsewhere as they are."""
    return re.sub(r"(?<![\w-])-(?=\d)", "\N{MINUS SIGN}", text)


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


def enhanced_text(value: float, unit: str, by: str, deviation: float | None = None) -> str:
    """A value of an enhanced picture, said to be that: greys have no unit, others say after which steps."""
    is_grey = unit == OF_ONE
    digits = 3 if deviation is None or deviation < 0.1 else 2
    words = f"{value:.{digits}f}" if is_grey else _digits(value, unit)
    if deviation is not None:
        spread = f"{deviation:.{digits}f}" if is_grey else _spread(deviation, unit)
        words = f"{words} \N{PLUS-MINUS SIGN} {spread}"
    return f"enhanced {words} {unit}" if is_grey else f"enhanced {words} {unit}".rstrip() + f" after {by}"


def _area(
    shape: Shape,
    points: list[Position],
    plane: Plane,
    scale: Scale,
    frame: Frame | None,
    made: Made | None,
) -> Measurement:
    area = (shape, points[0], points[1])
    statistics, count = counted(area, plane.shape, frame)
    value = count * scale.spacing[0] * scale.spacing[1]
    unit = f"{scale.unit}²"
    lines = _with_remark(f"{_area_text(value)} {unit}", scale)
    if statistics is not None:
        lines = (*lines, *_statistics_text(statistics), *_derived(frame))
    enhanced = None if frame is None or made is None else enhanced_statistics(area, frame, made.enhanced)
    if enhanced is not None and made is not None:
        lines = (*lines, enhanced_text(enhanced.mean, enhanced.unit, made.by, enhanced.deviation))
    return Measurement(shape, lines, value, unit, scale.remark, statistics, enhanced)


def _statistics_text(found: Statistics) -> tuple[str, ...]:
    return (
        f"mean {value_text(found.mean, found.unit)}",
        f"SD {_spread(found.deviation, found.unit)} {found.unit}".rstrip() + " (population)",
        f"min {_digits(found.minimum, found.unit)}, max {value_text(found.maximum, found.unit)}",
        f"{found.count} pixels",
    )


def _spread(deviation: float, unit: str) -> str:
    # the spread of a few Hounsfield units says much, so it keeps a digit that single values do not have
    return f"{deviation:.1f}" if unit == "HU" else f"{deviation:.4g}"


def _derived(frame: Frame | None) -> tuple[str, ...]:
    """What has to stand beside values that no file holds."""
    return (frame.derived,) if frame is not None and frame.derived else ()


def _step(one: Position, two: Position, scale: Scale) -> tuple[float, float]:
    return (two[0] - one[0]) * scale.spacing[0], (two[1] - one[1]) * scale.spacing[1]


def _with_remark(text: str, scale: Scale) -> tuple[str, ...]:
    return (f"{text} ({scale.remark})" if scale.remark else text,)


def _area_text(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
