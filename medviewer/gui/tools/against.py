"""Two renderings under the mouse: the divider of a wipe that is grabbed, and a lens that follows."""

from __future__ import annotations

from PySide6.QtCore import Qt

from medviewer.core.against import Way
from medviewer.gui.tools.tool import Pointer, Surface, Tool
from medviewer.imaging.against_shapes import Marks, on_divider, on_grip
from medviewer.kit.frozen import frozen

LINE_CATCH_PX = 4.0
"""So near to a divider (logical pixels) it is caught."""


@frozen
class DividerCatch:
    """A divider under the mouse."""

    marks: Marks
    is_grip: bool
    """whether it is its circle, which comes before everything else"""

    @property
    def cursor(self) -> Qt.CursorShape:
        """What the mouse says will happen."""
        return Qt.CursorShape.SizeHorCursor if self.marks.vertical else Qt.CursorShape.SizeVerCursor


def divider_under(
    marks: Marks | None, size: tuple[int, int], at: Pointer, ratio: float
) -> DividerCatch | None:
    """The divider under the mouse in a viewport of *size* (height, width)."""
    if marks is None:
        return None
    spot = (at.x, at.y)
    is_grip = on_grip(marks, size, spot, ratio)
    is_line = on_divider(marks, size, spot, LINE_CATCH_PX * ratio)
    return DividerCatch(marks, is_grip) if is_grip or is_line else None


def follow_lens(surface: Surface, at: Pointer) -> None:
    """Bring the lens of a viewport, where it has one, to the mouse."""
    against, viewing = surface.session.view.viewports[surface.number].against, surface.viewing
    if against is None or against.way is not Way.LENS or viewing is None:
        return
    height, width = viewing.size
    surface.run("against.spot", x=_share(at.x, width), y=_share(at.y, height), viewport=surface.number)


class DividerGrab(Tool):
    """Moves the divider; Esc brings it back."""

    def __init__(self, surface: Surface, catch: DividerCatch) -> None:
        super().__init__(surface)
        self.cursor = catch.cursor
        self._vertical = catch.marks.vertical
        self._before = catch.marks.at
        self._offset: float | None = None

    @property
    def is_busy(self) -> bool:
        """Whether the button is down."""
        return self._offset is not None

    def press(self, at: Pointer) -> None:
        """It keeps its place under the mouse."""
        along = self._along(at)
        self._offset = None if along is None else self._before - along

    def move(self, at: Pointer) -> None:
        """Follow the mouse."""
        along = self._along(at)
        if along is not None and self._offset is not None:
            self._put(along + self._offset)

    def release(self, at: Pointer) -> None:
        """Leave it there."""
        self._offset = None

    def cancel(self) -> None:
        """Put it back where it was."""
        if self._offset is not None:
            self._put(self._before)
        self._offset = None

    def _put(self, share: float) -> None:
        at = min(max(share, 0.0), 1.0)
        self.surface.run("against.divide", at=at, viewport=self.surface.number)

    def _along(self, at: Pointer) -> float | None:
        """Where the mouse is, as a share of the viewport."""
        viewing = self.surface.viewing
        if viewing is None:
            return None
        return at.x / viewing.size[1] if self._vertical else at.y / viewing.size[0]


def _share(position: float, length: int) -> float:
    return min(max(position / length, 0.0), 1.0)
