"""The pictures alone on the whole screen, and the window as it was before."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QMainWindow, QWidget


class FullScreen:
    """Whether a *window* shows nothing but pictures."""

    def __init__(self, window: QMainWindow) -> None:
        self._window = window
        self._put_away: list[QWidget] = []
        self._was_maximised = False
        self.is_on = False

    def toggle(self, around: Sequence[QWidget]) -> None:
        """Leave the pictures alone, without what stands *around* them, or bring everything back as it was."""
        self.is_on = not self.is_on
        if self.is_on:
            self._put_away = [widget for widget in around if not widget.isHidden()]
            for widget in self._put_away:
                widget.hide()
            self._was_maximised = self._window.isMaximized()
            self._window.showFullScreen()
        else:
            for widget in self._put_away:
                widget.show()
            self._window.showMaximized() if self._was_maximised else self._window.showNormal()
