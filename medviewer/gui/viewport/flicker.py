"""Two pictures by turns: the clocks of all viewports that flicker."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer

from medviewer.core.against import Way
from medviewer.session.session import Session
from medviewer.session.state import State


class Flicker(QObject):
    """Swaps the two pictures of flickering viewports; one that is not on the screen yet is waited for."""

    def __init__(
        self, session: Session, is_shown: Callable[[int], bool], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._is_shown = is_shown
        self._timers: dict[int, QTimer] = {}
        self._end = session.watch(_flickering, self._set)
        self._set(_flickering(session.state))

    def close(self) -> None:
        """Stop for good."""
        self._end()
        self._set(())

    def _set(self, rates: tuple[tuple[int, float], ...]) -> None:
        wanted = dict(rates)
        for number in set(self._timers) - set(wanted):
            self._timers[number].stop()
            self._timers.pop(number).deleteLater()
        for number, rate in wanted.items():
            timer = self._timers.get(number) or self._new(number)
            after = round(1000 / (2 * rate))
            if timer.interval() != after or not timer.isActive():
                timer.start(after)

    def _new(self, number: int) -> QTimer:
        timer = self._timers[number] = QTimer(self)
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.timeout.connect(lambda: self._swap(number))
        return timer

    def _swap(self, number: int) -> None:
        if self._is_shown(number):
            self._session.run("against.swap", viewport=number)


def _flickering(state: State) -> tuple[tuple[int, float], ...]:
    """(number, rate in Hz) of each viewport that flickers at this moment."""
    view = state.view
    found = ((number, view.viewports[number].against) for number in view.shown)
    return tuple(
        (number, one.rate)
        for number, one in found
        if one is not None and one.way is Way.FLICKER and not one.paused
    )
