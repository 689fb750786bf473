"""In a preference study both pictures come to be seen at the same moment, and not before both are exact.

That holds for what is scrolled, zoomed and windowed too: what comes later would be what is enhanced.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QTimer

from medviewer.gui.viewport.view import ViewportView
from medviewer.session.session import Session
from medviewer.session.state import Blind

LOOK_AGAIN_MS = 8


class BlindGate(QObject):
    """Looks whether the pictures of a covered pair are there, and uncovers them together."""

    def __init__(
        self, session: Session, views: Callable[[], Sequence[ViewportView]], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._views = session, views
        self._waiting = QTimer(self, interval=LOOK_AGAIN_MS)
        self._waiting.timeout.connect(self._look)
        self._end = session.watch(lambda state: state.view.blind, self._follow)

    def close(self) -> None:
        """Watch the session no longer."""
        self._end()
        self._waiting.stop()

    def let_come(self) -> None:
        """Show in both viewports what has come, once the newest is there in both."""
        views = self._views()
        if all(one.has_come for one in views):
            for one in views:
                one.let_come()

    def _follow(self, blind: Blind | None) -> None:
        if blind is not None and not blind.stands and not blind.paused:
            self._waiting.start()
        else:
            self._waiting.stop()

    def _look(self) -> None:
        views = self._views()
        if len(views) < 2 or not all(one.isVisible() and one.is_current for one in views):
            return
        self._waiting.stop()
        trouble = next((one.trouble for one in views if one.trouble), "")
        if trouble:
            self._session.preference.skip(trouble)
        else:
            self._session.preference.stand(lambda: [one.repaint() for one in views])
