"""Ctrl+C in a terminal, and a machine that is shut down, close the window as a click would."""

from __future__ import annotations

import signal

from PySide6.QtCore import QSocketNotifier, QTimer
from PySide6.QtWidgets import QApplication

WAKE_AFTER_MS = 500
"""Until then the window is being built, which lets Python look for signals all the time."""


def end_on_signals(app: QApplication) -> None:
    """Close all windows when the system asks the program to end."""
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: app.closeAllWindows())
    QTimer.singleShot(WAKE_AFTER_MS, app, lambda: _wake(app))


def _wake(app: QApplication) -> None:
    """Let signals wake the loop.

    Python runs its handlers only between its own instructions, and Qt's loop has none; a byte that arrives
    on a socket wakes it.
    """
    import socket  # noqa: PLC0415  (after the first picture)

    reading, writing = socket.socketpair()
    writing.setblocking(False)
    reading.setblocking(False)
    signal.set_wakeup_fd(writing.fileno())
    notifier = QSocketNotifier(reading.fileno(), QSocketNotifier.Type.Read, app)
    notifier.activated.connect(lambda *_: reading.recv(64))
    # both ends live as long as the program
    _wake.ends = (reading, writing)  # type: ignore[attr-defined]
