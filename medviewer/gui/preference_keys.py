"""The keys of a preference study; while one runs they mean nothing else."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QWidget

from medviewer.gui.messages import run
from medviewer.session.session import Session

KEYS: dict[Qt.Key, tuple[str, dict[str, str]]] = {
    Qt.Key.Key_Left: ("preference.answer", {"choice": "left"}),
    Qt.Key.Key_1: ("preference.answer", {"choice": "left"}),
    Qt.Key.Key_Right: ("preference.answer", {"choice": "right"}),
    Qt.Key.Key_2: ("preference.answer", {"choice": "right"}),
    Qt.Key.Key_Down: ("preference.answer", {"choice": "none"}),
    Qt.Key.Key_0: ("preference.answer", {"choice": "none"}),
    Qt.Key.Key_Backspace: ("preference.undo", {}),
    Qt.Key.Key_Escape: ("preference.pause", {}),
}

AWAY_MS = 400


class PreferenceKeys(QObject):
    """Takes keys from a window before its shortcuts do, as long as a study runs.

    They reach the window only when the widget with the focus had no use for them: Esc still cancels a drag.
    """

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self._away = QTimer(self, singleShot=True, interval=AWAY_MS)
        self._away.timeout.connect(self._pause)
        window.installEventFilter(self)
        QGuiApplication.instance().applicationStateChanged.connect(self._turned)  # type: ignore[union-attr]

    def _turned(self, state: Qt.ApplicationState) -> None:
        """Whoever turns to another program pauses; between two of our windows none is active for a moment."""
        if state == Qt.ApplicationState.ApplicationActive:
            self._away.stop()
        elif self._session.view.blind is not None:
            self._away.start()

    def _pause(self) -> None:
        if self._session.view.blind is not None:
            self._session.preference.pause(True)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  (Qt's name)
        """Answer, undo, pause."""
        blind, kind = self._session.view.blind, event.type()
        if blind is None:
            return False
        if not isinstance(event, QKeyEvent) or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return False
        found = KEYS.get(Qt.Key(event.key()))
        if found is None:
            return False
        # a key that was meant for the pair before must not answer one that nobody has seen
        is_meant = found[0] != "preference.answer" or blind.stands
        if kind == QEvent.Type.KeyPress and is_meant and not event.isAutoRepeat():
            run(self._session, found[0], **found[1])
        event.accept()
        return True
