"""Finding any command by a few of its letters."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from medviewer.gui.widgets.chooser import Choosable, Chooser

SIZE = (520, 420)


class Palette(QDialog):
    """A field over a list of everything that can be done now; choosing does it."""

    def __init__(self, items: Iterable[Choosable], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Find a command")
        self.setWindowFlag(Qt.WindowType.FramelessWindowHint, True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setSizeGripEnabled(False)
        self.chooser = Chooser("Find a command", self)
        self.chooser.setProperty("role", "popup")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.chooser)
        self.chooser.show_all(items)
        self.chooser.field.setFocus()
        self.chooser.chosen.connect(self._do)
        self.chooser.left.connect(self.close)
        self.resize(min(SIZE[0], parent.width() - 80), min(SIZE[1], parent.height() - 120))
        top = parent.mapToGlobal(parent.rect().topLeft())
        self.move(top.x() + (parent.width() - self.width()) // 2, top.y() + 80)

    def event(self, event: QEvent) -> bool:
        """Who clicks elsewhere wants no command."""
        if event.type() == QEvent.Type.WindowDeactivate:
            self.close()
        return super().event(event)

    def _do(self, call: object) -> None:
        self.close()
        if callable(call):
            call()
