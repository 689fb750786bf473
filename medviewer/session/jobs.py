"""Long work as the reader sees it: a title, how far it is, how long it will take, and Cancel."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from medviewer.kit.task import Lane, Progress, Task, TaskContext, ignore
from medviewer.session.state import JobStatus

if TYPE_CHECKING:
    from medviewer.session.session import Session

R = TypeVar("R")


class Jobs:
    """Starts long tasks and keeps their status in the state."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._tasks: dict[str, Task[Any]] = {}
        self._stopped: dict[str, Callable[[], object]] = {}
        self._count = 0

    def start(
        self,
        title: str,
        work: Callable[[TaskContext], R],
        done: Callable[[R], object] = ignore,
        progress: Callable[[Progress], object] = ignore,
        kind: str = "job",
        lane: Lane = Lane.LONG,
        stopped: Callable[[], object] | None = None,
    ) -> str:
        """Begin long work; its failure becomes a notice. The answer is the key that cancels it.

        *stopped* is called when it was cancelled, whether it had begun or not.
        """
        self._count += 1
        key, began = f"{kind}-{self._count}", time.monotonic()

        def advanced(state: Progress) -> None:
            if key in self._tasks:
                self._show(JobStatus(key, title, state.fraction, state.text, _left(began, state.fraction)))
                progress(state)

        def finished(result: R) -> None:
            self._end(key)
            done(result)

        def failed(trouble: Exception) -> None:
            self._end(key)
            self._session.notify(trouble)

        task: Task[R] = Task(work, finished, failed, advanced, lane=lane)
        self._tasks[key] = task
        if stopped is not None:
            self._stopped[key] = stopped
        self._show(JobStatus(key, title))
        self._session.submit(task)
        return key

    def cancel(self, key: str) -> None:
        """Stop a job, if it still runs; the entry disappears."""
        task = self._tasks.get(key)
        if task is not None:
            task.token.cancel()
            stopped = self._stopped.get(key)
            self._end(key)
            if stopped is not None:
                stopped()

    def cancel_kind(self, kind: str) -> None:
        """Stop all jobs of one kind."""
        for key in tuple(self._tasks):
            if key.rpartition("-")[0] == kind:
                self.cancel(key)

    def _show(self, status: JobStatus) -> None:
        state = self._session.state
        others = tuple(job for job in state.jobs if job.key != status.key)
        known = len(others) < len(state.jobs)
        jobs = (
            tuple(status if job.key == status.key else job for job in state.jobs)
            if known
            else (*others, status)
        )
        self._session.store.set(replace(state, jobs=jobs))

    def _end(self, key: str) -> None:
        self._tasks.pop(key, None)
        self._stopped.pop(key, None)
        state = self._session.state
        self._session.store.set(replace(state, jobs=tuple(job for job in state.jobs if job.key != key)))


def _left(began: float, fraction: float | None) -> float | None:
    """The seconds still to go; nothing is promised in the first second and the first twentieth."""
    gone = time.monotonic() - began
    if fraction is None or fraction < 0.05 or gone < 1:
        return None
    return gone * (1 - fraction) / fraction
