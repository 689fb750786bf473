"""The crosshair: a tool that jumps to a place, and what its lines do when they are grabbed."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt

from medviewer.core.vectors import Point, Vector, dot, moved, way
from medviewer.gui.tools.tool import Pointer, Surface, Tool, tool
from medviewer.imaging.crossing import Grip, Part
from medviewer.kit.frozen import frozen

DIAGONAL = 22.5
"""Lines that lie flatter or steeper (degrees) are moved up and down, or sideways; others along a diagonal."""


@tool("crosshair", "Crosshair", "crosshair", "J")
class Crosshair(Tool):
    """Click or drag to a place: planes and slices of all viewports go there."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, surface: Surface) -> None:
        super().__init__(surface)
        self._before: Point | None = None
        self._is_down = False

    @property
    def is_busy(self) -> bool:
        """Whether the button is down."""
        return self._is_down

    def press(self, at: Pointer) -> None:
        """Go there at once."""
        self._before, self._is_down = self.surface.session.view.crosshair, True
        self.move(at)

    def move(self, at: Pointer) -> None:
        """Follow the mouse."""
        point = self.patient_point(at)
        if point is not None and self._is_down:
            self.surface.run("plane.crosshair", position=point, viewport=self.surface.number)

    def release(self, at: Pointer) -> None:
        """Stay there."""
        self._is_down = False

    def cancel(self) -> None:
        """Go back to where the drag began."""
        if self._is_down and self._before is not None:
            self.surface.run("plane.crosshair", position=self._before, viewport=self.surface.number)
        self._is_down = False


@frozen
class PlaneCatch:
    """A line of a plane under the mouse."""

    grip: Grip

    @property
    def cursor(self) -> Qt.CursorShape:
        """What the mouse says will happen."""
        if self.grip.part is Part.CENTER:
            return Qt.CursorShape.SizeAllCursor
        if self.grip.part is Part.HANDLE:
            return Qt.CursorShape.OpenHandCursor
        (ax, ay), (bx, by) = self.grip.line.ends
        slope = math.degrees(math.atan2(by - ay, bx - ax)) % 180
        if min(slope, 180 - slope) < DIAGONAL:
            return Qt.CursorShape.SizeVerCursor
        if abs(slope - 90) < DIAGONAL:
            return Qt.CursorShape.SizeHorCursor
        # a line that falls to the right is moved along the way that rises to the right
        return Qt.CursorShape.SizeBDiagCursor if slope < 90 else Qt.CursorShape.SizeFDiagCursor


class PlaneGrab(Tool):
    """Moves the crosshair, slides one plane, or turns the planes; Esc brings them back."""

    def __init__(self, surface: Surface, catch: PlaneCatch) -> None:
        super().__init__(surface)
        self.catch = catch
        self.cursor = catch.cursor
        self._crosshair: Point | None = None
        self._start: Point | None = None
        self._angle = 0.0
        self._turned = 0.0

    @property
    def is_busy(self) -> bool:
        """Whether the button is down."""
        return self._start is not None

    def press(self, at: Pointer) -> None:
        """Remember where everything was."""
        self._crosshair = self.surface.session.view.crosshair
        self._start = self.patient_point(at)
        self._angle, self._turned = self._angle_at(at), 0.0

    def move(self, at: Pointer) -> None:
        """Follow the mouse."""
        if self._start is None or self._crosshair is None:
            return
        if self.catch.grip.part is Part.HANDLE:
            self._turn(at)
            return
        now = self.patient_point(at)
        if now is None:
            return
        step = way(self._start, now)
        if self.catch.grip.part is Part.LINE:
            step = self._across(step)
        self._go(moved(self._crosshair, step, 1.0))

    def release(self, at: Pointer) -> None:
        """Leave them there."""
        self._start = None

    def cancel(self) -> None:
        """Put everything back where it was."""
        if self._start is not None and self._crosshair is not None:
            if self._turned:
                self._run_turn(-self._turned)
            else:
                self._go(self._crosshair)
        self._start = None

    def _go(self, position: Point) -> None:
        self.surface.run("plane.crosshair", position=position, viewport=self.surface.number)

    def _across(self, step: Vector) -> Vector:
        """The part of a step that leads out of the grabbed plane."""
        cut = self.surface.session.view.viewports[self.catch.grip.line.crossing.number].cut
        if cut is None:
            return (0.0, 0.0, 0.0)
        return moved((0.0, 0.0, 0.0), cut.normal, dot(cut.normal, step))

    def _turn(self, at: Pointer) -> None:
        now = self._angle_at(at)
        by = (now - self._angle + 180) % 360 - 180
        viewing = self.surface.viewing
        if viewing is None or not by:
            return
        self._angle = now
        by = -by if viewing.flipped else by
        self._turned += by
        self._run_turn(by)

    def _run_turn(self, degrees: float) -> None:
        self.surface.run("plane.turn", degrees=degrees, viewport=self.surface.number)

    def _angle_at(self, at: Pointer) -> float:
        """Of the mouse around the crosshair, clockwise on the screen."""
        x, y = self.catch.grip.line.center or (at.x, at.y)
        return math.degrees(math.atan2(at.y - y, at.x - x))
