"""Tools that draw annotations: by drag, or click by click."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt

from medviewer.core.annotation import Annotation, Shape
from medviewer.core.geometry import Plane
from medviewer.core.vectors import Point
from medviewer.gui.tools.snapping import landed
from medviewer.gui.tools.tool import CLICK_PX, Pointer, Surface, Tool, tool
from medviewer.imaging.bidirectional import short_axis
from medviewer.imaging.positions import Position
from medviewer.imaging.shapes import DRAWN, Drawn, Handle
from medviewer.imaging.viewing import Viewing

DOUBLE_CLICK_S = 0.5
"""The second half of a double click that has finished something is not a double click on the picture."""


class Drawing(Tool):
    """Places point after point; what is drawn so far is shown as it will be."""

    cursor = Qt.CursorShape.CrossCursor
    takes_modifiers = True
    shape: Shape

    def __init__(self, surface: Surface) -> None:
        super().__init__(surface)
        self._points: list[Point] = []
        self._next: Point | None = None
        self._down: Pointer | None = None
        self._plane: Plane | None = None
        self._finished = 0.0

    @property
    def is_busy(self) -> bool:
        """Whether a point is placed."""
        return bool(self._points)

    def press(self, at: Pointer) -> None:
        """Place the first or the next point."""
        self._forget_other_picture()
        point = self._point(at, inside=not self._points)
        if point is None:
            return
        self._down = at
        if not self._points:
            self._plane = self.surface.plane
            self._next = point
        self._place(point)

    def move(self, at: Pointer) -> None:
        """The next point is under the mouse."""
        self.hover(at)

    def hover(self, at: Pointer) -> None:
        """The next point is under the mouse."""
        self._forget_other_picture()
        if self._points:
            self._next = self._point(at)
            self.surface.draw_again()

    def release(self, at: Pointer) -> None:
        """A drag ends with a point; after a click the drawing goes on with the next press."""
        down, self._down = self._down, None
        if down is None or not self._points:
            return
        if _apart(down, at) > CLICK_PX * self.surface.ratio:
            point = self._point(at)
            if point is not None:
                self._place(point)

    def double_click(self, at: Pointer) -> bool:
        """The second press of a quick pair; on one spot it means the picture and not a drawing."""
        if time.monotonic() - self._finished < DOUBLE_CLICK_S:
            return True
        if len(self._points) > 1:
            self.press(at)
            return True
        self.cancel()
        return False

    def cancel(self) -> None:
        """Forget what is drawn so far."""
        busy = self.is_busy
        self._points.clear()
        self._next = self._down = self._plane = None
        if busy:
            self.surface.draw_again()

    def shapes(self, viewing: Viewing) -> tuple[Drawn, ...]:
        """What is drawn so far."""
        plane = self._plane
        if not self._points or self._next is None or plane is None or plane != self.surface.plane:
            return ()
        points = (*self._points, self._next)
        if len(points) == 2 and self._too_near(*points):
            # where it begins; a length of 0.0 mm would say nothing
            x, y = viewing.to_view(*plane.to_image(points[0]))
            return (Handle(x, y, DRAWN, 6 * self.surface.ratio),)
        return self.drawn(points, plane, viewing)

    def drawn(self, points: tuple[Point, ...], plane: Plane, viewing: Viewing) -> tuple[Drawn, ...]:
        """The shapes of a drawing with as many *points* as there are yet."""
        missing = self.shape.points - len(points)
        half = Annotation(self.shape, points + points[-1:] * missing, plane.frame_of_reference)
        return self.surface.drawn(half, viewing)

    def finish(self, points: tuple[Point, ...]) -> None:
        """Hand the finished drawing to the session."""
        self.surface.run("annotate.add", shape=self.shape.word, points=points, viewport=self.surface.number)

    def _place(self, point: Point) -> None:
        if self._points and self._too_near(self._points[-1], point):
            return
        self._points.append(point)
        if len(self._points) < self.shape.points:
            self.surface.draw_again()
            return
        self._finish_with(tuple(self._points))

    def _finish_with(self, points: tuple[Point, ...]) -> None:
        self.cancel()
        self._finished = time.monotonic()
        self.finish(points)

    def _too_near(self, one: Point, other: Point) -> bool:
        viewing, plane = self.surface.viewing, self.surface.plane
        if viewing is None or plane is None:
            return True
        (x, y), (u, v) = (viewing.to_view(*plane.to_image(point)) for point in (one, other))
        return max(abs(x - u), abs(y - v)) < CLICK_PX * self.surface.ratio

    def _point(self, at: Pointer, inside: bool = False) -> Point | None:
        """The patient position under the mouse, kept on the picture; None beside it if *inside* is asked."""
        viewing, plane = self.surface.viewing, self.surface.plane
        if viewing is None or plane is None:
            return None
        spot = viewing.to_image(at.x, at.y)
        if inside and not plane.holds(*spot):
            return None
        placed = [plane.to_image(point) for point in self._points]
        is_box = self.shape.is_area and not self.shape.is_outline
        spot = landed(self.surface, at, spot, placed[-1] if placed else None, is_box)
        row, column = self.meant(spot, placed, plane)
        rows, columns = plane.shape
        return plane.to_patient(min(max(row, -0.5), rows - 0.5), min(max(column, -0.5), columns - 0.5))

    def meant(self, spot: Position, placed: list[Position], plane: Plane) -> Position:
        """Where the next point goes with the mouse at *spot*, after those *placed*; both on the picture."""
        return spot

    def _forget_other_picture(self) -> None:
        """A drawing that was begun on one picture is not finished on another."""
        if self._points and self._plane != self.surface.plane:
            self.cancel()


@tool("length", "Length", "length", "D", draws=True, group="lines")
class Length(Drawing):
    """Measure a distance: drag, or click both ends."""

    shape = Shape.LENGTH


@tool("angle", "Angle", "angle", "A", draws=True, group="lines")
class Angle(Drawing):
    """Measure an angle: click one end, the apex and the other end."""

    shape = Shape.ANGLE

    def drawn(self, points: tuple[Point, ...], plane: Plane, viewing: Viewing) -> tuple[Drawn, ...]:
        """One leg is a line without a number."""
        if len(points) == self.shape.points:
            return super().drawn(points, plane, viewing)
        return self.surface.line(points, plane, viewing)


@tool("bidirectional", "Bidirectional", "bidirectional", "Shift+R", draws=True, group="lines")
class Bidirectional(Drawing):
    """Measure two diameters (RECIST 1.1): drag the longest one, then the one across, kept at right angles."""

    shape = Shape.BIDIRECTIONAL

    def meant(self, spot: Position, placed: list[Position], plane: Plane) -> Position:
        """The short axis stands on the long one."""
        if len(placed) < 2:
            return spot
        foot = placed[2] if len(placed) == 3 else None
        return short_axis(placed[0], placed[1], spot, plane.aspect, foot)

    def drawn(self, points: tuple[Point, ...], plane: Plane, viewing: Viewing) -> tuple[Drawn, ...]:
        """The long axis alone is a length."""
        if len(points) == self.shape.points:
            return super().drawn(points, plane, viewing)
        long = Annotation(Shape.LENGTH, points[:2], plane.frame_of_reference)
        spots = [viewing.to_view(*plane.to_image(point)) for point in points[2:]]
        marks = [Handle(x, y, DRAWN, 6 * self.surface.ratio) for x, y in spots]
        return (*self.surface.drawn(long, viewing), *marks)


@tool("cobb", "Cobb angle", "cobb", "Shift+C", draws=True, group="lines")
class Cobb(Drawing):
    """Measure the angle between two lines, as between end plates: drag one, then the other."""

    shape = Shape.COBB

    def drawn(self, points: tuple[Point, ...], plane: Plane, viewing: Viewing) -> tuple[Drawn, ...]:
        """Without a second line the first is only a line."""
        if len(points) == self.shape.points:
            return super().drawn(points, plane, viewing)
        return self.surface.line(points[:2], plane, viewing)


@tool("profile", "Line profile", "profile", "Shift+J", draws=True, group="lines")
class LineProfile(Drawing):
    """Plot the values along a line: drag; the plot stands in the panel Measure."""

    shape = Shape.PROFILE


@tool("ellipse", "Ellipse", "ellipse", "E", draws=True, group="areas")
class Ellipse(Drawing):
    """Measure an ellipse: area, mean, spread, least and greatest value; with Shift a circle."""

    shape = Shape.ELLIPSE


@tool("rectangle", "Rectangle", "rectangle", "R", draws=True, group="areas")
class Rectangle(Drawing):
    """Measure a rectangle: area, mean, spread, least and greatest value; with Shift a square."""

    shape = Shape.RECTANGLE


@tool("point", "Point", "point", "Shift+N", draws=True, group="areas")
class SinglePoint(Drawing):
    """Tell the value of one pixel and where it lies: click."""

    shape = Shape.POINT


@tool("arrow", "Arrow", "arrow", "Shift+A", draws=True, group="notes")
class Arrow(Drawing):
    """Point at something: drag away from it; a double click on the arrow gives it words."""

    shape = Shape.ARROW


@tool("text", "Text", "text", "B", draws=True, group="notes")
class Text(Drawing):
    """Write on the picture: click, type, Enter."""

    cursor = Qt.CursorShape.IBeamCursor
    shape = Shape.TEXT

    def finish(self, points: tuple[Point, ...]) -> None:
        """Ask for the words on the spot; nothing is drawn without words."""
        surface, plane = self.surface, self.surface.plane
        if surface.viewing is None or plane is None:
            return
        x, y = surface.viewing.to_view(*plane.to_image(points[0]))
        surface.ask_words(x, y, "", lambda words: self._write(points, words))

    def _write(self, points: tuple[Point, ...], words: str) -> None:
        if words.strip():
            self.surface.run(
                "annotate.add", shape="text", points=points, text=words.strip(), viewport=self.surface.number
            )


def _apart(one: Pointer, other: Pointer) -> float:
    return max(abs(one.x - other.x), abs(one.y - other.y))
