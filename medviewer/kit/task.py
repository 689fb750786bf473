"""A piece of background work: what to do, whom to tell, and how to stop it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from enum import IntEnum
from threading import Event, Lock
from typing import Any, Generic, TypeVar

from medviewer.kit.errors import Cancelled
from medviewer.kit.frozen import frozen

R = TypeVar("R")


class Lane(IntEnum):
    """How urgent a task is; the smaller number goes first."""

    NOW = 0
    """The picture somebody waits for."""
    SOON = 1
    """Neighbours of the shown slice, thumbnails."""
    LONG = 2
    """Scanning, models, exports."""
    APART = 3
    """What another process does: a worker only waits for it, one task at a time."""
    APART_LONG = 4
    """The same for hours; nothing else has to stand behind it."""


@frozen
class Progress:
    """How far a task is: *fraction* from 0 to 1, or None while that is not known."""

    fraction: float | None = None
    text: str = ""


class CancelToken:
    """Says whether somebody wants the work stopped."""

    def __init__(self) -> None:
        self._event = Event()
        self._lock = Lock()
        self._hooks: list[Callable[[], object]] = []

    @property
    def cancelled(self) -> bool:
        """Whether the work should stop."""
        return self._event.is_set()

    def check(self) -> None:
        """Raise Cancelled if the work should stop; loops call this."""
        if self._event.is_set():
            raise Cancelled

    def cancel(self) -> None:
        """Ask the work to stop, and call the hooks of libraries that can be told."""
        with self._lock:
            if self._event.is_set():
                return
            self._event.set()
            hooks, self._hooks = self._hooks, []
        for hook in hooks:
            hook()

    def on_cancel(self, hook: Callable[[], object]) -> None:
        """Call *hook* when the work is cancelled, at once if it already is. Any thread may call it."""
        with self._lock:
            if not self._event.is_set():
                self._hooks.append(hook)
                return
        hook()


class TaskContext:
    """What running work sees: the token, and a way to say how far it is."""

    def __init__(
        self, token: CancelToken | None = None, tell: Callable[[Progress], object] | None = None
    ) -> None:
        self.token = token or CancelToken()
        self._tell = tell

    def check(self) -> None:
        """Raise Cancelled if the work should stop."""
        self.token.check()

    def report(self, fraction: float | None, text: str = "") -> None:
        """Say how far the work is, and stop here if it was cancelled."""
        self.token.check()
        if self._tell is not None:
            self._tell(Progress(fraction, text))

    def rest(self, seconds: float) -> None:
        """Wait, and stop here when the work is cancelled meanwhile: what moves on needs nothing finer."""
        stopped = Event()
        self.token.on_cancel(stopped.set)
        stopped.wait(seconds)
        self.check()

    def part(self, start: float, end: float) -> TaskContext:
        """A context for one step of the work, whose own 0 to 1 is *start* to *end* of the whole."""

        def tell(progress: Progress) -> None:
            self.report(start + (progress.fraction or 0.0) * (end - start), progress.text)

        return TaskContext(self.token, tell)


def at_once() -> TaskContext:
    """The context of what may not take long: whatever has to be made first raises Cancelled instead.

    To ask whether something is kept and to take it then is not enough: another thread may have dropped it
    in between, and it would be made here.
    """
    context = TaskContext()
    context.token.cancel()
    return context


def ignore(_: Any) -> None:
    """Do nothing with a result that nobody waits for."""


@dataclass(slots=True)
class Task(Generic[R]):
    """Work that gets values and returns a value; the other calls happen on the main thread."""

    work: Callable[[TaskContext], R]
    done: Callable[[R], object] = ignore
    failed: Callable[[Exception], object] = ignore
    progress: Callable[[Progress], object] = ignore
    lane: Lane = Lane.NOW
    replaces: Hashable | None = None
    """The newest task with this key wins; older ones are cancelled."""
    after: float = 0.0
    """Seconds that go by before it may begin. Without threads it waits until somebody asks for it."""
    token: CancelToken = field(default_factory=CancelToken)
