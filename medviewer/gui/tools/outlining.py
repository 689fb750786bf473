"""Tools that draw closed outlines: corner by corner, or in one stroke."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt

from medviewer.core.annotation import Annotation, Shape
from medviewer.core.geometry import Plane
from medviewer.core.vectors import Point
from medviewer.gui.tools.drawing import Drawing
from medviewer.gui.tools.tool import Pointer, tool
from medviewer.imaging.positions import simplified
from medviewer.imaging.shapes import DRAWN, Drawn, Handle
from medviewer.imaging.viewing import Viewing

CLOSE_PX = 10.0
"""So near to the first corner (logical pixels) a click closes the outline."""
STEP_PX = 2.0
"""A stroke has a point after so many logical pixels."""
JITTER_PX = 0.5
"""A stroke is told by fewer points where that moves it by no more than this (device pixels)."""
CLOSING = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


@tool("polygon", "Polygon", "polygon", "Shift+O", draws=True, group="areas")
class Polygon(Drawing):
    """Measure a polygon: click its corners, then the first one again; Backspace takes a corner back."""

    shape = Shape.POLYGON

    def wants(self, key: Qt.Key) -> bool:
        """Return closes it, Backspace takes the last corner back."""
        return key in (*CLOSING, Qt.Key.Key_Backspace)

    def key(self, key: Qt.Key) -> None:
        """Close, or go one corner back."""
        if key in CLOSING:
            self._close()
        elif len(self._points) > 1:
            self._points.pop()
            self.surface.draw_again()
        else:
            self.cancel()

    def release(self, at: Pointer) -> None:
        """A drag ends with a corner like a click."""
        if self._points:
            super().release(at)

    def double_click(self, at: Pointer) -> bool:
        """The second half closes the outline where the first half has put its last corner."""
        if not self.is_busy:
            return super().double_click(at)
        if len(self._points) < self.shape.points:
            return True
        self._close()
        return True

    def drawn(self, points: tuple[Point, ...], plane: Plane, viewing: Viewing) -> tuple[Drawn, ...]:
        """What is closed is measured; the first corner is marked, to be found again."""
        x, y = viewing.to_view(*plane.to_image(points[0]))
        first = Handle(x, y, DRAWN, 8 * self.surface.ratio)
        if len(points) < self.shape.points:
            return (*self.surface.line(points, plane, viewing), first)
        return (*self.surface.drawn(Annotation(self.shape, points, plane.frame_of_reference), viewing), first)

    def _place(self, point: Point) -> None:
        if len(self._points) >= self.shape.points and self._near(self._points[0], point) <= CLOSE_PX:
            self._close()
        elif not self._points or not self._too_near(self._points[-1], point):
            self._points.append(point)
            self.surface.draw_again()

    def _near(self, one: Point, other: Point) -> float:
        """How far two positions lie apart on the screen, in logical pixels."""
        viewing, plane = self.surface.viewing, self.surface.plane
        if viewing is None or plane is None:
            return math.inf
        ends = (viewing.to_view(*plane.to_image(point)) for point in (one, other))
        return math.dist(*ends) / self.surface.ratio

    def _close(self) -> None:
        if len(self._points) >= self.shape.points:
            self._finish_with(tuple(self._points))


@tool("freehand", "Freehand", "freehand", "Shift+E", draws=True, group="areas")
class Freehand(Drawing):
    """Measure what you draw around: drag along its border; letting go closes the outline."""

    shape = Shape.FREEHAND
    takes_modifiers = False
    _last: Pointer | None = None

    def move(self, at: Pointer) -> None:
        """The line follows the mouse."""
        self._forget_other_picture()
        last, down = self._last, self._down
        if not self._points or down is None or last is None:
            return
        if math.dist((last.x, last.y), (at.x, at.y)) >= STEP_PX * self.surface.ratio:
            point = self._point(at)
            if point is not None:
                self._last = at
                self._points.append(point)
                self._next = point
        self.surface.draw_again()

    def press(self, at: Pointer) -> None:
        """Begin."""
        self.cancel()
        self._last = at
        super().press(at)

    def hover(self, at: Pointer) -> None:
        """Nothing is half done without a button down."""

    def release(self, at: Pointer) -> None:
        """Close the line, unless it goes around nothing."""
        points, viewing, plane = tuple(self._points), self.surface.viewing, self.surface.plane
        if viewing is None or plane is None or plane != self._plane or len(points) < self.shape.points:
            self.cancel()
            return
        self._finish_with(_fewer(points, plane, JITTER_PX / viewing.scale))

    def double_click(self, at: Pointer) -> bool:
        """A quick pair of clicks draws nothing."""
        return False

    def drawn(self, points: tuple[Point, ...], plane: Plane, viewing: Viewing) -> tuple[Drawn, ...]:
        """The line so far."""
        return self.surface.line(points, plane, viewing)

    def _place(self, point: Point) -> None:
        self._points.append(point)


def _fewer(points: tuple[Point, ...], plane: Plane, within: float) -> tuple[Point, ...]:
    """What is left of a stroke; *within* in widths of a pixel."""
    flat = [(row * plane.aspect, column) for row, column in map(plane.to_image, points)]
    return tuple(plane.to_patient(row / plane.aspect, column) for row, column in simplified(flat, within))
