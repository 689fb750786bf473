"""The grid of viewports, 1x1 to 3x3: the active one takes the keys, all of them take what is dropped."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from medviewer.gui import theme
from medviewer.gui.viewport import dropping
from medviewer.gui.viewport.cine import Cine
from medviewer.gui.viewport.held_keys import HeldKeys
from medviewer.gui.viewport.strokes import Pen
from medviewer.gui.viewport.view import ViewportView
from medviewer.session.session import Session
from medviewer.session.state import State

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
        self._held.watch(None)
        for view in self._views.values():
            view.close_view()

    def view(self, number: int) -> ViewportView:
        """The widget of one viewport, made when first needed."""
        if number not in self._views:
            made = ViewportView(self.session, number, self, self._pen)
            made.hovered.connect(self.hovered)
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

    def _is_shown(self, number: int) -> bool:
        view = self._views.get(number)
        return view is None or view.is_current

    def _arrange(self) -> None:
        shown = self.session.view.shown
        for number, view in self._views.items():
            if number not in shown:
                view.hide()
        for number, place in zip(shown, self._places(len(shown)), strict=True):
            view = self.view(number)
            view.setGeometry(place)
            view.show()
        self._follow_active()
        self.update()

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
    return state.view.layout, state.view.shown
