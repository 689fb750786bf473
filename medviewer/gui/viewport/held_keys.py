"""Keys that act for as long as they are held: the original, and no overlay."""

from __future__ import annotations

import json

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget

from medviewer.gui import messages
from medviewer.kit.paths import resource
from medviewer.session.session import Session


def held_keys() -> dict[Qt.Key, str]:
    """The shortcuts that are to be held, each with a command that takes on=True or on=False."""
    entries = json.loads(resource("shortcuts.json").read_text(encoding="utf-8"))
    held = {
        QKeySequence.fromString(key)[0].key(): entry["command"]  # type: ignore[index]
        for entry in entries
        if entry.get("held")
        for key in entry["keys"]
    }
    if Qt.Key.Key_QuoteLeft in held:  # many keyboards have the backquote as a dead key only
        held[Qt.Key.Key_Dead_Grave] = held[Qt.Key.Key_QuoteLeft]
    return held


class HeldKeys(QObject):
    """Watches a window for held keys.

    Keys reach the window only when the widget with the focus had no use for them, so typing into a field
    never shows or hides anything.
    """

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._window: QWidget | None = None
        self._keys = held_keys()
        self._held: set[str] = set()

    def watch(self, window: QWidget | None) -> None:
        """Watch *window* from now on, or nothing."""
        if self._window is not None:
            self._window.removeEventFilter(self)
        self._window = window
        if window is not None:
            window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  (Qt's name)
        """Hold and let go."""
        kind = event.type()
        if kind == QEvent.Type.WindowDeactivate:
            self._release_all()
        elif isinstance(event, QKeyEvent) and kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            return self._key(event, kind == QEvent.Type.KeyPress)
        return False

    def _key(self, event: QKeyEvent, down: bool) -> bool:
        command = self._keys.get(Qt.Key(event.key()))
        if command is None or (down and event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier):
            return False
        if not event.isAutoRepeat() and down != (command in self._held):
            self._held ^= {command}
            messages.run(self._session, command, on=down)
        return True

    def _release_all(self) -> None:
        """A key that is let go in another window is never seen to be."""
        for command in tuple(self._held):
            messages.run(self._session, command, on=False)
        self._held.clear()
