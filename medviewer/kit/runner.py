"""Threads in the program, inline in tests and terminals: two runners with one face."""

from __future__ import annotations

import heapq
import itertools
import logging
import time
from collections.abc import Callable, Hashable
from functools import partial
from threading import Condition, Thread
from typing import Any, Protocol

from medviewer.kit.errors import Cancelled, MedviewerError
from medviewer.kit.log import described
from medviewer.kit.task import Lane, Progress, Task, TaskContext

log = logging.getLogger(__name__)

Deliver = Callable[[Callable[[], object]], object]
"""Takes a call and makes it on the main thread."""

Outcome = Callable[[], object]
"""Tells how a task ended; called on the main thread."""

PROGRESS_INTERVAL_S = 0.1


class Runner(Protocol):
    """Runs tasks and brings their results back to the main thread."""

    def submit(self, task: Task[Any]) -> None:
        """Begin *task* as soon as its lane allows; never blocks on the work in the threaded runner."""

    def cancel(self, replaces: Hashable) -> None:
        """Cancel the task with this key, if there is one."""

    def close(self) -> None:
        """Cancel everything and wait for the workers to end."""


class InlineRunner:
    """Runs each task at once, in the caller; terminals and nearly all tests use it."""

    def submit(self, task: Task[Any]) -> None:
        """Run *task* to its end."""
        outcome = _outcome(task, task.progress)
        outcome()

    def cancel(self, replaces: Hashable) -> None:
        """Nothing is ever waiting here."""

    def close(self) -> None:
        """Nothing is left to end."""


class ThreadRunner:
    """Worker threads and a priority queue.

    One worker takes only NOW tasks, so the picture somebody waits for never stands behind a scan; one other
    takes LONG tasks, so one model runs at a time. Results come back through *deliver*. A cancelled task
    delivers nothing.
    """

    def __init__(self, deliver: Deliver, workers: int = 2) -> None:
        self._deliver = deliver
        self._queue: list[tuple[int, int, Task[Any]]] = []
        self._count = itertools.count()
        self._wake = Condition()
        self._newest: dict[Hashable, Task[Any]] = {}
        self._running: set[int] = set()
        self._tasks: dict[int, Task[Any]] = {}
        self._closed = False
        lanes = [{Lane.NOW}, {Lane.LONG}, *[{Lane.NOW, Lane.SOON}] * max(1, workers - 1)]
        self._threads = [
            Thread(target=self._work, args=(allowed,), name=f"medviewer-{number}", daemon=True)
            for number, allowed in enumerate(lanes)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, task: Task[Any]) -> None:
        """Queue *task*; an older task with the same key is cancelled."""
        with self._wake:
            if self._closed:
                return
            older = self._newest.get(task.replaces) if task.replaces is not None else None
            if task.replaces is not None:
                self._newest[task.replaces] = task
            heapq.heappush(self._queue, (task.lane, next(self._count), task))
            self._wake.notify_all()
        if older is not None:
            older.token.cancel()

    def cancel(self, replaces: Hashable) -> None:
        """Cancel the task with this key, if there is one."""
        with self._wake:
            task = self._newest.pop(replaces, None)
        if task is not None:
            task.token.cancel()

    def close(self) -> None:
        """Cancel everything and wait up to two seconds for the workers to end."""
        with self._wake:
            self._closed = True
            tasks = [entry[2] for entry in self._queue] + list(self._tasks.values())
            self._queue.clear()
            self._wake.notify_all()
        for task in tasks:
            task.token.cancel()
        deadline = time.monotonic() + 2
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _work(self, allowed: set[Lane]) -> None:
        while (task := self._next(allowed)) is not None:
            outcome = _outcome(task, self._throttled(task))
            with self._wake:
                self._tasks.pop(id(task), None)
                if task.replaces is not None and self._newest.get(task.replaces) is task:
                    del self._newest[task.replaces]
            self._report(task, outcome)

    def _report(self, task: Task[Any], outcome: Outcome) -> None:
        if not task.token.cancelled:
            # the token may still be set before the main thread gets to it: it decides there, once more
            self._deliver(lambda: None if task.token.cancelled else outcome())

    def _next(self, allowed: set[Lane]) -> Task[Any] | None:
        with self._wake:
            while not self._closed:
                task = self._take(allowed)
                if task is not None:
                    self._tasks[id(task)] = task
                    return task
                self._wake.wait()
        return None

    def _take(self, allowed: set[Lane]) -> Task[Any] | None:
        self._queue = [entry for entry in self._queue if not entry[2].token.cancelled]
        heapq.heapify(self._queue)
        ready = [entry for entry in self._queue if entry[0] in allowed]
        if not ready:
            return None
        entry = min(ready, key=lambda item: item[:2])
        self._queue.remove(entry)
        heapq.heapify(self._queue)
        return entry[2]

    def _throttled(self, task: Task[Any]) -> Callable[[Progress], object]:
        last = 0.0

        def tell(progress: Progress) -> None:
            nonlocal last
            now = time.monotonic()
            if now - last < PROGRESS_INTERVAL_S:
                return
            last = now
            self._deliver(lambda: None if task.token.cancelled else task.progress(progress))

        return tell


def _outcome(task: Task[Any], tell: Callable[[Progress], object]) -> Outcome:
    """Run the work of *task*; return the call that tells the main thread how it ended.

    One of the three places that catch everything: no error of a worker may be lost or end the program.
    """
    try:
        task.token.check()
        result = task.work(TaskContext(task.token, tell))
    except Cancelled:
        return lambda: None
    except MedviewerError as trouble:
        return partial(task.failed, trouble)
    except Exception as trouble:  # noqa: BLE001
        log.error("a task failed in a way nobody foresaw: %s", described(trouble))
        return partial(task.failed, trouble)
    return partial(task.done, result)
