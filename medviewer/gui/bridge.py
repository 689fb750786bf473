"""The way back to the main thread, and the last net below every slot."""

from __future__ import annotations

import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from types import TracebackType

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal, Slot

from medviewer.kit.runner import ThreadRunner
from medviewer.kit.settings import Settings
from medviewer.session.session import Session

Call = Callable[[], object]

LONGEST_TURN_S = 0.008
"""After so long the mouse and the keyboard get their turn, however many results are waiting."""


class Bridge(QObject):
    """Makes calls on the thread it was created on, in order, in the next turn of the Qt event loop."""

    _filled = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._calls: deque[Call] = deque()
        self._lock = threading.Lock()
        self._posted = False
        self._open = True
        self._filled.connect(self._make_calls, Qt.ConnectionType.QueuedConnection)

    def deliver(self, call: Call) -> None:
        """Make *call* on the main thread, soon. Any thread may ask; after `close` nothing is called."""
        with self._lock:
            if not self._open:
                return
            self._calls.append(call)
            post, self._posted = not self._posted, True
        if post:
            self._filled.emit()

    later = deliver
    """The `Later` of the store: one event per turn however often the state is set."""

    def close(self) -> None:
        """Forget the calls that were not made yet, and take no more."""
        with self._lock:
            self._open = False
            self._calls.clear()

    @Slot()
    def _make_calls(self) -> None:
        with self._lock:
            self._posted = False
            waiting = len(self._calls)
        end = time.monotonic() + LONGEST_TURN_S
        try:
            while waiting and self._calls:
                waiting -= 1
                self._calls.popleft()()
                if time.monotonic() > end:
                    break
        finally:  # a call that fails must not take the others with it
            self._post_again()

    def _post_again(self) -> None:
        with self._lock:
            post = bool(self._calls) and not self._posted
            self._posted = self._posted or post
        if post:
            self._filled.emit()


def make_session(settings: Settings | None = None, bridge: Bridge | None = None) -> Session:
    """A session whose work runs in threads and whose watchers are told by the Qt event loop.

    The application object must exist. Close the session when the program ends.
    """
    bridge = bridge or Bridge(QCoreApplication.instance())
    return Session(ThreadRunner(bridge.deliver), bridge.later, settings)


def install_hook(session: Session) -> Callable[[], None]:
    """Turn what escapes from slots and event functions into notices of *session*; the answer undoes this.

    One of the three places that catch everything.
    """
    before = sys.excepthook

    def hook(kind: type[BaseException], trouble: BaseException, trace: TracebackType | None) -> None:
        if not isinstance(trouble, Exception):  # KeyboardInterrupt and SystemExit end the program
            before(kind, trouble, trace)
            return
        try:
            session.notify(trouble)
        except Exception:  # noqa: BLE001  nothing is left below this net
            before(kind, trouble, trace)

    def undo() -> None:
        sys.excepthook = before

    sys.excepthook = hook
    return undo
