"""Playing series: the clock of all viewports that play."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer

from medviewer.session.session import Session
from medviewer.session.state import State

LONGEST_LEAP = 60
"""After a longer stall the clock begins anew instead of racing after it."""


class Cine(QObject):
    """Steps playing viewports by the time that has passed.

    A picture that is not on the screen yet is waited for; the steps it took too long for are left out, so
    that nothing ever queues and the speed stays true.
    """

    def __init__(
        self, session: Session, is_shown: Callable[[int], bool], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._is_shown = is_shown
        self._due: dict[int, float] = {}
        self._last = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._end = session.watch(_playing, self._set)
        self._set(_playing(session.state))

    def close(self) -> None:
        """Stop for good."""
        self._end()
        self._timer.stop()

    def _set(self, playing: tuple[float, tuple[int, ...]]) -> None:
        rate, numbers = playing
        self._due = {number: self._due.get(number, 0.0) for number in numbers}
        if not numbers:
            self._timer.stop()
            return
        if not self._timer.isActive():
            self._last = time.monotonic()
        self._timer.start(max(1, round(1000 / rate)))

    def _tick(self) -> None:
        now = time.monotonic()
        passed, self._last = now - self._last, now
        for number in tuple(self._due):
            self._due[number] += passed * self._session.view.cine_rate
            if self._due[number] > LONGEST_LEAP:
                self._due[number] = 1.0
            # a timer may fire a little early: half a picture decides
            steps = int(self._due[number] + 0.5)
            if steps and self._is_shown(number):
                self._due[number] -= steps
                for _ in range(steps):
                    self._session.run("view.step", viewport=number)


def _playing(state: State) -> tuple[float, tuple[int, ...]]:
    view = state.view
    return view.cine_rate, tuple(number for number in view.shown if view.viewports[number].playing)
