"""What the left button does over a body: it turns it. Not chosen, so not among the declared tools."""

from __future__ import annotations

from PySide6.QtCore import Qt

from medviewer.gui.tools.looking import Drag

DEGREES_PER_PX = 0.4
"""Half a turn is a drag of 450 logical pixels."""


class Turn(Drag):
    """Drag what is near; the body turns with it. Ctrl is finer, Shift faster."""

    cursor = Qt.CursorShape.OpenHandCursor
    changes = ("view3d",)

    def dragged(self, dx: float, dy: float) -> None:
        """What lies in front follows the mouse."""
        degrees = self.speed * DEGREES_PER_PX
        self.surface.run(
            "view3d.turn",
            right=_within(dx * degrees),
            down=_within(dy * degrees),
            viewport=self.surface.number,
        )


def _within(degrees: float) -> float:
    """A mouse that leapt turns no further than around."""
    return max(-360.0, min(degrees, 360.0))
