"""A pool of warm processes that decode: one broken frame costs one message, never the program."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from threading import Condition, Thread
from time import monotonic

from medviewer.dicom.decode import Coded, Decoded, damaged
from medviewer.dicom.decode_many import DecodeMany
from medviewer.dicom.decoder_process import DecoderProcess, Died, Gone
from medviewer.kit.child import SECONDS_TO_START
from medviewer.kit.errors import Cancelled, DamagedFile, TooLarge

SECONDS_TO_END = 2.0
MOST_BYTES = 1 << 30
TRIES = 4
"""Workers that are tried for a frame when they turn out to have ended before they were asked."""


class WorkerPool:
    """Decodes frames in *workers* processes, which start with the first frame. Threads may share it.

    A worker that dies or does not answer in time is replaced by a spare that is warm already; the frame that
    it died of is reported and not tried again. The spare starts after the first frame, which somebody may be
    waiting for: two processes that start at once take twice as long.
    """

    def __init__(self, workers: int = 1) -> None:
        self._wanted = max(1, workers)
        self._changed = Condition()
        self._idle: list[DecoderProcess] = []
        self._busy: set[DecoderProcess] = set()
        self._starting = 0
        self._waiting = 0
        self._spares = 0
        self._hurried = 0
        self._processors = os.cpu_count() or 1
        self._closed = False

    @property
    def pids(self) -> tuple[int, ...]:
        """The processes that are running now."""
        with self._changed:
            workers = [*self._idle, *self._busy]
        return tuple(worker.pid for worker in workers if worker.pid is not None and worker.is_alive)

    def warm(self) -> None:
        """Start the workers now, in the background, because pictures will come soon."""
        with self._changed:
            self._fill()

    def decode(self, coded: Coded) -> Decoded:
        """The frame. Raises DamagedFile or TooLarge."""
        for _ in range(TRIES - 1):
            with suppress(Gone):
                return self._decoded(coded)
        try:
            return self._decoded(coded)
        except Gone as trouble:
            raise damaged(coded, str(trouble)) from None

    def _decoded(self, coded: Coded) -> Decoded:
        """The same. Raises Gone when the worker had ended before."""
        worker = self.taken(_bounded(coded).keeps)
        try:
            decoded = worker.decode(coded)
        except DamagedFile:
            self.give_back(worker)
            raise
        except BaseException as trouble:
            self.replace(worker)
            if isinstance(trouble, Died) and not isinstance(trouble, Gone):
                raise damaged(coded, str(trouble)) from None
            raise
        self.give_back(worker)
        return decoded

    def decode_many(self, frames: Iterable[Coded]) -> Generator[Decoded, None, None]:
        """The frames in their order; some are taken before they are needed. Raises as `decode` does."""
        return DecodeMany(self, map(_bounded, frames)).decoded()

    @contextmanager
    def hurried(self) -> Iterator[int]:
        """A time in which there is a worker for each processor, because a whole stack is wanted."""
        with self._changed:
            self._hurried += 1
            places = self._places
        try:
            yield places
        finally:
            with self._changed:
                self._hurried -= 1
                surplus = max(0, len(self._idle) - max(0, self._places + self._spares - len(self._busy)))
                ended = [self._idle.pop() for _ in range(surplus)]
            for worker in ended:
                worker.end()

    @property
    def _places(self) -> int:
        """How many workers may be busy at once."""
        return max(self._wanted, self._processors) if self._hurried else self._wanted

    def close(self) -> None:
        """End all workers. Frames that are being decoded fail."""
        with self._changed:
            self._closed = True
            # a process whose parent leaves while it is being started would complain where the reader sees it
            self._changed.wait_for(lambda: not self._starting, SECONDS_TO_END)
            workers = [*self._idle, *self._busy]
            self._idle.clear()
            self._changed.notify_all()
        for worker in workers:
            worker.end()

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def is_waited_for(self) -> bool:
        """Whether somebody waits for a worker."""
        return self._waiting > 0

    def taken_at_once(self) -> DecoderProcess | None:
        """A worker when one is idle."""
        with self._changed:
            return None if self._closed or self._waiting else self._idle_one("")

    def taken(self, keeps: str = "") -> DecoderProcess:
        """A worker, if possible the one that *keeps* a video. Raises Cancelled, DamagedFile."""
        limit = monotonic() + SECONDS_TO_START * 2
        with self._changed:
            while True:
                if self._closed:
                    raise Cancelled
                self._fill()
                worker = self._idle_one(keeps)
                if worker is not None:
                    return worker
                self._waiting += 1
                is_told = self._changed.wait(1.0)
                self._waiting -= 1
                if not is_told and monotonic() > limit and not self._busy:
                    raise DamagedFile(
                        "The decoder does not start.",
                        "Restart the program; antivirus software may be blocking it.",
                    )

    def _idle_one(self, keeps: str) -> DecoderProcess | None:
        """An idle worker, busy from now on. Called with the lock held."""
        while self._idle and len(self._busy) < self._places:
            worker = next((one for one in self._idle if keeps and one.keeps == keeps), self._idle[0])
            self._idle.remove(worker)
            if worker.is_alive:
                self._busy.add(worker)
                return worker
            worker.end()
            self._fill()
        return None

    def _fill(self) -> None:
        """See that there is a worker for each place, and perhaps a spare. Called with the lock held."""
        there = len(self._idle) + len(self._busy) + self._starting
        missing = self._places + (0 if self._hurried else self._spares) - there
        if self._closed:
            return
        for _ in range(missing):
            self._starting += 1
            Thread(target=self._start, daemon=True, name="medviewer-decoder-start").start()

    def _start(self) -> None:
        worker = None
        try:
            worker = DecoderProcess()
        finally:
            with self._changed:
                self._starting -= 1
                if worker is not None and not self._closed:
                    self._idle.append(worker)
                    worker = None
                self._changed.notify_all()
            if worker is not None:
                worker.end()

    def give_back(self, worker: DecoderProcess) -> None:
        """It is not needed any more."""
        with self._changed:
            self._busy.discard(worker)
            if not self._closed:
                # the one that worked last is the warmest
                self._idle.insert(0, worker)
                self._spares = 1
                self._fill()
            self._changed.notify_all()

    def replace(self, worker: DecoderProcess) -> None:
        """It is of no more use."""
        with self._changed:
            self._busy.discard(worker)
            self._spares = 1
            self._fill()
            self._changed.notify_all()
        worker.end()


def _bounded(coded: Coded) -> Coded:
    """The same. Raises TooLarge."""
    if coded.bytes > MOST_BYTES or len(coded.data) > MOST_BYTES:
        raise TooLarge(
            f"A picture of {coded.name} would need {coded.bytes >> 20:,} MB.", "No real image is that large."
        )
    return coded
