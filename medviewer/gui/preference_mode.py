"""The window while a preference study runs: the pictures, one bar, and nothing that knows a recipe."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMainWindow, QWidget

from medviewer.gui.preference_bar import PreferenceBar
from medviewer.gui.preference_keys import PreferenceKeys
from medviewer.session.session import Session
from medviewer.session.state import Blind


class PreferenceMode:
    """Puts away what stands *around* the pictures while a study runs, and brings it back; *ended* is told."""

    def __init__(
        self,
        session: Session,
        window: QMainWindow,
        around: Sequence[QWidget],
        ended: Callable[[], object],
    ) -> None:
        self._window, self._around, self._ended = window, around, ended
        self._put_away: list[QWidget] = []
        self.runs = False
        self.bar = PreferenceBar(session, window)
        self.bar.hide()
        window.addToolBar(Qt.ToolBarArea.BottomToolBarArea, self.bar)
        self.keys = PreferenceKeys(session, window)

    def show_blind(self, blind: Blind | None) -> None:
        """Follow the study."""
        if blind is not None:
            if not self.runs:
                self._window.activateWindow()
                self._put_away = [one for one in self._around if not one.isHidden()]
            self.runs = True
            for one in self._put_away:
                one.hide()
            self.bar.show_blind(blind)
            self.bar.show()
        elif self.runs:
            self.runs = False
            self.bring_back()
            self._ended()

    def bring_back(self) -> None:
        """Show what was put away; a window that closes keeps it in mind as it was."""
        self.bar.hide()
        for one in self._put_away:
            one.show()
        self._put_away = []
