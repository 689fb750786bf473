"""Tools that look elsewhere: window, pan, zoom, scroll."""

from __future__ import annotations

from PySide6.QtCore import Qt

from medviewer.gui.tools.tool import Pointer, Surface, Tool, tool
from medviewer.imaging.viewing import Viewing
from medviewer.session.linking import put_back
from medviewer.session.planes import place_in_stack
from medviewer.session.state import View

WINDOW_PX = 400.0
"""Dragging so far (logical pixels) doubles the width, or moves the centre by one width."""
ZOOM_PX = 150.0
"""Dragging so far (logical pixels) enlarges e-fold."""
SCROLL_PX = 8.0
"""At most so many logical pixels per picture; long series need less, so that a drag reaches both ends."""
E_FOLD = 2.718281828


class Drag(Tool):
    """A drag that acts at each move by the way since the last one."""

    changes: tuple[str, ...] = ()
    """the fields of viewports that the drag changes and Esc brings back"""

    def __init__(self, surface: Surface) -> None:
        super().__init__(surface)
        self.start: Pointer | None = None
        self.speed = 1.0
        self._last: Pointer | None = None
        self._before: View | None = None

    @property
    def is_busy(self) -> bool:
        """Whether the button is down."""
        return self.start is not None

    def press(self, at: Pointer) -> None:
        """Remember where the drag begins."""
        self.start = self._last = at
        self._before = self.surface.session.view

    def move(self, at: Pointer) -> None:
        """Act by the way since the last move, in logical pixels."""
        if self._last is None:
            return
        dx, dy = at.x - self._last.x, at.y - self._last.y
        self._last = at
        self.speed = at.speed
        if dx or dy:
            self.dragged(dx / self.surface.ratio, dy / self.surface.ratio)

    def release(self, at: Pointer) -> None:
        """The drag is over; what was done stays."""
        self.start = self._last = self._before = None

    def cancel(self) -> None:
        """Stop dragging and bring back what was before, in linked viewports too."""
        if self._before is not None and self.changes:
            put_back(self.surface.session, self._before, self.changes)
        self.start = self._last = self._before = None

    def dragged(self, dx: float, dy: float) -> None:
        """Do what the drag is for; the way since the last move in logical pixels."""
        raise NotImplementedError

    def look(self, zoom: float, center: tuple[float, float]) -> None:
        """Show the picture so."""
        row, column = center
        self.surface.run("view.look", viewport=self.surface.number, zoom=zoom, row=row, column=column)


@tool("window", "Window", "window", "W")
class Window(Drag):
    """Drag right for a wider window, up for a brighter picture; Ctrl is finer, Shift faster."""

    cursor = Qt.CursorShape.ArrowCursor
    changes = ("voi",)

    def dragged(self, dx: float, dy: float) -> None:
        """Right widens, up lowers the centre (IHE BIR-10); the speed follows the present width."""
        way = self.speed / WINDOW_PX
        wider, brighter = _limited(dx * way), _limited(-dy * way)
        self.surface.run("window.drag", wider=wider, brighter=brighter)


@tool("pan", "Pan", "pan", "T")
class Pan(Drag):
    """Drag the picture across the viewport."""

    cursor = Qt.CursorShape.OpenHandCursor
    changes = ("zoom", "center")

    def dragged(self, dx: float, dy: float) -> None:
        """The picture stays under the mouse."""
        viewing = self.surface.viewing
        if viewing is not None:
            ratio = self.surface.ratio
            self.look(viewing.zoom, viewing.panned(dx * ratio, dy * ratio))


@tool("zoom", "Zoom", "zoom", "Z")
class Zoom(Drag):
    """Drag down to enlarge, up to shrink, around the place where the drag began."""

    cursor = Qt.CursorShape.SizeVerCursor
    changes = ("zoom", "center")

    def dragged(self, dx: float, dy: float) -> None:
        """Up is out, down is in (IHE BIR-18)."""
        viewing = self.surface.viewing
        if viewing is not None and self.start is not None and dy:
            self.look(*viewing.zoomed(E_FOLD ** (dy / ZOOM_PX), (self.start.x, self.start.y)))


@tool("scroll", "Scroll", "scroll", "S")
class Scroll(Drag):
    """Drag down for the next pictures, up for the ones before; Esc stops where it has come to."""

    cursor = Qt.CursorShape.SizeVerCursor

    def __init__(self, surface: Surface) -> None:
        super().__init__(surface)
        self._rest = 0.0

    def press(self, at: Pointer) -> None:
        """A drag begins with nothing left over."""
        super().press(at)
        self._rest = 0.0

    def dragged(self, dx: float, dy: float) -> None:
        """Whole pictures only; what is left over counts for the next move."""
        self._rest += dy / self._step_px()
        by = int(self._rest)
        if by:
            self._rest -= by
            self.surface.run("view.scroll", by=by)

    def _step_px(self) -> float:
        session, viewing = self.surface.session, self.surface.viewing
        _, count = place_in_stack(session, session.view.viewports[self.surface.number])
        if not count or viewing is None:
            return SCROLL_PX
        return min(SCROLL_PX, max(0.5, _height(viewing, self.surface.ratio) * 0.8 / count))


def _height(viewing: Viewing, ratio: float) -> float:
    return viewing.size[0] / ratio


def _limited(share: float) -> float:
    """One move never does more than double or halve, even when the mouse leapt."""
    return max(-0.5, min(share, 1.0))
