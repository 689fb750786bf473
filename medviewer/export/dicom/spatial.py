"""Where annotations lie, as spatial coordinates: on the picture that they were drawn on, else in the patient.

On a picture they are columns and rows from the corner of its first pixel (PS3.3 C.18.6.1.2), whose centre is
our (0, 0); in the patient, millimetres of its frame of reference (C.18.9).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import highdicom as hd
import numpy as np
from numpy.typing import NDArray

from medviewer.core.annotation import Annotation, Shape
from medviewer.core.geometry import Plane
from medviewer.core.vectors import Point
from medviewer.export.dicom.making import Pictured
from medviewer.kit.frozen import frozen

Spot = tuple[float, float]
"""(row, column)"""


@frozen
class Drawn:
    """An annotation, and what it was drawn on."""

    annotation: Annotation
    plane: Plane
    """the picture's, or that of a cut through the stack"""
    picture: Pictured | None
    """None where it lies on no picture of the study, but between them"""


@frozen
class Line:
    """One graphic: its kind, and its points as image positions."""

    kind: str
    """POINT, POLYLINE, ELLIPSE; a closed POLYLINE ends where it begins"""
    spots: tuple[Spot, ...]

    @property
    def is_closed(self) -> bool:
        """Whether it goes around something."""
        return self.kind == "ELLIPSE" or (len(self.spots) > 3 and self.spots[0] == self.spots[-1])


def lines_of(drawn: Drawn) -> tuple[Line, ...]:
    """The graphics that an annotation consists of; the two lines of a pair stand apart."""
    spots = [drawn.plane.to_image(one) for one in drawn.annotation.points]
    match drawn.annotation.shape:
        case Shape.BIDIRECTIONAL | Shape.COBB:
            return (Line("POLYLINE", tuple(spots[:2])), Line("POLYLINE", tuple(spots[2:])))
        case Shape.RECTANGLE:
            (top, left), (bottom, right) = spots
            corners = ((top, left), (top, right), (bottom, right), (bottom, left), (top, left))
            return (Line("POLYLINE", corners),)
        case Shape.ELLIPSE:
            return (Line("ELLIPSE", _axes(*spots)),)
        case Shape.POLYGON | Shape.FREEHAND:
            return (Line("POLYLINE", (*spots, spots[0])),)
        case Shape.POINT | Shape.TEXT:
            return (Line("POINT", tuple(spots)),)
        case _:
            return (Line("POLYLINE", tuple(spots)),)


def for_measurement(drawn: Drawn, line: Line) -> Any:
    """A line that a number was measured along."""
    if drawn.picture is None:
        kind, points = _in_patient(drawn, line)
        frame = drawn.plane.frame_of_reference
        return hd.sr.CoordinatesForMeasurement3D(kind, points, frame)
    return hd.sr.CoordinatesForMeasurement(line.kind, on_picture(line.spots), source_of(drawn.picture))


def for_region(drawn: Drawn, line: Line) -> Any:
    """A part of a picture, or of the patient, that something is said about."""
    if drawn.picture is None:
        kind, points = _in_patient(drawn, line)
        return hd.sr.ImageRegion3D(kind, points, drawn.plane.frame_of_reference)
    return hd.sr.ImageRegion(line.kind, on_picture(line.spots), source_of(drawn.picture))


def source_of(picture: Pictured) -> Any:
    """The picture that coordinates lie on."""
    frames = None if picture.frame is None else [picture.frame]
    return hd.sr.SourceImageForRegion(picture.sop_class, picture.sop_instance, frames)


def on_picture(spots: Sequence[Spot]) -> NDArray[np.float64]:
    """(column, row) from the corner of the first pixel."""
    return np.array([(column + 0.5, row + 0.5) for row, column in spots], np.float64)


def _in_patient(drawn: Drawn, line: Line) -> tuple[str, NDArray[np.float64]]:
    points: list[Point] = [drawn.plane.to_patient(*one) for one in line.spots]
    kind = "POLYGON" if line.kind == "POLYLINE" and line.is_closed else line.kind
    return kind, np.array(points, np.float64)


def _axes(one: Spot, two: Spot) -> tuple[Spot, ...]:
    """Both ends of the longer axis of an ellipse in a box, then both ends of the shorter one."""
    row, column = (one[0] + two[0]) / 2, (one[1] + two[1]) / 2
    across = ((row, min(one[1], two[1])), (row, max(one[1], two[1])))
    down = ((min(one[0], two[0]), column), (max(one[0], two[0]), column))
    is_wide = abs(two[1] - one[1]) >= abs(two[0] - one[0])
    return (*across, *down) if is_wide else (*down, *across)
