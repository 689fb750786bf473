"""The grid of viewports, 1x1 to 3x3: the active one takes the keys, all of them take what is dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from medviewer.gui import theme
from medviewer.gui.tools import Pointer
from medviewer.gui.viewport import dropping
from medviewer.gui.viewport.blind_gate import BlindGate
from medviewer.gui.viewport.blinking import Blinking
from medviewer.gui.viewport.cine import Cine
from medviewer.gui.viewport.flicker import Flicker
from medviewer.gui.viewport.held_keys import HeldKeys
from medviewer.gui.viewport.strokes import Pen
from medviewer.gui.viewport.view import ViewportView
from medviewer.session.session import Session
from medviewer.session.state import State

if TYPE_CHECKING:
    from medviewer.gui.viewport.grid_strips import GridStrips

GAP_PX = 2


class ViewportGrid(QWidget):
    """All viewports of a session, each in its place."""

    hovered = Signal(str)
    """What is under the mouse, for the status bar."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAcceptDrops(True)
        self.setMinimumSize(200, 200)
        self._views: dict[int, ViewportView] = {}
        self._pen = Pen()
        self._held = HeldKeys(session, self)
        self._cine = Cine(session, self._is_shown, self)
        self._flicker = Flicker(session, self._is_shown, self)
        self._blinking = Blinking(session, self)
        self._gate = BlindGate(session, self._shown_views, self)
        self._strips: GridStrips | None = None
        self._ends = [
            session.watch(_arrangement, lambda _: self._arrange()),
            session.watch(lambda state: state.view.active, lambda _: self._follow_active()),
        ]
        self._arrange()

    def close_grid(self) -> None:
        """Watch the session no longer and stop all clocks; the widget can be deleted then."""
        for end in self._ends:
            end()
        self._ends.clear()
        self._cine.close()
        self._flicker.close()
        self._blinking.close()
        self._gate.close()
        if self._strips is not None:
            self._strips.close_strips()
        self._held.watch(None)
        for view in self._views.values():
            view.close_view()

    def view(self, number: int) -> ViewportView:
        """The widget of one viewport, made when first needed."""
        if number not in self._views:
            made = ViewportView(self.session, number, self, self._pen)
            made.hovered.connect(self.hovered)
            made.pointed.connect(self._point)
            # later: a picture may come while its viewport paints
            made.kept_back.connect(self._gate.let_come, Qt.ConnectionType.QueuedConnection)
            self._views[number] = made
        return self._views[number]

    @property
    def active_view(self) -> ViewportView:
        """The widget of the viewport that commands act on."""
        return self.view(self.session.view.active)

    def sizeHint(self) -> QSize:  # noqa: N802  (Qt's name)
        """A comfortable size."""
        return QSize(960, 720)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  (Qt's name)
        """Keep the grid filled."""
        self._arrange()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802  (Qt's name)
        """Held keys are those of the window this stands in."""
        self._held.watch(self.window())

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802  (Qt's name)
        """Another theme has other colours for the marks."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            for view in self._views.values():
                view.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802  (Qt's name)
        """The lines between the viewports."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(theme.tokens().line))
        painter.end()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802  (Qt's name)
        """Files may be dropped before anything is open."""
        if dropping.is_welcome(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802  (Qt's name)
        """Open the files."""
        if dropping.take(self.session, self.session.view.active, event.mimeData()):
            event.acceptProposedAction()

    def _point(self, number: int, at: Pointer | None) -> None:
        """Show where the mouse is in all linked viewports that show the same picture."""
        view = self.session.view
        viewing = self._views[number].viewing
        place = None if at is None or viewing is None or not view.linked else viewing.to_image(at.x, at.y)
        if viewing is not None and place is not None:
            rows, columns = viewing.shape
            is_inside = -0.5 <= place[0] < rows - 0.5 and -0.5 <= place[1] < columns - 0.5
            place = place if is_inside else None
        here = view.viewports[number]
        for other in view.shown:
            there = view.viewports[other]
            is_same = (there.series, there.index, there.cut) == (here.series, here.index, here.cut)
            if other != number and other in self._views:
                self._views[other].show_ghost(place if is_same else None)

    def _is_shown(self, number: int) -> bool:
        """Whether cine may go on: what stands side by side is played together."""
        together = self.session.view.shown if self.session.view.before_grid is not None else (number,)
        return all(one not in self._views or self._views[one].is_current for one in together)

    def _shown_views(self) -> list[ViewportView]:
        return [self._views[number] for number in self.session.view.shown if number in self._views]

    def _arrange(self) -> None:
        shown = self.session.view.shown
        places = dict(zip(shown, self._places(len(shown)), strict=True))
        places = self._with_strips(places)
        for number, view in self._views.items():
            if number not in places:
                view.hide()
        for number, place in places.items():
            view = self.view(number)
            view.setGeometry(place)
            view.show()
        self._follow_active()
        self.update()

    def _with_strips(self, places: dict[int, QRect]) -> dict[int, QRect]:
        """What the cells of the enhancement grid leave to their pictures."""
        if self._strips is None and self.session.view.before_grid is None:
            return places
        if self._strips is None:
            # few readers begin with the grid: the first picture does not wait for it
            from medviewer.gui.viewport.grid_strips import GridStrips  # noqa: PLC0415

            self._strips = GridStrips(self.session, self)
        return self._strips.arrange(places)

    def _follow_active(self) -> None:
        """Whoever gives the keys to the grid gives them to the active viewport."""
        view = self.active_view
        had_focus = any(one.hasFocus() for one in self._views.values())
        self.setFocusProxy(view)
        if had_focus and not view.hasFocus():
            view.setFocus(Qt.FocusReason.OtherFocusReason)

    def _places(self, count: int) -> tuple[QRect, ...]:
        """Where the shown viewports stand, row by row."""
        if count <= 1:
            return (self.rect(),) * count
        layout = self.session.view.layout
        tops, heights = _shares(self.height(), layout.rows)
        lefts, widths = _shares(self.width(), layout.columns)
        return tuple(
            QRect(left, top, width, height)
            for top, height in zip(tops, heights, strict=True)
            for left, width in zip(lefts, widths, strict=True)
        )


def _shares(length: int, parts: int) -> tuple[list[int], list[int]]:
    """Starts and lengths of *parts* equal parts with gaps between them; the rest goes to the last."""
    each = max(1, (length - GAP_PX * (parts - 1)) // parts)
    starts = [number * (each + GAP_PX) for number in range(parts)]
    lengths = [each] * (parts - 1) + [max(1, length - starts[-1])]
    return starts, lengths


def _arrangement(state: State) -> tuple[object, ...]:
    is_grid = state.view.before_grid is not None
    return state.view.layout, state.view.shown, len(state.document.grid) if is_grid else 0
