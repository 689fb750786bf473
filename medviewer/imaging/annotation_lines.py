"""The lines of annotations in a viewport: what each kind looks like, and by which places it can be pulled."""

from __future__ import annotations

import math

from medviewer.core.annotation import Annotation, Shape
from medviewer.core.geometry import Plane
from medviewer.imaging.positions import Position
from medviewer.imaging.shapes import Stroke
from medviewer.imaging.viewing import Viewing

Spot = tuple[float, float]
"""(x, y) in device pixels of a viewport"""
LINE_PX = 1.5
ELLIPSE_POINTS = 72
FARTHEST = 1.5
"""So many diagonals of a viewport away lines of construction are still drawn to where they meet."""


def handles(annotation: Annotation, plane: Plane) -> tuple[Position, ...]:
    """Image positions that can be dragged: the points, then the other corners of a box.

    None of an outline that was drawn by hand: it has too many.
    """
    if annotation.shape is Shape.FREEHAND:
        return ()
    spots = tuple(plane.to_image(point) for point in annotation.points)
    if annotation.shape in (Shape.RECTANGLE, Shape.ELLIPSE):
        (top, left), (bottom, right) = spots
        return (*spots, (top, right), (bottom, left))
    return spots


def outline(annotation: Annotation, plane: Plane, viewing: Viewing) -> list[Spot]:
    """The line by which an annotation is known; what is written about it stands beside that."""
    points = [plane.to_image(point) for point in annotation.points]
    if annotation.shape is Shape.RECTANGLE:
        (top, left), (bottom, right) = points
        points = [(top, left), (top, right), (bottom, right), (bottom, left), (top, left)]
    elif annotation.shape is Shape.ELLIPSE:
        points = _ellipse(*points)
    elif annotation.shape.is_outline:
        points.append(points[0])
    return [viewing.to_view(row, column) for row, column in points]


def strokes(
    annotation: Annotation, plane: Plane, viewing: Viewing, color: str, density: float
) -> tuple[Stroke, ...]:
    """All lines of an annotation; those of construction are dashed."""
    line, width = outline(annotation, plane, viewing), LINE_PX * density
    match annotation.shape:
        case Shape.TEXT:
            return ()
        case Shape.POINT:
            return _cross(line[0], color, density)
        case Shape.ARROW:
            return (Stroke(tuple(line), color, width), _arrow_head(line[0], line[1], color, density))
        case Shape.BIDIRECTIONAL:
            return Stroke(tuple(line[:2]), color, width), Stroke(tuple(line[2:]), color, width)
        case Shape.PROFILE:
            return (Stroke(tuple(line), color, width), *_ticks(line[0], line[1], color, density))
        case Shape.COBB:
            both = Stroke(tuple(line[:2]), color, width), Stroke(tuple(line[2:]), color, width)
            return (*both, *_construction(annotation, plane, viewing, color, density))
        case _:
            return (Stroke(tuple(line), color, width),)


def _ellipse(one: Position, two: Position) -> list[Position]:
    row, column = (one[0] + two[0]) / 2, (one[1] + two[1]) / 2
    high, wide = abs(two[0] - one[0]) / 2, abs(two[1] - one[1]) / 2
    turns = [2 * math.pi * step / ELLIPSE_POINTS for step in range(ELLIPSE_POINTS + 1)]
    return [(row + high * math.sin(turn), column + wide * math.cos(turn)) for turn in turns]


def _arrow_head(tip: Spot, tail: Spot, color: str, density: float) -> Stroke:
    """The first point of an arrow is what it points at."""
    turn = math.atan2(tail[1] - tip[1], tail[0] - tip[0])
    wings = [
        (tip[0] + 12 * density * math.cos(turn + side), tip[1] + 12 * density * math.sin(turn + side))
        for side in (-0.4, 0.4)
    ]
    return Stroke((wings[0], tip, wings[1]), color, LINE_PX * density)


def _cross(spot: Spot, color: str, density: float) -> tuple[Stroke, ...]:
    """Four arms with room between them: what is pointed at stays to be seen."""
    (x, y), near, far = spot, 3 * density, 8 * density
    ways = ((1, 0), (-1, 0), (0, 1), (0, -1))
    return tuple(
        Stroke(
            ((x + right * near, y + down * near), (x + right * far, y + down * far)), color, LINE_PX * density
        )
        for right, down in ways
    )


def _ticks(one: Spot, two: Spot, color: str, density: float) -> tuple[Stroke, ...]:
    """Marks across both ends; the longer one is where the plot begins."""
    length = math.dist(one, two)
    if not length:
        return ()
    across = -(two[1] - one[1]) / length, (two[0] - one[0]) / length
    marks = ((one, 7 * density), (two, 4 * density))
    return tuple(
        Stroke(
            (
                (x - across[0] * half, y - across[1] * half),
                (x + across[0] * half, y + across[1] * half),
            ),
            color,
            LINE_PX * density,
        )
        for (x, y), half in marks
    )


def _construction(
    annotation: Annotation, plane: Plane, viewing: Viewing, color: str, density: float
) -> tuple[Stroke, ...]:
    """How the angle between two lines comes about: a link between both, and where they meet.

    Either the lines themselves are drawn on to where they meet, or lines at right angles to them, whatever is
    nearer; neither where both are far away.
    """
    one, two, three, four = (viewing.to_view(*plane.to_image(point)) for point in annotation.points)
    if one == two or three == four:
        return ()
    middles = _middle(one, two), _middle(three, four)
    drawn = [Stroke(middles, color, density, dashed=True)]
    middle, reach = _middle(*middles), FARTHEST * math.hypot(*viewing.size)
    ways = _way(one, two), _way(three, four)
    # a picture on the screen has square millimetres: what is at right angles there is so in the patient
    across = (-ways[0][1], ways[0][0]), (-ways[1][1], ways[1][0])
    straight = _meeting(middles[0], ways[0], middles[1], ways[1])
    turned = _meeting(middles[0], across[0], middles[1], across[1])
    found = [(turned, middles)] if turned is not None else []
    if straight is not None:
        found.append((straight, (_nearer(straight, one, two), _nearer(straight, three, four))))
    place, ends = min(found, key=lambda one: math.dist(one[0], middle), default=(middle, ()))
    if math.dist(place, middle) < reach:
        drawn += [Stroke((end, place), color, density, dashed=True) for end in ends]
    return tuple(drawn)


def _middle(one: Spot, two: Spot) -> Spot:
    return (one[0] + two[0]) / 2, (one[1] + two[1]) / 2


def _way(one: Spot, two: Spot) -> Spot:
    return two[0] - one[0], two[1] - one[1]


def _nearer(place: Spot, one: Spot, two: Spot) -> Spot:
    return min(one, two, key=lambda spot: math.dist(place, spot))


def _meeting(one: Spot, along: Spot, two: Spot, other: Spot) -> Spot | None:
    """Where two lines cross, or None where they are parallel."""
    cross = along[0] * other[1] - along[1] * other[0]
    if abs(cross) < 1e-9 * math.hypot(*along) * math.hypot(*other):
        return None
    away = _way(one, two)
    share = (away[0] * other[1] - away[1] * other[0]) / cross
    return one[0] + along[0] * share, one[1] + along[1] * share
