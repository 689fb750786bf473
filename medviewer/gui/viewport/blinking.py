"""A label that blinks: the clock that hides it every other moment."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from medviewer.session.session import Session

HALF_MS = 400
"""1.25 times a second: slower than what may harm anybody (WCAG 2.3.1 allows 3 flashes)."""


class Blinking(QObject):
    """Runs only while something blinks."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._timer = QTimer(self, interval=HALF_MS)
        self._timer.timeout.connect(self._turn)
        self._end = session.watch(lambda state: state.view.blinking, self._set)
        self._set(session.view.blinking)

    def close(self) -> None:
        """Stop for good."""
        self._end()
        self._timer.stop()

    def _set(self, is_on: bool) -> None:
        if is_on and not self._timer.isActive():
            self._timer.start()
        elif not is_on:
            self._timer.stop()

    def _turn(self) -> None:
        if self._session.view.blind is None:
            self._session.run("labels.blinked", off=not self._session.view.blinked_off)
