"""Corners and axes of what reports draw: on the picture, in the patient, and among our own shapes."""

from __future__ import annotations

import numpy as np

from medviewer.core.annotation import Shape
from medviewer.core.geometry import Plane
from medviewer.core.report import Coordinates

STEPS = 180
"""Corners of a round outline that lies aslant: its area is 0.02 % too small."""
SAME = 1e-3
Spots = tuple[tuple[float, float], ...]
"""(row, column)"""


def spots_of(coordinates: Coordinates, plane: Plane) -> Spots:
    """Where coordinates lie on a picture."""
    if coordinates.frame_of_reference:
        return tuple(plane.to_image((one[0], one[1], one[2])) for one in coordinates.points)
    return tuple((one[0], one[1]) for one in coordinates.points)


def points_of(
    coordinates: Coordinates, spots: Spots, corners: Spots, plane: Plane
) -> tuple[tuple[float, float, float], ...]:
    """Patient positions; those of the report itself where it gives them."""
    if coordinates.frame_of_reference:
        given = dict(zip(spots, coordinates.points, strict=True))
        return tuple(
            (given[one][0], given[one][1], given[one][2]) if one in given else plane.to_patient(*one)
            for one in corners
        )
    return tuple(plane.to_patient(*one) for one in corners)


def ellipse(spots: Spots) -> tuple[Shape, Spots]:
    """Ends of the major and of the minor axis: a box around it, or an outline where it lies aslant."""
    one, two, three, four = (np.asarray(spot) for spot in spots)
    middle, major, minor = (one + two) / 2, (two - one) / 2, (four - three) / 2
    for first, second in ((major, minor), (minor, major)):
        if abs(first[0]) < SAME * abs(first[1]) + SAME and abs(second[1]) < SAME * abs(second[0]) + SAME:
            half = np.array([abs(second[0]), abs(first[1])])
            low, high = middle - half, middle + half
            return Shape.ELLIPSE, ((float(low[0]), float(low[1])), (float(high[0]), float(high[1])))
    turn = np.linspace(0, 2 * np.pi, STEPS, endpoint=False)[:, None]
    around = middle + np.cos(turn) * major + np.sin(turn) * minor
    return Shape.FREEHAND, tuple((float(row), float(column)) for row, column in around)


def box(spots: Spots) -> Spots | None:
    """Two opposite corners where four lie as those of an upright rectangle do."""
    if len(spots) != 4:
        return None
    (a, b), (c, d), (e, f), (g, h) = spots
    upright = max(abs(a - c), abs(d - f), abs(e - g), abs(h - b)) < SAME
    lying = max(abs(b - d), abs(c - e), abs(f - h), abs(g - a)) < SAME
    return (spots[0], spots[2]) if upright or lying else None
