"""Buttons in rows that break where the room ends, as words do."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

GAP_PX = 6


class Flow(QWidget):
    """Puts widgets side by side and begins a new row when the next one does not fit.

    It moves its children itself. A layout written in Python would have to hand its items over to Qt and take
    them back, and who owns them then is a question that ends in lost objects.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._widgets: list[QWidget] = []
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_widgets(self, widgets: Sequence[QWidget]) -> None:
        """Show *widgets* in place of those that were here, which are deleted."""
        for old in self._widgets:
            old.hide()
            old.deleteLater()
        self._widgets = list(widgets)
        for widget in self._widgets:
            widget.setParent(self)
            widget.show()
        self._arrange()

    def sizeHint(self) -> QSize:
        """As high as its rows."""
        return QSize(100, self.minimumHeight())

    def minimumSizeHint(self) -> QSize:
        """As wide as the widest widget."""
        return QSize(max((one.sizeHint().width() for one in self._widgets), default=0), self.minimumHeight())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the rows anew."""
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        """Another font or style: other sizes."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self._arrange()

    def _arrange(self) -> None:
        x, y, height = 0, 0, 0
        for widget in getattr(self, "_widgets", ()):
            size = widget.sizeHint()
            if x > 0 and x + size.width() > self.width():
                x, y, height = 0, y + height + GAP_PX, 0
            widget.setGeometry(x, y, min(size.width(), max(self.width(), 1)), size.height())
            x, height = x + size.width() + GAP_PX, max(height, size.height())
        if y + height != self.minimumHeight():
            self.setFixedHeight(y + height)
