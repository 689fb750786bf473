"""Building the stack that planes are cut through: once however many wait, with progress and Cancel."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from medviewer.core.study import SeriesKey
from medviewer.kit.errors import MedviewerError, SeriesTrouble
from medviewer.kit.task import Lane, TaskContext
from medviewer.session.dimension import value_of

if TYPE_CHECKING:
    from medviewer.session.session import Session

Stack = tuple[SeriesKey, int]
"""A series, and which of its values."""
Answer = Callable[[MedviewerError | None], object]
"""Called on the main thread when the stack is there, or with what was in the way."""


class StackBuilds:
    """Jobs that build stacks for viewports. All calls belong to the main thread."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._running: dict[Stack, str] = {}
        """the keys of their jobs"""
        self._waiting: dict[int, tuple[Stack, Answer]] = {}

    def wait(self, number: int, series: SeriesKey, index: int, answer: Answer) -> None:
        """Build the stack that holds picture *index*; the newest wish of a viewport is answered."""
        found = self._session.series(series)
        stack = (series, 0 if found is None else value_of(found, index))
        if self._waiting.get(number, (stack,))[0] != stack:
            self.leave(number)
        self._waiting[number] = (stack, answer)
        if stack not in self._running:
            self._start(stack, index)

    def leave(self, number: int) -> None:
        """A viewport waits no longer; what nobody waits for is not built."""
        stack, _ = self._waiting.pop(number, (None, None))
        if stack is not None and all(one != stack for one, _ in self._waiting.values()):
            self._session.jobs.cancel(self._running.pop(stack, ""))

    def _start(self, stack: Stack, index: int) -> None:
        self._running[stack] = ""

        def work(context: TaskContext) -> MedviewerError | None:
            try:
                self._session.frames.volume(stack[0], index, context)
            except MedviewerError as trouble:  # it is told on the tiles
                return trouble
            return None

        def done(trouble: MedviewerError | None) -> None:
            self._end(stack, trouble)

        def stopped() -> None:
            self._end(stack, _STOPPED)

        title = "Building the volume"
        job = self._session.jobs.start(title, work, done, kind="stack", lane=Lane.NOW, stopped=stopped)
        if stack in self._running:
            self._running[stack] = job

    def _end(self, stack: Stack, trouble: MedviewerError | None) -> None:
        if self._running.pop(stack, None) is None:
            return
        for number, (wanted, answer) in tuple(self._waiting.items()):
            if wanted == stack:
                del self._waiting[number]
                answer(trouble)


_STOPPED = SeriesTrouble("The volume was not built: it was stopped.", "Scroll to begin anew.")
