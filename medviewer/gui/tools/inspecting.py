"""The tool that asks what happened to a pixel on its way to the screen."""

from __future__ import annotations

from PySide6.QtCore import Qt

from medviewer.gui.tools.tool import Pointer, Tool, tool
from medviewer.imaging.shapes import ACCENT, Drawn, Stroke
from medviewer.imaging.viewing import Viewing

GAP_PX = 5.0
TICK_PX = 9.0
"""The marker leaves its pixel free: four lines point at it (logical pixels)."""


@tool("inspect", "Inspect", "inspect", "Q")
class Inspect(Tool):
    """Click or drag to see every step from the stored value to the grey; Ctrl and arrows go on by a pixel."""

    cursor = Qt.CursorShape.CrossCursor

    def press(self, at: Pointer) -> None:
        """Look at the pixel under the mouse."""
        viewing = self.surface.viewing
        if viewing is not None:
            row, column = viewing.to_image(at.x, at.y)
            self.surface.run("inspect.pick", viewport=self.surface.number, row=row, column=column)

    def move(self, at: Pointer) -> None:
        """Look at what the drag has come to."""
        self.press(at)

    def shapes(self, viewing: Viewing) -> tuple[Drawn, ...]:
        """The edges of the pixel where it is large enough to have some, and four lines that point at it."""
        at = self.surface.session.view.viewports[self.surface.number].inspected
        plane = self.surface.plane
        if at is None or plane is None or not plane.holds(*at):
            return ()
        (row, column), ratio = at, self.surface.ratio
        corners = tuple(
            viewing.to_view(row + down, column + right)
            for down, right in ((-0.5, -0.5), (-0.5, 0.5), (0.5, 0.5), (0.5, -0.5))
        )
        xs, ys = [x for x, _ in corners], [y for _, y in corners]
        near, far = GAP_PX * ratio, (GAP_PX + TICK_PX) * ratio
        x, y = (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
        lines = (
            ((min(xs) - far, y), (min(xs) - near, y)),
            ((max(xs) + near, y), (max(xs) + far, y)),
            ((x, min(ys) - far), (x, min(ys) - near)),
            ((x, max(ys) + near), (x, max(ys) + far)),
        )
        square = Stroke(corners, ACCENT, ratio, closed=True)
        ticks = tuple(Stroke(line, ACCENT, 1.5 * ratio) for line in lines)
        return (square, *ticks) if max(xs) - min(xs) > 3 * ratio else ticks
