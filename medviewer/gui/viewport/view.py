"""One viewport: a picture, what is drawn over it, and what the reader does with the mouse on it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from medviewer.core.annotation import Annotation
from medviewer.core.geometry import Plane
from medviewer.core.vectors import Point
from medviewer.core.volume import Frame
from medviewer.gui.tools import Pointer
from medviewer.gui.tools.against import DividerCatch, divider_under
from medviewer.gui.tools.crosshair import PlaneCatch
from medviewer.gui.tools.grab import Catch, corner_change
from medviewer.gui.viewport.drawings import Drawings
from medviewer.gui.viewport.ghost import Ghost
from medviewer.gui.viewport.input import Input
from medviewer.gui.viewport.input_widget import InputWidget
from medviewer.gui.viewport.menu import ViewportMenu
from medviewer.gui.viewport.notes import Note
from medviewer.gui.viewport.painting import Painting
from medviewer.gui.viewport.seen import seen
from medviewer.gui.viewport.showing import Showing
from medviewer.gui.viewport.strokes import Pen
from medviewer.gui.viewport.summary import spoken
from medviewer.imaging.overlay import annotation_shapes
from medviewer.imaging.shapes import Drawn
from medviewer.imaging.viewing import Viewing
from medviewer.session.session import Session

if TYPE_CHECKING:
    from medviewer.gui.viewport.dimension_strip import DimensionStrip

LOADING_AFTER_MS = 90
"""A picture that takes longer is announced."""
TELL_AFTER_MS = 25
"""What is under the mouse is told forty times a second at most."""
SUMMARY_AFTER_MS = 300
"""Screen readers are told when the reader has stopped scrolling."""


class ViewportView(InputWidget):
    """Shows viewport *number* of a session.

    It asks for its picture when it paints: fifty turns of the wheel between two paints cost one picture.
    """

    hovered = Signal(str)
    """What is under the mouse, for the status bar; "" when the mouse has left."""
    pointed = Signal(int, object)
    """the number of this viewport, and the `Pointer` where the mouse is over it, or None"""

    kept_back = Signal()
    """in a preference study a picture has come, to be seen together with that of the other viewport"""

    def __init__(
        self, session: Session, number: int, parent: QWidget | None = None, pen: Pen | None = None
    ) -> None:
        """Viewports that share a *pen* share the words that it has written."""
        super().__init__(session, number, parent)
        self.painted = 0
        """how often it has painted; benches and tests wait for it"""
        self.pictures = 0
        """how many pictures it was given, drafts among them"""
        self.input = Input(self, self.open_menu)
        self.ghost = Ghost()
        """where the mouse is in another viewport that is linked to this one"""
        self._pen = pen or Pen()
        self._showing = Showing(session, number, self._picture_came, self.kept_back.emit)
        self._drawings = Drawings(session, number, self._pen)
        self._painting = Painting(session, number, self._pen, self._showing, self._drawings)
        self._asks = False
        self._stands = False
        self._mouse: Pointer | None = None
        self._strip: DimensionStrip | None = None
        self._loading = QTimer(self, singleShot=True, interval=LOADING_AFTER_MS)
        self._loading.timeout.connect(self._announce_loading)
        self._telling = QTimer(self, singleShot=True, interval=TELL_AFTER_MS)
        self._telling.timeout.connect(self._tell)
        self._speaking = QTimer(self, singleShot=True, interval=SUMMARY_AFTER_MS)
        self._speaking.timeout.connect(self._speak)
        self._ends = [
            session.watch(partial(seen, session, number), lambda _: self._changed()),
            session.watch(lambda state: state.view.tool, lambda _: self.input.tool_changed()),
        ]
        self._add_strip()

    def close_view(self) -> None:
        """Watch the session no longer."""
        for end in self._ends:
            end()
        self._ends.clear()
        if self._strip is not None:
            self._strip.close_strip()
        self.session.canvas.pop(self.number, None)

    # what tools see

    @property
    def viewing(self) -> Viewing | None:
        """How the picture lies in the viewport, None when nothing is shown."""
        return self._showing.viewing(self.device_size)

    @property
    def plane(self) -> Plane | None:
        """Where the shown picture lies in the patient."""
        return self._showing.plane

    @property
    def frame(self) -> Frame | None:
        """The shown picture, when it is decoded and the one that is meant."""
        return self._showing.frame

    @property
    def is_current(self) -> bool:
        """Whether what is on the screen is what was asked for last."""
        showing = self._showing
        return not (self.isVisible() and (showing.is_stale or showing.is_waiting or showing.shown.is_draft))

    @property
    def has_come(self) -> bool:
        """The same of what is there, be it kept back for that of the other viewport or not."""
        return self._showing.has_come

    def let_come(self) -> None:
        """Show what was kept back."""
        self._showing.let_come()

    @property
    def has_picture(self) -> bool:
        """Whether a decoded picture is on the screen: painted, not only there to be."""
        return self._stands

    @property
    def trouble(self) -> str:
        """Why the picture that was asked for last cannot be shown, "" when it can."""
        trouble = self._showing.shown.trouble
        return "" if trouble is None else str(trouble)

    @property
    def is_covered(self) -> bool:
        """Whether a preference study shows nothing yet, or is paused."""
        return self._painting.is_covered

    def note(self) -> Note | None:
        """What stands in the middle instead of a picture: trouble, waiting, an invitation."""
        return self._painting.note

    def drawn(self, annotation: Annotation, viewing: Viewing) -> tuple[Drawn, ...]:
        """The shapes of an annotation as it would be drawn here."""
        if self.plane is None:
            return ()
        return annotation_shapes((annotation,), self.plane, viewing, self.frame, density=self.ratio)

    def line(self, points: tuple[Point, ...], plane: Plane, viewing: Viewing) -> tuple[Drawn, ...]:
        """A plain line through patient positions, as half an annotation has it."""
        spots = tuple(viewing.to_view(*plane.to_image(point)) for point in points)
        return (self._pen.plain_line(spots, self.ratio),)

    # what input sees

    def point_at(self, at: Pointer | None) -> None:
        """Tell what is under the mouse: soon, and once however often it moves until then."""
        self._mouse = at
        self.pointed.emit(self.number, at)
        if not self._telling.isActive():
            self._telling.start()

    def _tell(self) -> None:
        at, viewing = self._mouse, self.viewing
        if at is None or viewing is None:
            self.hovered.emit("")
            return
        found = self.session.rendering.probe(self.number, *viewing.to_image(at.x, at.y))
        self.hovered.emit("" if found is None else found.words())

    def catch(self, at: Pointer) -> Catch | None:
        """The annotation under the mouse."""
        return self._drawings.catch(at, self.ratio)

    def catch_line(self, at: Pointer) -> PlaneCatch | None:
        """The line of another plane under the mouse."""
        grip = self._drawings.grip(at, self.ratio)
        return None if grip is None else PlaneCatch(grip)

    def catch_divider(self, at: Pointer) -> DividerCatch | None:
        """The divider of a wipe under the mouse."""
        marks, viewing = self._drawings.marks(), self.viewing
        return None if viewing is None else divider_under(marks, viewing.size, at, self.ratio)

    def show_handles(self, on: bool) -> None:
        """Show by what planes can be turned, or leave that out."""
        if self._painting.with_handles != on:
            self._painting.with_handles = on
            self.update()

    def reword(self, annotation: Annotation) -> None:
        """Let the reader change the words of an annotation."""
        viewing, plane = self.viewing, self.plane
        if viewing is None or plane is None:
            return
        x, y = viewing.to_view(*plane.to_image(annotation.points[0]))
        change = partial(self.run, "annotate.text", id=annotation.id)
        self.ask_words(x, y, annotation.text, lambda words: change(text=words.strip()))

    def open_menu(self, spot: QPoint) -> None:
        """Offer what can be done, at a position of the screen; in a preference study that is on its bar."""
        if self.session.view.blind is None:
            self.make_menu(spot).popup(spot)

    def make_menu(self, spot: QPoint) -> ViewportMenu:
        """The menu for a position of the screen; it deletes itself when closed."""
        local = self.mapFromGlobal(spot)
        at = Pointer(local.x() * self.ratio, local.y() * self.ratio)
        catch = self.catch(at)
        annotation = None if catch is None else catch.annotation
        menu = ViewportMenu(self.session, self, annotation, corner_change(catch, self, at))
        if annotation is not None:
            menu.reword.triggered.connect(lambda: self.reword(annotation))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return menu

    # painting

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802  (Qt's name)
        """Ask for the picture if another one is wanted, then stroke what is there."""
        area, ratio = event.rect(), self.ratio
        is_part = area != self.rect() and self.ghost.covers(self.size(), ratio)
        if is_part:  # the ghost has moved: nothing else asks for a part to be painted
            self.ghost.paint_part(self, area)
            return
        size = self.device_size
        self._ask(size)
        viewing, tool = self.viewing, self.input.tool
        self.ghost.paint_whole(
            self, area, lambda painter: self._painting.paint(painter, size, ratio, viewing, tool)
        )
        self.painted += 1
        self._stands = self._showing.shown.picture is not None and not self.is_covered

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  (Qt's name)
        """Pictures taken of the whole layout are as large as it is on the screen."""
        self.session.canvas[self.number] = self.device_size
        self._drawings.is_stale = self._showing.is_stale = True
        if self._strip is not None:
            self._strip.place(self.rect())

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802  (Qt's name)
        """Nobody waits for a picture that is not to be seen."""
        self._loading.stop()
        self._showing.forget()

    def show_ghost(self, place: tuple[float, float] | None) -> None:
        """Mark an image position (row, column) at which the mouse is elsewhere; None: no mark."""
        viewing, at = self.viewing, None
        if place is not None and viewing is not None:
            x, y = viewing.to_view(*place)
            at = QPoint(round(x / self.ratio), round(y / self.ratio))
        for area in self.ghost.move(at):
            self.update(area & self.rect())

    def _ask(self, size: tuple[int, int]) -> None:
        self._asks = True
        self._showing.ask(size)
        self._asks = False
        if self._showing.is_waiting and not self._loading.isActive():
            self._loading.start()

    def _picture_came(self) -> None:
        self.pictures += 1
        self._painting.is_slow = False
        self._loading.stop()
        self._drawings.is_stale = True
        self._painting.image.show(self._showing.shown.picture)
        self._speaking.start()
        if not self._asks:
            self.update()
        if self._mouse is not None:
            self.point_at(self._mouse)

    # being told

    def _changed(self) -> None:
        self._drawings.is_stale = self._showing.is_stale = True
        self._add_strip()
        self.update()

    def _add_strip(self) -> None:
        series = self.session.series(self.session.view.viewports[self.number].series)
        if self._strip is not None or series is None or series.dimension is None:
            return
        # few series have a second dimension; no first picture of the others waits for its slider
        from medviewer.gui.viewport.dimension_strip import DimensionStrip  # noqa: PLC0415

        self._strip = DimensionStrip(self.session, self.number, self)
        self._strip.place(self.rect())

    def _announce_loading(self) -> None:
        self._painting.is_slow = self._showing.is_waiting
        self.update()

    def _speak(self) -> None:
        self.setAccessibleName(f"Picture {self.number + 1}")
        self.setAccessibleDescription(spoken(self.session, self.number, self.frame))

    def event(self, event: QEvent) -> bool:
        """Screens of another density, and what every picture takes from the mouse and the keys."""
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self.session.canvas[self.number] = self.device_size
            self._changed()
        return super().event(event)
