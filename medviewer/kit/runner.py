"""Threads in the program, inline in tests and terminals: two runners with one face."""

from __future__ import annotations

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
    """Runs each task at once, in the caller; terminals and nearly all tests use it.

    What a task calls while it runs (its progress above all) may cancel it, replace it or close the runner.
    What is to begin later never begins by itself here: nobody would know when.
    """

    def __init__(self) -> None:
        self._running: list[Task[Any]] = []
        self._later: list[Task[Any]] = []
        self._closed = False

    def submit(self, task: Task[Any]) -> None:
        """Run *task* to its end, or keep it for `run_later`."""
        if self._closed:
            return
        if task.replaces is not None:
            self.cancel(task.replaces)
        if task.after > 0:
            self._later.append(task)
            return
        self._run(task)

    def run_later(self) -> None:
        """Run what was to begin later, as if the time had come."""
        waiting, self._later = self._later, []
        for task in waiting:
            self._run(task)

    def _run(self, task: Task[Any]) -> None:
        self._running.append(task)
        try:
            outcome = _outcome(task, task.progress)
        finally:
            self._running.pop()
        if not task.token.cancelled:
            outcome()

    def cancel(self, replaces: Hashable) -> None:
        """Cancel the task with this key, if one waits or is running further up."""
        self._later = [task for task in self._later if task.replaces is None or task.replaces != replaces]
        for task in self._running:
            if task.replaces is not None and task.replaces == replaces:
                task.token.cancel()

    def close(self) -> None:
        """Cancel what is running further up; nothing is taken any more."""
        self._closed = True
        self._later.clear()
        for task in self._running:
            task.token.cancel()


class ThreadRunner:
    """Worker threads and a queue with lanes.

    One worker takes only NOW tasks, so the picture somebody waits for never stands behind a scan; one other
    takes LONG tasks, so one model runs at a time. Results come back through *deliver*. A cancelled task
    delivers nothing.
    """

    def __init__(self, deliver: Deliver, workers: int = 2) -> None:
        self._deliver = deliver
        self._queue: list[tuple[int, int, Task[Any], float]] = []
        """lane, number, task, and the time at which it may begin"""
        self._count = itertools.count()
        self._wake = Condition()
        self._newest: dict[Hashable, Task[Any]] = {}
        """from submission to delivery, not only while it runs: until then it can be cancelled and replaced"""
        self._running: dict[int, Task[Any]] = {}
        self._closed = False
        lanes = [
            {Lane.NOW},
            {Lane.LONG},
            {Lane.APART},
            {Lane.APART_LONG},
            *[{Lane.NOW, Lane.SOON}] * max(1, workers - 1),
        ]
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
            self._queue.append((task.lane, next(self._count), task, time.monotonic() + task.after))
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
            tasks = [entry[2] for entry in self._queue] + list(self._running.values())
            self._queue.clear()
            self._newest.clear()
            self._wake.notify_all()
        for task in tasks:
            task.token.cancel()
        deadline = time.monotonic() + 2
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _work(self, allowed: set[Lane]) -> None:
        # in a call of its own, so that an idle worker holds no task and no result
        while self._work_once(allowed):
            pass

    def _work_once(self, allowed: set[Lane]) -> bool:
        task = self._next(allowed)
        if task is None:
            return False
        try:
            outcome = _outcome(task, self._throttled(task))
        except BaseException as trouble:  # noqa: BLE001  a library that panics must not cost the worker its life
            outcome = partial(task.failed, RuntimeError(described(trouble)))
        with self._wake:
            del self._running[id(task)]
            if task.token.cancelled:
                self._forget(task)
                return True
        # the token may still be set before the main thread gets to it: it decides there, once more
        self._deliver(lambda: self._tell(task, outcome))
        return True

    def _tell(self, task: Task[Any], outcome: Outcome) -> None:
        with self._wake:
            self._forget(task)
            is_wanted = not (self._closed or task.token.cancelled)
        if is_wanted:
            outcome()

    def _forget(self, task: Task[Any]) -> None:
        if task.replaces is not None and self._newest.get(task.replaces) is task:
            del self._newest[task.replaces]

    def _next(self, allowed: set[Lane]) -> Task[Any] | None:
        with self._wake:
            while not self._closed:
                task = self._take(allowed)
                if task is not None:
                    self._running[id(task)] = task
                    return task
                self._wake.wait(self._until_next(allowed))
        return None

    def _take(self, allowed: set[Lane]) -> Task[Any] | None:
        waiting = []
        for entry in self._queue:
            if entry[2].token.cancelled:
                self._forget(entry[2])
            else:
                waiting.append(entry)
        # lane, then number: numbers are unique, so two tasks are never compared
        now = time.monotonic()
        first = min(
            (entry for entry in waiting if entry[0] in allowed and entry[3] <= now),
            key=lambda entry: entry[:2],
            default=None,
        )
        self._queue = [entry for entry in waiting if entry is not first]
        return None if first is None else first[2]

    def _until_next(self, allowed: set[Lane]) -> float | None:
        """Seconds until something that waits for its time may begin, None when nothing does."""
        waiting = [entry[3] for entry in self._queue if entry[0] in allowed]
        return max(0.0, min(waiting) - time.monotonic()) if waiting else None

    def _throttled(self, task: Task[Any]) -> Callable[[Progress], object]:
        last = 0.0

        def tell(progress: Progress) -> None:
            nonlocal last
            now = time.monotonic()
            if now - last < PROGRESS_INTERVAL_S:
                return
            last = now
            self._deliver(lambda: None if self._closed or task.token.cancelled else task.progress(progress))

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
