"""The one place where state changes; watchers are told once per turn, with the last value."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import length_hint
from typing import Any, TypeVar

from medviewer.session.state import State

T = TypeVar("T")
Later = Callable[[Callable[[], None]], object]
"""Calls back in the next turn of the event loop; terminals and tests call at once."""


def at_once(call: Callable[[], None]) -> None:
    """The `Later` of programs without an event loop."""
    call()


class _Watcher:
    def __init__(self, select: Callable[[State], Any], show: Callable[[Any], object], state: State) -> None:
        self.select = select
        self.show = show
        self.last = select(state)
        self.is_open = True

    def tell(self, state: State) -> None:
        value = self.select(state)
        if value is self.last or value == self.last:
            return
        self.last = value
        self.show(value)


class Store:
    """Holds the state. `set` replaces it; `watch` tells what has changed, everybody about the same state."""

    def __init__(self, state: State, later: Later = at_once) -> None:
        self._state = state
        self._later = later
        self._watchers: list[_Watcher] = []
        self._pending = False
        self._telling = False

    @property
    def state(self) -> State:
        """Everything at this moment."""
        return self._state

    def set(self, state: State) -> None:
        """Replace the state, and tell the watchers in the next turn."""
        if state is self._state:
            return
        self._state = state
        if not self._pending:
            self._pending = True
            self._later(self._tell)

    def watch(self, select: Callable[[State], T], show: Callable[[T], object]) -> Callable[[], None]:
        """Call *show* when the selected part is another value than before; return the call that ends this."""
        watcher = _Watcher(select, show, self._state)
        self._watchers.append(watcher)

        def end() -> None:
            watcher.is_open = False
            if watcher in self._watchers:
                self._watchers.remove(watcher)

        return end

    def _tell(self) -> None:
        self._pending = False
        if self._telling:  # a watcher has changed the state at once: the outer round sees it
            return
        self._telling = True
        try:
            told = None
            while told is not self._state:
                told = self._state
                self._tell_each(iter(tuple(self._watchers)), told)
        finally:
            self._telling = False

    def _tell_each(self, waiting: Iterator[_Watcher], state: State) -> None:
        try:
            for watcher in waiting:
                if watcher.is_open:  # an earlier one may have ended it, with its widget
                    watcher.tell(state)
        finally:
            if length_hint(waiting):  # one that fails does not keep the others in the dark
                self._tell_each(waiting, state)
