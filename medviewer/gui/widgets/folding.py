"""A part of a panel that folds away under its title; what is in it is made when it is first opened."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QFrame, QToolButton, QVBoxLayout, QWidget

from medviewer.gui import icons, theme

_BY_TAB = Qt.FocusPolicy.TabFocus


class Folding(QWidget):
    """A title with an arrow, and below it, while it is open, what *make* makes."""

    def __init__(
        self, title: str, make: Callable[[], QWidget], is_open: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._make = make
        self.content: QWidget | None = None
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(6)
        line = QFrame()
        line.setProperty("role", "line")
        self._layout.addWidget(line)
        self.head = QToolButton()
        self.head.setText(title)
        self.head.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.head.setCheckable(True)
        self.head.setProperty("role", "fold")
        self.head.toggled.connect(self._fold)
        self._layout.addWidget(self.head)
        self.head.setChecked(is_open)
        self._fold(is_open)

    @property
    def is_open(self) -> bool:
        """Whether it is to be seen."""
        return self.head.isChecked()

    def open(self) -> None:
        """Let it be seen."""
        self.head.setChecked(True)

    def changeEvent(self, event: QEvent) -> None:
        """Another theme: draw the arrow in its colours."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw()

    def _fold(self, is_open: bool) -> None:
        if is_open and self.content is None:
            self.content = self._make()
            self._layout.addWidget(self.content)
            self._follow_head()
        if self.content is not None:
            self.content.setVisible(is_open)
        title = self.head.text()
        self.head.setToolTip(f"Hide {title}" if is_open else f"Show {title}")
        self.head.setAccessibleName(f"{title}, {'open' if is_open else 'closed'}")
        self._draw()

    def _follow_head(self) -> None:
        """Let Tab come to what was just made right after the title, not after all that was there before."""
        assert self.content is not None
        before: QWidget = self.head
        for child in self.content.findChildren(QWidget):
            # the list that drops from a menu of words is a window of its own
            if child.focusPolicy() & _BY_TAB and child.window() is self.window():
                QWidget.setTabOrder(before, child)
                before = child

    def _draw(self) -> None:
        self.head.setIcon(icons.icon("down" if self.is_open else "right", theme.tokens().muted))
