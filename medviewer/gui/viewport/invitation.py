"""The first thing a reader sees: three lines that say what to do."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from medviewer.gui import theme
from medviewer.session.session import Session
from medviewer.session.state import State


class Invitation(QWidget):
    """Stands in the middle until something is open, or being opened."""

    open_asked = Signal()
    folder_asked = Signal()

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._title = QLabel("Drop a folder or files here")
        theme.mark(self._title, role="title")
        self._buttons = QWidget()
        row = QHBoxLayout(self._buttons)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._button("Open files", self.open_asked.emit))
        row.addWidget(self._button("Open a folder", self.folder_asked.emit))
        self._sample = self._button("Try the sample study", lambda: session.run("study.sample"))
        theme.mark(self._sample, role="link")
        column = QVBoxLayout(self)
        column.setSpacing(12)
        column.addStretch(1)
        for widget in (self._title, self._buttons, self._sample):
            column.addWidget(widget, alignment=Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        self._end = session.watch(_is_opening, self._show_opening)
        self._show_opening(_is_opening(session.state))

    def close_invitation(self) -> None:
        """Watch the session no longer."""
        self._end()

    def _show_opening(self, opening: bool) -> None:
        self._title.setText("Opening" if opening else "Drop a folder or files here")
        self._buttons.setVisible(not opening)
        self._sample.setVisible(not opening)

    def _button(self, title: str, act: Callable[[], object]) -> QPushButton:
        button = QPushButton(title)
        button.clicked.connect(lambda _=False: act())
        return button


def _is_opening(state: State) -> bool:
    return any(job.key.startswith("open-") for job in state.jobs)
