"""What is drawn can be grabbed: finding an annotation under the mouse, and moving it."""

from __future__ import annotations

import math
import uuid
from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt

from medviewer.core.annotation import Annotation, Shape
from medviewer.core.geometry import Plane
from medviewer.core.vectors import Point, moved, way
from medviewer.gui.tools.snapping import landed
from medviewer.gui.tools.tool import Pointer, Surface, Tool
from medviewer.imaging.annotation_lines import handles
from medviewer.imaging.bidirectional import pulled
from medviewer.imaging.viewing import Viewing
from medviewer.kit.frozen import frozen

HANDLE_CATCH_PX = 8.0
"""Half the width of the square around a handle that catches the mouse (logical pixels)."""
BODY_CATCH_PX = 5.0
"""So near to a line (logical pixels) the whole annotation is caught."""

Spot = tuple[float, float]


@frozen
class Catch:
    """Something drawn, under the mouse."""

    annotation: Annotation
    handle: int | None = None
    """which handle (see `handles`), None for the whole"""

    @property
    def cursor(self) -> Qt.CursorShape:
        """What the mouse says will happen."""
        return Qt.CursorShape.SizeAllCursor if self.handle is None else Qt.CursorShape.PointingHandCursor


@frozen
class Body:
    """An annotation as it is painted, in device pixels."""

    lines: tuple[tuple[Spot, ...], ...]
    boxes: tuple[tuple[float, float, float, float], ...] = ()
    """left, top, right, bottom of the words by which it can be caught"""

    def is_near(self, at: Pointer, within: float) -> bool:
        """Whether the mouse is on it, or no farther than *within*."""
        if any(left <= at.x <= right and top <= at.y <= bottom for left, top, right, bottom in self.boxes):
            return True
        return any(_distance(line, at) <= within for line in self.lines)


def reshaped(annotation: Annotation, plane: Plane, handle: int, to: Spot) -> tuple[Point, ...]:
    """The points after dragging one handle to an image position; each keeps its distance from the plane."""
    spots = list(handles(annotation, plane)[: len(annotation.points)])
    if annotation.shape is Shape.BIDIRECTIONAL:
        one, two, three, four = spots
        spots = list(pulled((one, two, three, four), handle, to, plane.aspect))
    elif handle < len(spots):
        spots[handle] = to
    elif handle == 2:  # shares its row with the first corner, its column with the second
        spots = [(to[0], spots[0][1]), (spots[1][0], to[1])]
    else:
        spots = [(spots[0][0], to[1]), (to[0], spots[1][1])]
    return tuple(
        _above(plane, spot, plane.distance(point))
        for spot, point in zip(spots, annotation.points, strict=True)
    )


def corner_change(catch: Catch | None, surface: Surface, at: Pointer) -> tuple[str, tuple[Point, ...]] | None:
    """What can be done to the corners of a polygon that is caught: the words for it, and its points then."""
    viewing, plane = surface.viewing, surface.plane
    if catch is None or viewing is None or plane is None or catch.annotation.shape is not Shape.POLYGON:
        return None
    points = catch.annotation.points
    if catch.handle is None:
        spots = [viewing.to_view(*plane.to_image(point)) for point in points]
        lines = zip(spots, (*spots[1:], spots[0]), strict=True)
        away = [_from_segment(one, two, at) for one, two in lines]
        after = away.index(min(away)) + 1
        added = plane.to_patient(*viewing.to_image(at.x, at.y))
        return "Add a corner here", (*points[:after], added, *points[after:])
    if len(points) <= Shape.POLYGON.points:
        return None
    return "Remove this corner", points[: catch.handle] + points[catch.handle + 1 :]


def caught(
    annotations: Sequence[Annotation],
    plane: Plane,
    viewing: Viewing,
    at: Pointer,
    ratio: float,
    bodies: Mapping[str, Body],
) -> Catch | None:
    """The handle, or else the line or the words under the mouse, what was drawn last first."""
    newest_first = tuple(reversed(annotations))
    for annotation in newest_first:
        for number, spot in enumerate(handles(annotation, plane)):
            x, y = viewing.to_view(*spot)
            if (
                max(abs(x - at.x), abs(y - at.y)) <= HANDLE_CATCH_PX * ratio
                and annotation.shape is not Shape.TEXT
            ):
                return Catch(annotation, number)
    for annotation in newest_first:
        body = bodies.get(annotation.id)
        if body is not None and body.is_near(at, BODY_CATCH_PX * ratio):
            return Catch(annotation)
    return None


class Grab(Tool):
    """Moves a handle, or the whole annotation. One drag is one undo."""

    def __init__(self, surface: Surface, catch: Catch) -> None:
        super().__init__(surface)
        self.catch = catch
        self.cursor = Qt.CursorShape.ClosedHandCursor if catch.handle is None else Qt.CursorShape.CrossCursor
        self._drag = uuid.uuid4().hex
        self._offset: Spot | None = None
        self._moved = False

    @property
    def is_busy(self) -> bool:
        """Whether the button is down."""
        return self._offset is not None

    def press(self, at: Pointer) -> None:
        """Select it; it keeps its place under the mouse, also when caught beside its handle."""
        self.surface.run("annotate.select", id=self.catch.annotation.id)
        spot, plane = self._spot(at), self.surface.plane
        if spot is None or plane is None:
            return
        anchor = self._anchor(plane)
        self._offset = (anchor[0] - spot[0], anchor[1] - spot[1])

    def move(self, at: Pointer) -> None:
        """Put it where the mouse is."""
        spot, plane = self._spot(at), self.surface.plane
        if spot is None or plane is None or self._offset is None:
            return
        to = (spot[0] + self._offset[0], spot[1] + self._offset[1])
        if self.catch.handle is not None:
            to = self._landed(at, to, plane)
        points = self._points(plane, to)
        if points != self.catch.annotation.points or self._moved:
            self._moved = True
            self.surface.run("annotate.move", id=self.catch.annotation.id, points=points, drag=self._drag)

    def release(self, at: Pointer) -> None:
        """Leave it there."""
        self._offset = None

    def cancel(self) -> None:
        """Put it back where it was."""
        if self.is_busy and self._moved:
            self.surface.run("edit.undo")
        self._offset, self._moved = None, False

    def _points(self, plane: Plane, to: Spot) -> tuple[Point, ...]:
        annotation, handle = self.catch.annotation, self.catch.handle
        if handle is not None:
            return reshaped(annotation, plane, handle, to)
        start, end = plane.to_patient(*self._anchor(plane)), plane.to_patient(*to)
        return annotation.shifted(way(start, end)).points

    def _landed(self, at: Pointer, to: Spot, plane: Plane) -> Spot:
        """Where a handle goes: straight beside the one before it, on an edge, on another point."""
        annotation, handle = self.catch.annotation, self.catch.handle or 0
        spots = handles(annotation, plane)
        is_box = annotation.shape in (Shape.RECTANGLE, Shape.ELLIPSE)
        # in a box the opposite corner stays, of a line the other end
        other = handle ^ 1 if is_box or len(spots) in (2, 4) else handle - 1
        beside = spots[other] if len(spots) > 1 else None
        return landed(self.surface, at, to, beside, is_box, annotation.id)

    def _anchor(self, plane: Plane) -> Spot:
        annotation, handle = self.catch.annotation, self.catch.handle
        return plane.to_image(annotation.points[0]) if handle is None else handles(annotation, plane)[handle]

    def _spot(self, at: Pointer) -> Spot | None:
        viewing = self.surface.viewing
        return None if viewing is None else viewing.to_image(at.x, at.y)


def _above(plane: Plane, spot: Spot, distance: float) -> Point:
    """The position over an image position, *distance* millimetres along the normal."""
    return moved(plane.to_patient(*spot), plane.normal, distance)


def _distance(line: Sequence[Spot], at: Pointer) -> float:
    """How far the mouse is from a line through *line*, in device pixels."""
    pairs = zip(line, line[1:], strict=False)
    return min((_from_segment(one, two, at) for one, two in pairs), default=math.inf)


def _from_segment(one: Spot, two: Spot, at: Pointer) -> float:
    dx, dy = two[0] - one[0], two[1] - one[1]
    length = dx * dx + dy * dy
    along = 0.0 if not length else ((at.x - one[0]) * dx + (at.y - one[1]) * dy) / length
    along = min(max(along, 0.0), 1.0)
    return math.hypot(one[0] + along * dx - at.x, one[1] + along * dy - at.y)
