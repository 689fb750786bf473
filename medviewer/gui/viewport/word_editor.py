"""A small field on the picture in which the words of an annotation are typed."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

WIDTH_PX = 220
LONGEST = 200


class WordEditor(QLineEdit):
    """Enter or a click elsewhere keeps the words, Esc drops them."""

    def __init__(self, parent: QWidget, words: str, done: Callable[[str], object]) -> None:
        super().__init__(parent)
        self._done: Callable[[str], object] | None = done
        self._picture = parent
        self.setMaxLength(LONGEST)
        self.setText(words)
        self.selectAll()
        self.setPlaceholderText("Words, then Enter")
        self.setAccessibleName("Words of the annotation")
        self.returnPressed.connect(self._keep)

    def open_at(self, spot: QPoint) -> None:
        """Show the field at a position of the parent, inside of it."""
        room = self._picture.rect()
        width, height = min(WIDTH_PX, room.width()), self.sizeHint().height()
        left = min(max(spot.x(), 0), room.width() - width)
        top = min(max(spot.y() - height // 2, 0), room.height() - height)
        self.setGeometry(left, top, width, height)
        self.show()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def event(self, event: QEvent) -> bool:
        """While somebody types no key is a shortcut, Enter and Esc included."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  (Qt's name)
        """Esc drops the words."""
        if event.key() == Qt.Key.Key_Escape:
            self._close(None)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802  (Qt's name)
        """A click elsewhere keeps what was typed; another window only interrupts."""
        super().focusOutEvent(event)
        if event.reason() not in (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason):
            self._keep()

    def _keep(self) -> None:
        self._close(self.text())

    def _close(self, words: str | None) -> None:
        done, self._done = self._done, None
        if done is None:
            return
        self.hide()
        self._picture.setFocus(Qt.FocusReason.OtherFocusReason)
        self.deleteLater()
        if words is not None:
            done(words)
