"""Everything that is painted on one viewport, from the picture up to the frame around it."""

from __future__ import annotations

from PySide6.QtGui import QPainter

from medviewer.gui.tools import Tool
from medviewer.gui.viewport.drawings import Drawings
from medviewer.gui.viewport.image_layer import ImageLayer
from medviewer.gui.viewport.notes import (
    Note,
    clear_of,
    lay_note,
    note_for,
    paint_chain,
    paint_frame,
    paint_note,
)
from medviewer.gui.viewport.showing import Showing
from medviewer.gui.viewport.strokes import Pen, to_device_pixels
from medviewer.imaging.viewing import Viewing
from medviewer.session.session import Session


class Painting:
    """Paints viewport *number*: what its *showing* has got, and its *drawings* over it."""

    def __init__(self, session: Session, number: int, pen: Pen, showing: Showing, drawings: Drawings) -> None:
        self._session, self._number = session, number
        self._pen, self._showing, self._drawings = pen, showing, drawings
        self.image = ImageLayer()
        self.with_handles = False
        """whether that is shown by which planes can be turned"""
        self.is_slow = False
        """whether the picture has been waited for so long that this is told"""

    @property
    def is_covered(self) -> bool:
        """Whether a preference study shows nothing yet, or is paused."""
        blind = self._session.view.blind
        return blind is not None and not blind.stands

    @property
    def note(self) -> Note | None:
        """What stands in the middle instead of a picture: trouble, waiting, an invitation."""
        return note_for(self._session, self._showing, self.is_slow)

    def paint(
        self, painter: QPainter, size: tuple[int, int], ratio: float, viewing: Viewing | None, tool: Tool
    ) -> None:
        """Paint all, *size* (height, width) in device pixels, *ratio* of them to a logical one."""
        painter.setWorldTransform(to_device_pixels(painter))
        if self.is_covered:
            self.image.paint(painter, size, None)
            return
        self.image.paint(painter, size, self._showing.target(viewing))
        note = self.note
        laid = None if note is None else lay_note(self._pen, note, size, ratio)
        if viewing is not None:
            told = laid if laid is not None and laid.note.is_trouble else None
            showing = self._showing
            drawn = self._drawings.shapes(
                viewing, showing.frame, ratio, with_lines=told is None, is_preview=showing.is_preview
            )
            self._pen.draw(painter, drawn if told is None else clear_of(drawn, told.box, ratio))
            if self.with_handles:
                self._pen.draw(painter, self._drawings.handles(ratio))
            self._pen.draw(painter, tool.shapes(viewing))
        if laid is not None:
            paint_note(painter, self._pen, laid, ratio)
        self._paint_marks(painter, size, ratio)

    def _paint_marks(self, painter: QPainter, size: tuple[int, int], ratio: float) -> None:
        view = self._session.view
        if len(view.shown) < 2 or view.blind is not None:
            return
        # in the enhancement grid all are linked unless somebody has parted them
        if view.linked and view.before_grid is None and view.viewports[self._number].series is not None:
            paint_chain(painter, size, ratio)
        if view.active == self._number:
            paint_frame(painter, size, ratio)
