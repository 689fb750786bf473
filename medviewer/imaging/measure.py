"""What annotations measure, with the unit that the picture allows and nothing that it does not.

Regions count pixels whose centre lies inside or on the line; padding is no part of them. Area is their number
times the area of a pixel; SD is that of a population (divided by N). Values are modality values, never greys;
where the picture is enhanced, what that made of them stands beside them in a line that says so.
"""

from __future__ import annotations

import math
import re

from medviewer.core.annotation import Annotation, Shape
from medviewer.core.geometry import Calibration, Plane
from medviewer.core.vectors import Point
from medviewer.core.volume import Frame
from medviewer.imaging.positions import Position, perimeter
from medviewer.imaging.region import OF_ONE, Made, Statistics, counted, enhanced_statistics
from medviewer.imaging.scale import Scale, scale_at
from medviewer.kit.frozen import frozen

_SIDES = (("R", "L"), ("A", "P"), ("F", "H"))
RULE = "pixels whose centre lies inside or on the line, padding left out; SD of the population"
"""How areas and what they hold are counted."""


@frozen
class Quantity:
    """One number that was measured."""

    name: str
    """length, long axis, short axis, angle, area, perimeter, value, mean, SD, minimum, maximum, pixels"""
    value: float
    unit: str
    """mm, px, mm², px², °, or that of the values; "" where there is none"""


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
    quantities: tuple[Quantity, ...] = ()
    """all that is measured, *value* first; of the picture as it is, never of an enhanced one"""
    statistics: Statistics | None = None
    """of modality values"""
    enhanced: Statistics | None = None
    """of what an enhancement made of them"""
    brief: tuple[str, ...] = ()
    """the lines for where there is little room; () where *text* is brief enough"""

    @property
    def short(self) -> tuple[str, ...]:
        """The lines for where there is little room."""
        return self.brief or self.text


def measure(
    annotation: Annotation, plane: Plane, frame: Frame | None = None, made: Made | None = None
) -> Measurement:
    """*annotation* measured on the picture at *plane*; regions need the *frame* for their statistics.

    What they hold in *made*, the same frame enhanced, is added and never stands in their place.
    """
    points = [plane.to_image(point) for point in annotation.points]
    scale = scale_at(plane, _corners(annotation.shape, points))
    match annotation.shape:
        case Shape.LENGTH | Shape.PROFILE:
            return _length(annotation, plane, points, scale)
        case Shape.BIDIRECTIONAL:
            return _bidirectional(annotation, plane, points, scale)
        case Shape.ANGLE:
            return _angle(points, scale)
        case Shape.COBB:
            return _cobb(points, scale)
        case Shape.POINT:
            return _point(annotation, points, plane, frame)
        case shape if shape.is_area:
            return _area(shape, points, plane, scale, frame, made)
        case _:
            return Measurement(annotation.shape, (annotation.text,) if annotation.text else ())


def value_text(value: float, unit: str) -> str:
    """A modality value with its unit: Hounsfield units as integers, others with four digits."""
    return f"{_digits(value, unit)} {unit}".strip()


def position_words(position: Point) -> str:
    """A place in the patient, each coordinate with the side that it lies on."""
    words = (f"{sides[value >= 0]} {abs(value):.1f}" for value, sides in zip(position, _SIDES, strict=True))
    return "  ".join(words) + " mm"


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


def _length(annotation: Annotation, plane: Plane, points: list[Position], scale: Scale) -> Measurement:
    value = _distance(annotation, plane, points, scale, 0)
    quantities = (Quantity("length", value, scale.unit),)
    return _measured(annotation.shape, _with_remark(scale.text(value), scale), quantities, scale)


def _bidirectional(annotation: Annotation, plane: Plane, points: list[Position], scale: Scale) -> Measurement:
    both = [_distance(annotation, plane, points, scale, first) for first in (0, 2)]
    longer, shorter = max(both), min(both)
    quantities = (Quantity("long axis", longer, scale.unit), Quantity("short axis", shorter, scale.unit))
    text = (
        f"{scale.text(longer).removesuffix(scale.unit).strip()} \N{MULTIPLICATION SIGN} {scale.text(shorter)}"
    )
    return _measured(annotation.shape, _with_remark(text, scale), quantities, scale)


def _distance(
    annotation: Annotation, plane: Plane, points: list[Position], scale: Scale, first: int
) -> float:
    """How far the point *first* and the next one lie apart: in the patient also across the plane."""
    if plane.calibration is Calibration.PATIENT:
        return math.dist(*annotation.points[first : first + 2])
    return scale.distance(*points[first : first + 2])


def _angle(points: list[Position], scale: Scale) -> Measurement:
    return _between(Shape.ANGLE, scale.step(points[1], points[0]), scale.step(points[1], points[2]), scale)


def _cobb(points: list[Position], scale: Scale) -> Measurement:
    """Lines have no direction: of the two angles between them it is the one up to 90 degrees."""
    return _between(Shape.COBB, scale.step(points[0], points[1]), scale.step(points[2], points[3]), scale)


def _between(shape: Shape, one: tuple[float, float], two: tuple[float, float], scale: Scale) -> Measurement:
    if not scale.is_length:
        return Measurement(shape, (f"no angle: {scale.remark}",), None, "°", scale.remark)
    if not math.hypot(*one) or not math.hypot(*two):
        return Measurement(shape, ("no angle: two points are the same",), None, "°")
    cross, dot = one[0] * two[1] - one[1] * two[0], one[0] * two[0] + one[1] * two[1]
    value = abs(math.degrees(math.atan2(cross, dot)))
    if shape is Shape.COBB:
        value = min(value, 180 - value)
    return Measurement(shape, (f"{value:.1f}°",), value, "°", "", (Quantity("angle", value, "°"),))


def _point(annotation: Annotation, points: list[Position], plane: Plane, frame: Frame | None) -> Measurement:
    """The value of the pixel that covers the point; never one between pixels."""
    row, column = (math.floor(value + 0.5) for value in points[0])
    where = position_words(annotation.points[0]) if plane.placed else f"column {column}, row {row}"
    place = (Quantity("column", column, "px"), Quantity("row", row, "px"))
    pixel = (Shape.RECTANGLE, ((row, column),) * 2)
    statistics = None if frame is None else counted(pixel, plane.shape, frame)[0]
    if statistics is None:
        return Measurement(Shape.POINT, (where,), None, "", "", place)
    value, unit = statistics.mean, statistics.unit
    lines = (value_text(value, unit), where, *_derived(frame))
    quantities = (Quantity("value", value, unit), *place)
    return Measurement(Shape.POINT, lines, value, unit, "", quantities, statistics)


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
    area = (shape, tuple(points))
    statistics, count = counted(area, plane.shape, frame)
    value = count * scale.spacing[0] * scale.spacing[1]
    unit = f"{scale.unit}²"
    lines = _with_remark(f"{_area_text(value)} {unit}", scale)
    quantities = [Quantity("area", value, unit)]
    if shape.is_outline and scale.is_length:
        around = perimeter(points, scale.spacing)
        lines = (*lines, f"perimeter {scale.text(around)}")
        quantities.append(Quantity("perimeter", around, scale.unit))
    brief = lines[:1]
    if statistics is not None:
        spread = f"mean {_digits(statistics.mean, statistics.unit)}", f"SD {_with_unit(statistics)}"
        lines = (*lines, *_statistics_text(statistics), *_derived(frame))
        brief = (*brief, *spread, *_derived(frame))
        quantities += _of_values(statistics)
    enhanced = None if frame is None or made is None else enhanced_statistics(area, frame, made.enhanced)
    if enhanced is not None and made is not None:
        told = enhanced_text(enhanced.mean, enhanced.unit, made.by, enhanced.deviation)
        lines, brief = (*lines, told), (*brief, told)
    return Measurement(
        shape, lines, value, unit, scale.remark, tuple(quantities), statistics, enhanced, brief
    )


def _with_unit(found: Statistics) -> str:
    return f"{_spread(found.deviation, found.unit)} {found.unit}".rstrip()


def _of_values(found: Statistics) -> tuple[Quantity, ...]:
    return (
        Quantity("mean", found.mean, found.unit),
        Quantity("SD", found.deviation, found.unit),
        Quantity("minimum", found.minimum, found.unit),
        Quantity("maximum", found.maximum, found.unit),
        Quantity("pixels", found.count, ""),
    )


def _statistics_text(found: Statistics) -> tuple[str, ...]:
    return (
        f"mean {value_text(found.mean, found.unit)}",
        f"SD {_with_unit(found)} (population)",
        f"min {_digits(found.minimum, found.unit)}, max {value_text(found.maximum, found.unit)}",
        f"{found.count} pixels",
    )


def _spread(deviation: float, unit: str) -> str:
    # the spread of a few Hounsfield units says much, so it keeps a digit that single values do not have
    return f"{deviation:.1f}" if unit == "HU" else f"{deviation:.4g}"


def _derived(frame: Frame | None) -> tuple[str, ...]:
    """What has to stand beside values that no file holds."""
    return (frame.derived,) if frame is not None and frame.derived else ()


def _measured(
    shape: Shape, lines: tuple[str, ...], quantities: tuple[Quantity, ...], scale: Scale
) -> Measurement:
    return Measurement(shape, lines, quantities[0].value, scale.unit, scale.remark, quantities)


def _with_remark(text: str, scale: Scale) -> tuple[str, ...]:
    return (f"{text} ({scale.remark})" if scale.remark else text,)


def _area_text(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
