"""Where other pictures cross this one: lines, slabs as dashed lines beside them, and what can be grabbed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from enum import Enum

from medviewer.core.geometry import Plane
from medviewer.core.vectors import Point, Vector, cross, dot, moved, unit
from medviewer.imaging.beside import Box, box_of, least
from medviewer.imaging.shapes import MUTED, Drawn, Stroke, Words
from medviewer.imaging.viewing import Viewing
from medviewer.kit.frozen import frozen

LEAST_ANGLE = 5.0
"""Planes at smaller angles cross so flatly that the line would say nothing, in degrees."""
GAP = 12.0
"""Around the crosshair nothing is drawn (ordinary pixels)."""
HANDLE_SHARE = 0.6
"""Where between crosshair and end the circle lies by which a plane is turned."""
HANDLE_RADIUS = 5.0
CATCH_CENTER, CATCH_HANDLE, CATCH_LINE = 9.0, 9.0, 4.0
WORD = 14.0
FROM_END = 40.0
"""The word keeps away from the edge, where the sides of the patient stand."""
CIRCLE_POINTS = 20
COLORS = {"Axial": "#77aadd", "Coronal": "#44bb99", "Sagittal": "#ffaabb"}
"""Of Paul Tol's light scheme, which colour-blind readers can tell apart (SRON/EPS/TN/09-002).

The word at the end of each line says the same.
"""
View = tuple[float, float]


@frozen
class Crossing:
    """Another picture that crosses this one."""

    plane: Plane
    number: int
    """of the viewport that shows it"""
    word: str
    """what stands at its end: Ax, Cor, Sag, or the number of a slice"""
    name: str = ""
    """Axial, Coronal or Sagittal; "" for a slice as it was acquired"""
    thickness: float = 0.0
    """of its slab, in millimetres"""

    @property
    def color(self) -> str:
        """#rrggbb"""
        return COLORS.get(self.name, MUTED)

    @property
    def is_movable(self) -> bool:
        """Whether it can be grabbed; acquired slices lie where they lie."""
        return bool(self.name)


@frozen
class Line:
    """A crossing laid out in a viewport, in its device pixels."""

    crossing: Crossing
    ends: tuple[View, View]
    center: View | None
    """where the crosshair is, None where it does not lie on this picture"""
    sides: tuple[tuple[View, View], ...] = ()
    """the surfaces of its slab"""

    @property
    def handles(self) -> tuple[View, ...]:
        """Where it can be grabbed to be turned."""
        if self.center is None or not self.crossing.is_movable:
            return ()
        (x, y), far = self.center, 3 * GAP
        return tuple(
            (x + (u - x) * HANDLE_SHARE, y + (v - y) * HANDLE_SHARE)
            for u, v in self.ends
            if math.hypot(u - x, v - y) > far
        )


class Part(Enum):
    """What of the lines is grabbed."""

    CENTER = "center"
    LINE = "line"
    HANDLE = "handle"


@frozen
class Grip:
    """What of which line lies under the mouse."""

    part: Part
    line: Line


def crossed_by(
    crossings: Sequence[Crossing], plane: Plane, viewing: Viewing, crosshair: Point | None, within_mm: float
) -> tuple[Line, ...]:
    """The lines in which *crossings* cross the picture at *plane*, without those that miss it or graze it.

    The crosshair is marked where it lies within *within_mm* of the picture.
    """
    is_here = crosshair is not None and abs(plane.distance(crosshair)) <= within_mm + 1e-6
    found = []
    for crossing in crossings:
        ends = _ends(crossing.plane, 0.0, plane, viewing)
        if ends is None:
            continue
        half = crossing.thickness / 2
        sides = tuple(_ends(crossing.plane, off, plane, viewing) for off in (-half, half)) if half else ()
        center = None
        if is_here and crosshair is not None:
            center = _nearest(ends, viewing.to_view(*plane.to_image(crosshair)))
        found.append(Line(crossing, ends, center, tuple(side for side in sides if side is not None)))
    return _meeting(found)


def line_shapes(
    laid: Sequence[Line], size: tuple[int, int], density: float = 1.0, covered: Sequence[Box] = ()
) -> tuple[Drawn, ...]:
    """The strokes and letters of lines in a viewport of *size* (height, width).

    The letters stand where no other words have *covered* the picture, if that can be.
    """
    drawn: list[Drawn] = []
    taken = [*covered, *(box_of(one) for one in handle_shapes(laid, density))]
    for line in laid:
        color = line.crossing.color
        drawn += [Stroke(part, color, density) for part in _with_gap(line, GAP * density)]
        drawn += [Stroke(side, color, density, dashed=True) for side in line.sides]
        drawn += _word(line, size, density, taken)
    return tuple(drawn)


def handle_shapes(laid: Sequence[Line], density: float = 1.0) -> tuple[Stroke, ...]:
    """The circles by which planes are turned."""
    return tuple(
        _circle(at, HANDLE_RADIUS * density, line.crossing.color, density)
        for line in laid
        for at in line.handles
    )


def grip(laid: Sequence[Line], at: View, density: float = 1.0) -> Grip | None:
    """What can be grabbed at a viewport position: the crosshair before circles, circles before lines."""
    movable = [line for line in laid if line.crossing.is_movable]
    for line in movable:
        if line.center is not None and math.dist(line.center, at) <= CATCH_CENTER * density:
            return Grip(Part.CENTER, line)
    for line in movable:
        if any(math.dist(one, at) <= CATCH_HANDLE * density for one in line.handles):
            return Grip(Part.HANDLE, line)
    for line in movable:
        if math.dist(_nearest(line.ends, at), at) <= CATCH_LINE * density:
            return Grip(Part.LINE, line)
    return None


def _ends(other: Plane, off: float, plane: Plane, viewing: Viewing) -> tuple[View, View] | None:
    """Where the plane *off* mm beside *other* crosses the picture: as much as both and the viewport cover."""
    across, mine = other.normal, plane.normal
    along = cross(across, mine)
    if math.hypot(*along) < math.sin(math.radians(LEAST_ANGLE)):
        return None
    along = unit(along)
    middle = plane.to_patient((plane.shape[0] - 1) / 2, (plane.shape[1] - 1) / 2)
    within = moved(across, mine, -dot(across, mine))
    start = moved(middle, within, (off - other.distance(middle)) / dot(across, within))
    # what lies on the line is counted in mm from *start*; all ways from there are straight
    begin, end = -math.inf, math.inf
    for places, sizes in (
        (_on_picture(plane, start, along), plane.shape),
        (_on_picture(other, start, along), other.shape),
    ):
        for (at, step), size in zip(places, sizes, strict=True):
            begin, end = _clipped(begin, end, at, step, -0.5, size - 0.5)
    seen = [viewing.to_view(*plane.to_image(moved(start, along, by))) for by in (0.0, 1.0)]
    for axis, size in ((0, viewing.size[1]), (1, viewing.size[0])):
        begin, end = _clipped(begin, end, seen[0][axis], seen[1][axis] - seen[0][axis], 0.0, float(size))
    if not begin < end:
        return None
    one, two = (viewing.to_view(*plane.to_image(moved(start, along, by))) for by in (begin, end))
    return _crisp(one, two)


def _crisp(one: View, two: View) -> tuple[View, View]:
    """A line along the pixels of the screen covers one row of them and not two by half."""
    for axis in (0, 1):
        if abs(one[axis] - two[axis]) < 0.5:
            at = math.floor((one[axis] + two[axis]) / 2) + 0.5
            one, two = ((at, end[1]) if axis == 0 else (end[0], at) for end in (one, two))
    return one, two


def _on_picture(plane: Plane, start: Point, along: Vector) -> tuple[tuple[float, float], tuple[float, float]]:
    """(value, change per mm) of row and of column on the way from *start* along the line."""
    one, two = plane.to_image(start), plane.to_image(moved(start, along, 1.0))
    return (one[0], two[0] - one[0]), (one[1], two[1] - one[1])


def _clipped(
    begin: float, end: float, at: float, step: float, low: float, high: float
) -> tuple[float, float]:
    """The part from *begin* to *end* of a way on which *at* + way * *step* lies between two limits."""
    if abs(step) < 1e-9:
        return (begin, end) if low <= at <= high else (1.0, 0.0)
    one, two = sorted(((low - at) / step, (high - at) / step))
    return max(begin, one), min(end, two)


def _meeting(found: list[Line]) -> tuple[Line, ...]:
    """Two lines share their middle, where they cross: planes lie up to half a voxel beside the crosshair."""
    movable = [line for line in found if line.center is not None and line.crossing.is_movable]
    if len(movable) != 2:
        return tuple(found)
    center = _intersection(movable[0].ends, movable[1].ends)
    if center is None:
        return tuple(found)
    return tuple(
        Line(line.crossing, line.ends, center, line.sides) if line in movable else line for line in found
    )


def _intersection(one: tuple[View, View], two: tuple[View, View]) -> View | None:
    (ax, ay), (bx, by) = one
    (cx, cy), (dx, dy) = two
    under = (bx - ax) * (dy - cy) - (by - ay) * (dx - cx)
    if abs(under) < 1e-9:
        return None
    share = ((cx - ax) * (dy - cy) - (cy - ay) * (dx - cx)) / under
    return (ax + share * (bx - ax), ay + share * (by - ay)) if 0 <= share <= 1 else None


def _nearest(ends: tuple[View, View], at: View) -> View:
    (ax, ay), (bx, by) = ends
    length = (bx - ax) ** 2 + (by - ay) ** 2
    share = ((at[0] - ax) * (bx - ax) + (at[1] - ay) * (by - ay)) / length if length else 0.0
    share = min(max(share, 0.0), 1.0)
    return (ax + share * (bx - ax), ay + share * (by - ay))


def _with_gap(line: Line, gap: float) -> list[tuple[View, View]]:
    """The line without the piece around the crosshair."""
    if line.center is None:
        return [line.ends]
    x, y = line.center
    parts = []
    for u, v in line.ends:
        length = math.hypot(u - x, v - y)
        if length > gap:
            parts.append(((x + (u - x) * gap / length, y + (v - y) * gap / length), (u, v)))
    return parts


def _word(line: Line, size: tuple[int, int], density: float, taken: list[Box]) -> list[Drawn]:
    """The word beside a line; its place is added to what is *taken*."""

    def hidden(words: Words) -> float:
        box = box_of(words)
        outside = box.overlap(box) - box.overlap(box.moved_into(size, 0.0))
        return outside + sum(box.overlap(other) for other in taken)

    places = list(_beside(line, density))
    if not places:
        return []
    words = least(places, hidden)
    taken.append(box_of(words))
    return [words]


def _beside(line: Line, density: float) -> Iterator[Words]:
    """Where the word may stand, the best first: near the end further right, or up, then near the other one.

    Nowhere where the line is short.
    """
    one, two = sorted(line.ends, key=lambda end: end[0] - end[1])
    length, side, height = math.dist(one, two), 3 * density, WORD * density
    upright = abs(two[1] - one[1]) > abs(two[0] - one[0])
    away = FROM_END * density
    if length < 2 * away:
        return
    steps = [away + step * height for step in range(max(int((length / 2 - away) / height), 0) + 1)]
    for (ax, ay), (bx, by) in ((one, two), (two, one)):
        for step in steps:
            x, y = bx + (ax - bx) * step / length, by + (ay - by) * step / length
            for sign in (1, -1):
                far = sign * side
                place = (x + far, y) if upright else (x, y - far)
                anchor = (0.0 if sign > 0 else 1.0, 0.5) if upright else (0.5, 1.0 if sign > 0 else 0.0)
                yield Words(*place, line.crossing.word, line.crossing.color, anchor, height)


def _circle(at: View, radius: float, color: str, density: float) -> Stroke:
    turns = (2 * math.pi * step / CIRCLE_POINTS for step in range(CIRCLE_POINTS))
    points = tuple((at[0] + radius * math.cos(turn), at[1] + radius * math.sin(turn)) for turn in turns)
    return Stroke(points, color, 1.5 * density, closed=True)
