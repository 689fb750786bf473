"""Tools that paint labels: brush, eraser, outlines, fill, scissors; with Shift they take away."""

from __future__ import annotations

import math
import uuid
from collections.abc import Hashable

from PySide6.QtCore import Qt

from medviewer.core.annotation import Shape
from medviewer.core.geometry import Plane
from medviewer.core.labels import SAFE_COLORS
from medviewer.core.vectors import Point
from medviewer.gui.tools.outlining import Freehand, Polygon
from medviewer.gui.tools.tool import Pointer, Surface, Tool, tool
from medviewer.imaging.shapes import TEXT, Drawn, Handle, Stroke
from medviewer.imaging.viewing import Viewing
from medviewer.session.painting.size import brush_radius
from medviewer.session.session import Session

GROUP = "paint"
CORNERS = 64
CIRCLE = tuple((math.sin(turn), math.cos(turn)) for turn in (math.tau * n / CORNERS for n in range(CORNERS)))
"""The edge of the brush."""


@tool("brush", "Brush", "brush", "H", group=GROUP)
class BrushTool(Tool):
    """Paint the label: drag; Shift erases, Ctrl+Shift and the wheel change the size."""

    cursor = Qt.CursorShape.CrossCursor
    takes_shift = True
    erases = False

    def __init__(self, surface: Surface) -> None:
        super().__init__(surface)
        self._at: Pointer | None = None
        self._drag = ""
        self._takes_away = False
        self._before: object = None
        self._last: Point | None = None
        self._plane: Plane | None = None
        self._grown = 0.0
        self._prepared: Hashable = None
        """for what the slices around were asked for last"""

    @property
    def is_busy(self) -> bool:
        """Whether the button is down."""
        return bool(self._drag)

    def press(self, at: Pointer) -> None:
        """Begin a stroke, with a dab where the mouse is."""
        self._at, self._drag, self._last = at, uuid.uuid4().hex, None
        self._takes_away = self.erases or at.fast
        self._before = self.surface.session.state.document
        self._lead(at)

    def move(self, at: Pointer) -> None:
        """Lead the brush on."""
        self._at = at
        if self._drag:
            self._lead(at)
        self.surface.draw_again()

    def hover(self, at: Pointer) -> None:
        """Show how large it is."""
        self._at, self._takes_away = at, self.erases or at.fast
        view = self.surface.session.view
        now = view.viewports[self.surface.number]
        here = (now.series, now.index, now.cut, view.brush)
        if here != self._prepared and self.surface.frame is not None:
            self._prepared = here
            if view.brush.is_ball and now.view3d is None and now.cut is None:
                self.surface.run("paint.prepare", viewport=self.surface.number)
        self.surface.draw_again()

    def release(self, at: Pointer) -> None:
        """The stroke is over."""
        self._drag, self._last, self._before = "", None, None

    def double_click(self, at: Pointer) -> bool:
        """A second dab in quick succession."""
        self.press(at)
        return True

    def leave(self) -> None:
        """There is no brush where there is no mouse."""
        if self._at is not None:
            self._at = None
            self.surface.draw_again()

    def grow(self, steps: float) -> bool:
        """Make it larger or smaller; a touchpad turns by parts of a step."""
        self._grown = steps + (self._grown if steps * self._grown > 0 else 0.0)
        whole = int(self._grown)
        if whole:
            self._grown -= whole
            self.surface.run("paint.size", by=whole)
            self.surface.draw_again()
        return True

    def cancel(self) -> None:
        """Take the stroke back."""
        if self._drag and self._before is not self.surface.session.state.document:
            self.surface.run("edit.undo")
        self._drag, self._last, self._before, self._at = "", None, None, None
        self.surface.draw_again()

    def shapes(self, viewing: Viewing) -> tuple[Drawn, ...]:
        """The edge of the brush, at its true size."""
        plane, at = self.surface.plane, self._at
        if plane is None or at is None:
            return ()
        row, column = viewing.to_image(at.x, at.y)
        brush = self.surface.session.view.brush
        radius = brush_radius(plane, brush, plane.to_patient(row, column))
        x_down, y_down = viewing.to_view(row + radius / plane.spacing[0], column)
        x_right, y_right = viewing.to_view(row, column + radius / plane.spacing[1])
        points = tuple(
            (
                at.x + (x_down - at.x) * sine + (x_right - at.x) * cosine,
                at.y + (y_down - at.y) * sine + (y_right - at.y) * cosine,
            )
            for sine, cosine in CIRCLE
        )
        color = TEXT if self._takes_away else label_color(self.surface.session)
        return (Stroke(points, color, self.surface.ratio, dashed=self._takes_away, closed=True),)

    def _lead(self, at: Pointer) -> None:
        point, plane = self.patient_point(at), self.surface.plane
        if point is None or plane is None:
            return
        # the reader may scroll on while painting: what lies between two slices is not painted
        is_same = self._last is not None and plane == self._plane
        points = (self._last, point) if is_same else (point,)
        self._last, self._plane = point, plane
        done = self.surface.run(
            "paint.stroke",
            points=points,
            viewport=self.surface.number,
            erase=self._takes_away,
            drag=self._drag,
        )
        if done is None:
            self._drag = ""  # it was refused, and would be with every move of the mouse


@tool("eraser", "Eraser", "eraser", "Shift+H", group=GROUP)
class Eraser(BrushTool):
    """Take away from the label that is worked on: drag."""

    erases = True


class _Outline:
    """What an outline that was drawn is good for; before a tool that draws outlines."""

    surface: Surface
    takes_shift = True
    _takes_away = False

    def press(self, at: Pointer) -> None:
        """The first press decides whether it takes away."""
        if not self.is_busy:  # type: ignore[attr-defined]
            self._takes_away = at.fast
            at = Pointer(at.x, at.y)
        super().press(at)  # type: ignore[misc]

    def drawn(self, points: tuple[Point, ...], plane: Plane, viewing: Viewing) -> tuple[Drawn, ...]:
        """The outline so far, its first corner to be found again."""
        color = TEXT if self._takes_away else label_color(self.surface.session)
        spots = tuple(viewing.to_view(*plane.to_image(point)) for point in points)
        ratio = self.surface.ratio
        line = Stroke(spots, color, 1.5 * ratio, dashed=self._takes_away, closed=len(spots) > 2)
        return (line, Handle(*spots[0], color, 6 * ratio))

    def finish(self, points: tuple[Point, ...]) -> None:
        """Paint inside."""
        self.surface.run("paint.outline", points=points, viewport=self.surface.number, erase=self._takes_away)


@tool("paint-polygon", "Paint polygon", "paint-polygon", "Shift+Z", group=GROUP)
class PaintPolygon(_Outline, Polygon):
    """Paint inside corners: click them, then the first one again or Enter; Shift with the first erases."""

    shape = Shape.POLYGON


@tool("lasso", "Lasso", "lasso", "Shift+Q", group=GROUP)
class Lasso(_Outline, Freehand):
    """Paint what you draw around: drag along its border; Shift erases it."""

    shape = Shape.FREEHAND


@tool("scissors", "Scissors", "scissors", "Shift+S", group=GROUP)
class Scissors(_Outline, Freehand):
    """Cut away what you draw around, through all slices with a ball; Shift keeps only that."""

    shape = Shape.FREEHAND

    def finish(self, points: tuple[Point, ...]) -> None:
        """Cut."""
        self.surface.run("paint.scissors", points=points, viewport=self.surface.number, keep=self._takes_away)


@tool("fill", "Fill", "fill", "Shift+U", group=GROUP)
class Fill(Tool):
    """Fill a hole or an area of like values with a click; Shift erases an island of the label."""

    cursor = Qt.CursorShape.CrossCursor
    takes_shift = True

    def press(self, at: Pointer) -> None:
        """Fill from here."""
        point = self.patient_point(at)
        if point is not None:
            self.surface.run("paint.fill", position=point, viewport=self.surface.number, erase=at.fast)

    def double_click(self, at: Pointer) -> bool:
        """A second click in quick succession."""
        self.press(at)
        return True


def label_color(session: Session) -> str:
    """The colour of the label that is worked on, or of the first one there will be."""
    view = session.view
    key = view.current.series
    groups = () if key is None else session.state.document.reading(key).groups
    group = next((one for one in groups if one.id == view.group), None)
    label = None if group is None else group.label(view.label)
    return SAFE_COLORS[0] if label is None else label.color
