"""Setting up a preference study, and the studies that are kept: to go on with one, or to see its results."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QDialog, QTabWidget, QVBoxLayout, QWidget

from medviewer.gui.dialogs.preference_kept import KeptStudies
from medviewer.gui.dialogs.preference_new import NewStudy
from medviewer.session.session import Session

WIDTH_PX, HEIGHT_PX = 640, 600


class PreferenceDialog(QDialog):
    """Two pages: a new study, and those there are."""

    def __init__(self, session: Session, parent: QWidget, results: Callable[[Path], object]) -> None:
        super().__init__(parent)
        self.setWindowTitle("Preference study")
        self.resize(WIDTH_PX, HEIGHT_PX)
        self.new = NewStudy(session)
        self.kept = KeptStudies(session, results)
        self.tabs = QTabWidget()
        self.tabs.addTab(self.new, "New study")
        self.tabs.addTab(self.kept, "Studies there are")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(self.tabs)
        for page in (self.new, self.kept):
            page.begun.connect(self.accept)
