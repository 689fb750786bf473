"""A slider with manners: the wheel scrolls the panel, a double click resets, one drag has one name."""

from __future__ import annotations

import itertools

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import (
    QComboBox,
    QSlider,
    QStyle,
    QStyleOptionComboBox,
    QStyleOptionSlider,
    QStylePainter,
    QWidget,
)

from medviewer.gui import icons, theme
from medviewer.gui.words import plain_tip
from medviewer.kit.errors import BadValue

FINEST_STEPS = 1000
"""Positions of a slider whose parameter declares no step."""
ARROW_PX = 14

_drags = itertools.count(1)


class Slider(QSlider):
    """A track for a number between two limits, in steps; *step* 0 stands for "as fine as the track is"."""

    moved = Signal(float, str)
    """the number, and the name of the drag it belongs to"""
    reset = Signal()

    def __init__(
        self, label: str, minimum: float, maximum: float, step: float = 0.0, parent: QWidget | None = None
    ) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        if not minimum < maximum:
            raise BadValue(f"{label} has no room between its limits.", "")
        self._low, self._high = minimum, maximum
        self._step = step or (maximum - minimum) / FINEST_STEPS
        self._drag = ""
        steps = max(1, round((maximum - minimum) / self._step))
        self.setRange(0, steps)
        self.setPageStep(max(1, steps // 10))
        self.setAccessibleName(label)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.valueChanged.connect(lambda at: self.moved.emit(self._number(at), self._drag))

    @property
    def number(self) -> float:
        """What the handle stands on."""
        return self._number(self.value())

    def show_number(self, value: float) -> None:
        """Put the handle at *value* without telling anybody."""
        before = self.blockSignals(True)
        self.setValue(round((value - self._low) / self._step))
        self.blockSignals(before)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel belongs to the panel around the slider."""
        event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Grab the handle, or let it jump to where the track was pressed."""
        self._drag = f"drag-{next(_drags)}"
        if event.button() == Qt.MouseButton.LeftButton and not self._on_handle(event):
            self.setSliderPosition(self._position(event))
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A double click resets."""
        event.accept()
        self.reset.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A key held down is one drag."""
        if not event.isAutoRepeat():
            self._drag = f"drag-{next(_drags)}"
        super().keyPressEvent(event)

    def _number(self, at: int) -> float:
        # the last step may be a short one; rounding removes what binary fractions leave behind
        return min(self._high, round(self._low + at * self._step, 10))

    def _on_handle(self, event: QMouseEvent) -> bool:
        return self._handle().contains(event.position().toPoint())

    def _handle(self) -> QRect:
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        return self.style().subControlRect(
            QStyle.ComplexControl.CC_Slider, option, QStyle.SubControl.SC_SliderHandle, self
        )

    def _position(self, event: QMouseEvent) -> int:
        half = self._handle().width() // 2
        room = self.width() - 2 * half
        return QStyle.sliderValueFromPosition(0, self.maximum(), round(event.position().x()) - half, room)


class QuietComboBox(QComboBox):
    """A menu of values over which the wheel scrolls the panel.

    Who chooses with the mouse goes on with the keyboard where it was, mostly over the pictures.
    """

    def __init__(self, label: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(label)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)
        # the field may be too narrow for its words
        self.currentTextChanged.connect(lambda text: self.setToolTip(plain_tip(text)))

    def hidePopup(self) -> None:
        """The keyboard goes back to where it was; not every platform gives it back of its own."""
        super().hidePopup()
        before = self.window().focusWidget()
        if before is not None:
            before.setFocus(Qt.FocusReason.PopupFocusReason)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel belongs to the panel around the menu."""
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Words that do not fit end in three dots."""
        painter = QStylePainter(self)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        room = self.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, self
        )
        elide = Qt.TextElideMode.ElideRight
        words = option.currentText or self.placeholderText()
        option.currentText = self.fontMetrics().elidedText(words, elide, room.width() - 4)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        # the style sheet takes the style's own arrow away, and its pictures cannot follow the theme
        colors = theme.tokens()
        arrow = icons.pixmap("down", colors.muted if self.isEnabled() else colors.line, ARROW_PX)
        rect = self.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxArrow, self
        )
        at = rect.center() - QPoint(ARROW_PX // 2, ARROW_PX // 2 - 1)
        painter.drawPixmap(at, arrow)
