"""The second slider: a quiet strip over a picture that has others at its place."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from medviewer.core.study import Dimension
from medviewer.gui import messages
from medviewer.gui.keys import with_key
from medviewer.gui.labels import plain_label
from medviewer.gui.widgets.slider import Slider
from medviewer.gui.words import plain_tip
from medviewer.session.dimension import going_together, value_of
from medviewer.session.session import Session
from medviewer.session.state import State, View

HEIGHT = 26
BETWEEN, WIDEST, ABOVE_SCALE_PX = 0.36, 340, 64
"""It stands between what is written in the corners, above the scale."""
WITH_NAME = 250
"""Where it would be narrower it has no name, and stands above the corners: their lines are cut there."""
NARROW, ABOVE_CORNERS_PX = 220, 94
NOTCH = 120
VEIL = QColor(16, 18, 20, 190)


class DimensionStrip(QWidget):
    """Name, slider and value of the second dimension of viewport *number*; hidden where there is none.

    Of viewports that go to the same value together the first has it for all: it stays where it is, whichever
    is in use, and covers nothing of the others. It never takes the keyboard from the pictures: its keys work
    wherever the pictures have it.
    """

    def __init__(self, session: Session, number: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._number = session, number
        self._dimension: Dimension | None = None
        self._slider: Slider | None = None
        self._turned = 0
        self._name, self._value = plain_label(""), plain_label("")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(10, 0, 10, 0)
        self._row.setSpacing(10)
        self._row.addWidget(self._name)
        self._row.addWidget(self._value)
        for label in (self._name, self._value):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            label.setProperty("role", "on-picture")
        self._value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.setToolTip(_tip())
        self.hide()
        self._end = session.watch(self._shown, lambda _: self._follow())
        self._follow()

    def close_strip(self) -> None:
        """Watch the session no longer."""
        self._end()

    def place(self, room: QRect) -> None:
        """Stand in the middle above the lower edge of *room*."""
        width, above = min(WIDEST, round(BETWEEN * room.width())), ABOVE_SCALE_PX
        self._name.setVisible(width >= WITH_NAME)
        if width < WITH_NAME:
            width, above = max(1, min(NARROW, room.width() - 16)), ABOVE_CORNERS_PX
        left = room.left() + (room.width() - width) // 2
        self.setGeometry(left, max(0, room.bottom() - above - HEIGHT), width, HEIGHT)

    def _shown(self, state: State) -> tuple[object, ...]:
        viewport = state.view.viewports[self._number]
        series = self._session.series(viewport.series)
        return viewport.series, viewport.index, series, self._is_first(state.view)

    def _is_first(self, view: View) -> bool:
        """Whether no viewport to be seen before this one has the slider for both."""
        together = going_together(view, self._number)
        return not any(one < self._number and one in together for one in view.shown)

    def _follow(self) -> None:
        viewport = self._session.view.viewports[self._number]
        series = self._session.series(viewport.series)
        dimension = None if series is None else series.dimension
        if dimension != self._dimension:
            self._make(dimension)
        if series is None or dimension is None or self._slider is None:
            return
        at = min(value_of(series, viewport.index), len(dimension.values) - 1)
        self.setVisible(self._is_first(self._session.view))
        self._slider.show_number(at)
        self._value.setText(_value_words(dimension, at))
        self._slider.setAccessibleDescription(dimension.words(at))
        self._slider.setToolTip(f"{plain_tip(dimension.words(at))}\n{_tip()}")

    def _make(self, dimension: Dimension | None) -> None:
        self._dimension = dimension
        if self._slider is not None:
            self._slider.hide()
            self._slider.deleteLater()
            self._slider = None
        if dimension is None:
            self.hide()
            return
        self._slider = Slider(dimension.name, 0, len(dimension.values) - 1, step=1)
        self._slider.setProperty("role", "on-picture")
        self._slider.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._slider.moved.connect(self._go_to)
        self._row.insertWidget(1, self._slider, 1)
        self._name.setText(dimension.name)
        self._value.setMinimumWidth(_widest(self._value, dimension))
        self.raise_()

    def _go_to(self, number: float, _: str) -> None:
        messages.run(self._session, "view.dimension_to", number=round(number), viewport=self._number)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802  (Qt's name)
        """A veil, so that the words can be read over any picture."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(VEIL)
        painter.drawRoundedRect(self.rect(), 4, 4)
        painter.end()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802  (Qt's name)
        """Over the strip the wheel goes through the values."""
        event.accept()
        self._turned += event.angleDelta().y()
        steps = -int(self._turned / NOTCH)
        self._turned += steps * NOTCH
        if steps and self._slider is not None:
            self._go_to(self._slider.number + steps, "")

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802  (Qt's name)
        """What is pressed here is not meant for the picture below."""
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802  (Qt's name)
        """The same for what moves."""
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802  (Qt's name)
        """And for what is let go."""
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802  (Qt's name)
        """And for a double click."""
        event.accept()


def _tip() -> str:
    further = with_key("Next time, phase, b-value or echo at the same place", "view.dimension", by=1)
    return f"{further}\n{with_key('Previous', 'view.dimension', by=-1)}"


def _value_words(dimension: Dimension, at: int) -> str:
    value = dimension.values[at]
    return f"{value} {dimension.unit}".strip()


def _widest(label: QLabel, dimension: Dimension) -> int:
    metrics = label.fontMetrics()
    words = (_value_words(dimension, at) for at in range(len(dimension.values)))
    return min(130, max(metrics.horizontalAdvance(one) for one in words) + 2)
