"""Two diameters at right angles: the longest one, and the one across it that ends where the reader says.

RECIST 1.1 (Eisenhauer and others, Eur J Cancer 45, 2009) measures lesions by the longest diameter in the
plane and lymph nodes by the short axis, which is perpendicular to that. Positions are (row, column) of the
picture; what is perpendicular is decided in millimetres, so *aspect*, the height of a pixel over its width,
counts.
"""

from __future__ import annotations

import math

from medviewer.imaging.positions import Position

Axes = tuple[Position, Position, Position, Position]
"""Both ends of the long axis, then both ends of the short one."""


def short_axis(
    one: Position, two: Position, at: Position, aspect: float, foot: Position | None = None
) -> Position:
    """Where a short axis to the long one from *one* to *two* ends that is pulled to *at*.

    It stands on the long axis where *at* lies beside it, or where *foot* does; never beyond its ends.
    """
    start, along, length = _along(one, two, aspect)
    place = _flat(at if foot is None else foot, aspect)
    share = min(max(_dot(_way(start, place), along), 0.0), length)
    height = _across(along, _way(start, _flat(at, aspect)))
    return _raised(start, along, share, height, aspect)


def pulled(axes: Axes, handle: int, to: Position, aspect: float) -> Axes:
    """Both axes after one of their four ends was pulled somewhere; they stay at right angles.

    With an end of the long axis the short one turns, keeps its lengths to both sides and its share of the way
    along. An end of the short axis takes the whole short axis with it along the long one, and only its own
    length across.
    """
    one, two, three, four = axes
    start, along, length = _along(one, two, aspect)
    place = _way(start, _flat(three, aspect))
    share = _dot(place, along) / length if length else 0.5
    heights = [_across(along, _way(start, _flat(end, aspect))) for end in (three, four)]
    if handle < 2:
        one, two = (to, two) if handle == 0 else (one, to)
        start, along, length = _along(one, two, aspect)
        at = min(max(share, 0.0), 1.0) * length
    else:
        beside = _way(start, _flat(to, aspect))
        at = min(max(_dot(beside, along), 0.0), length)
        heights[handle - 2] = _across(along, beside)
    three, four = (_raised(start, along, at, height, aspect) for height in heights)
    return one, two, three, four


def _along(one: Position, two: Position, aspect: float) -> tuple[Position, Position, float]:
    """Where the long axis begins, its direction and its length, in pixel widths."""
    start, end = _flat(one, aspect), _flat(two, aspect)
    way = _way(start, end)
    length = math.hypot(*way)
    return start, (way[0] / length, way[1] / length) if length else (0.0, 1.0), length


def _raised(start: Position, along: Position, at: float, height: float, aspect: float) -> Position:
    """The position *at* so far along a line and so high beside it."""
    row = start[0] + along[0] * at + along[1] * height
    column = start[1] + along[1] * at - along[0] * height
    return row / aspect, column


def _flat(position: Position, aspect: float) -> Position:
    return position[0] * aspect, position[1]


def _way(one: Position, two: Position) -> Position:
    return two[0] - one[0], two[1] - one[1]


def _dot(one: Position, two: Position) -> float:
    return one[0] * two[0] + one[1] * two[1]


def _across(along: Position, way: Position) -> float:
    """How far a way leads to the side of a direction, signed as in `_raised`."""
    return way[0] * along[1] - way[1] * along[0]
