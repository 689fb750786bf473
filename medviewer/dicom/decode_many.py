"""Many compressed frames in a row: each decoder finds its next one waiting when it is done with one.

One thread serves all decoders. Several would wait for the interpreter more than for them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING

from medviewer.dicom.decode import Coded, Decoded, damaged
from medviewer.dicom.decoder_process import DecoderProcess, Died, Gone
from medviewer.kit.child import answered
from medviewer.kit.errors import DamagedFile

if TYPE_CHECKING:
    from medviewer.dicom.workers import WorkerPool

_MOST_AHEAD = 8
"""Frames that are on their way, or wait for one before them."""


class DecodeMany:
    """Decodes frames in the order in which they come, with as many workers as *pool* can spare."""

    def __init__(self, pool: WorkerPool, frames: Iterable[Coded]) -> None:
        self._pool = pool
        self._frames = iter(frames)
        self._lines: dict[DecoderProcess, deque[tuple[int, Coded]]] = {}
        self._done: dict[int, Decoded] = {}
        self._handed = 0
        self._told = 0

    def decoded(self) -> Generator[Decoded, None, None]:
        """The frames. Raises DamagedFile, Cancelled."""
        try:
            coded = next(self._frames, None)
            while coded is not None or self._told < self._handed:
                while coded is not None and self._handed - self._told < _MOST_AHEAD and self._hand(coded):
                    coded = next(self._frames, None)
                self._release(is_last=coded is None)
                if self._told in self._done:
                    self._told += 1
                    yield self._done.pop(self._told - 1)
                elif self._lines:
                    self._collect()
        finally:
            for worker, line in self._lines.items():
                self._end(worker, len(line))

    def _hand(self, coded: Coded) -> bool:
        """Hand a frame to the worker that has least to do, if any can take one."""
        if self._lines and self._pool.is_waited_for:
            return False
        if all(self._lines.values()):
            fresh = self._pool.taken_at_once() if self._lines else self._pool.taken()
            if fresh is not None:
                self._lines[fresh] = deque()
        for worker in sorted(self._lines, key=lambda one: len(self._lines[one])):
            if self._given(worker, coded):
                return True
        return False

    def _given(self, worker: DecoderProcess, coded: Coded) -> bool:
        try:
            if not worker.hand_over(coded):
                return False
        except Gone as trouble:
            if self._lines[worker]:
                raise self._lost(worker, self._lines[worker][0][1], trouble) from None
            self._lost(worker, coded, trouble)
            return False
        except Died as trouble:
            _, first = self._lines[worker][0] if self._lines[worker] else (0, coded)
            raise self._lost(worker, first, trouble) from None
        self._lines[worker].append((self._handed, coded))
        self._handed += 1
        return True

    def _release(self, *, is_last: bool) -> None:
        """Give back those who have nothing to do, when nothing comes or somebody else wants them."""
        if is_last or self._pool.is_waited_for:
            for worker in [one for one, line in self._lines.items() if not line]:
                del self._lines[worker]
                self._pool.give_back(worker)

    def _collect(self) -> None:
        """Wait until a frame, or more, is there."""
        busy = {worker.child: worker for worker, line in self._lines.items() if line}
        first = min(busy.values(), key=lambda worker: worker.due)
        ready = answered(tuple(busy), max(0.0, first.due - monotonic()))
        for child in ready or [first.child]:
            worker = busy[child]
            number, coded = self._lines[worker].popleft()
            try:
                self._done[number] = worker.take_back()
            except Died as trouble:
                raise self._lost(worker, coded, trouble) from None

    def _end(self, worker: DecoderProcess, count: int) -> None:
        """Wait for *count* frames that nobody wants any more, as no worker can be told to stop."""
        try:
            for _ in range(count):
                with suppress(DamagedFile):
                    worker.take_back()
        except Died:
            self._pool.replace(worker)
        else:
            self._pool.give_back(worker)

    def _lost(self, worker: DecoderProcess, coded: Coded, trouble: Died) -> DamagedFile:
        del self._lines[worker]
        self._pool.replace(worker)
        return damaged(coded, str(trouble))
