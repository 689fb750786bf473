"""Labels, buttons and lines that end in three dots where the room does."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QLabel,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOption,
    QStyleOptionButton,
    QStylePainter,
    QWidget,
)

BESIDE_PX = 8
"""Room beside the words of a button."""


class ElidedLabel(QLabel):
    """One line of plain text that never asks for more room than there is."""

    def __init__(self, text: str = "", widest_px: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._widest_px = widest_px
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)

    def minimumSizeHint(self) -> QSize:
        """It can become as narrow as it must."""
        return QSize(0, super().minimumSizeHint().height())

    def sizeHint(self) -> QSize:
        """As wide as its text, within its limit."""
        width = self.fontMetrics().horizontalAdvance(self.text()) + 8
        return QSize(min(width, self._widest_px) if self._widest_px else width, super().sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw as much of the text as there is room for."""
        option = QStyleOption()
        option.initFrom(self)
        painter = QPainter(self)
        self.style().drawPrimitive(QStyle.PrimitiveElement.PE_Widget, option, painter, self)
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.setPen(option.palette.color(self.foregroundRole()))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
        painter.end()


class ElidedButton(QPushButton):
    """A button whose words never ask for more room than there is; what it says in full is its name."""

    def __init__(self, text: str = "", widest_px: int = 260, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._widest_px = widest_px
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.say(text)

    def say(self, text: str) -> None:
        """Show *text*, in which no sign is a shortcut."""
        self.setText(text.replace("&", "&&"))
        self.setAccessibleName(text)

    def sizeHint(self) -> QSize:
        """As wide as its text, within its limit."""
        size = super().sizeHint()
        return QSize(min(size.width(), self._widest_px), size.height())

    def minimumSizeHint(self) -> QSize:
        """It can become as narrow as three letters."""
        return QSize(48, super().minimumSizeHint().height())

    def paintEvent(self, _: QPaintEvent) -> None:
        """Draw as much of the text as there is room for."""
        option = QStyleOptionButton()
        self.initStyleOption(option)
        text = self.text().replace("&&", "&")
        room = self.width() - 2 * BESIDE_PX
        shown = self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room)
        option.text = shown.replace("&", "&&")
        painter = QStylePainter(self)
        painter.drawControl(QStyle.ControlElement.CE_PushButton, option)
        painter.end()


def write_elided(
    painter: QPainter, rect: QRect, text: str, font: QFont, color: str, bold: bool = False
) -> None:
    """Write a line into a row of a list, with three dots where it does not fit."""
    shown = QFont(font)
    shown.setBold(bold)
    painter.setFont(shown)
    painter.setPen(QColor(color))
    elided = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
    painter.drawText(rect, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, elided)
