"""A pool of warm processes that decode: one broken frame costs one message, never the program."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition, Thread
from time import monotonic
from typing import TYPE_CHECKING, Any

import numpy as np

from medviewer.dicom.decode import Coded, Decoded, damaged
from medviewer.kit.child import SECONDS_TO_START, Child, Ended, Late
from medviewer.kit.errors import Cancelled, DamagedFile, TooLarge

if TYPE_CHECKING:
    from multiprocessing.shared_memory import SharedMemory

SECONDS = 8.0
SECONDS_PER_MEGAPIXEL = 1.0
"""Many times what the slowest decoder takes: a busy machine must not turn a good mammogram into an error."""
SECONDS_FOR_A_JUMP = 300.0
"""A frame far inside a video is reached by decoding what lies before it; it answers that it goes on."""
SECONDS_TO_END = 2.0
MOST_BYTES = 1 << 30


class _Died(Exception):
    """The worker ended, or had to be ended; *args[0]* says how."""


class _Worker:
    """One process that decodes."""

    def __init__(self) -> None:
        # native pixels need no process, and the first picture does not wait for what one needs
        from medviewer.dicom.worker import serve  # noqa: PLC0415  (see above)

        self._child = Child("decoder", serve)
        self._ready = False
        self.keeps = ""
        """the video that it has open"""

    @property
    def pid(self) -> int | None:
        return self._child.pid

    @property
    def is_alive(self) -> bool:
        return self._child.is_alive

    def decode(self, coded: Coded) -> Decoded:
        """The frame. Raises DamagedFile, or _Died after which this worker is of no more use."""
        self._wait_until_ready()
        memory = self._child.room(max(len(coded.data), coded.bytes))
        assert memory.buf is not None
        memory.buf[: len(coded.data)] = coded.data
        fields = {name: getattr(coded, name) for name in _FIELDS}
        request = {
            "memory": memory.name,
            "length": len(coded.data),
            "coded": {**fields, "coding": coded.coding.value},
        }
        seconds = SECONDS + SECONDS_PER_MEGAPIXEL * coded.rows * coded.columns / 1e6
        answer = self._asked(request, seconds)
        end = monotonic() + SECONDS_FOR_A_JUMP
        while isinstance(answer, dict) and answer.get("again") and monotonic() < end:
            answer = self._asked(request, seconds)
        self.keeps = coded.keeps or self.keeps
        if isinstance(answer, dict) and answer.get("again"):
            raise damaged(coded, f"need more than {SECONDS_FOR_A_JUMP:.0f} seconds to reach this picture")
        return _decoded(answer, coded, memory)

    def _wait_until_ready(self) -> None:
        if not self._ready:
            self._receive(SECONDS_TO_START)
            self._ready = True

    def _asked(self, request: dict[str, Any], seconds: float) -> Any:
        try:
            self._child.send(request)
        except Ended:
            raise _Died("the decoder had ended") from None
        return self._receive(seconds)

    def _receive(self, seconds: float) -> Any:
        try:
            return self._child.receive(seconds)
        except Late:
            raise _Died(f"could not be decoded within {seconds:.0f} seconds") from None
        except Ended:
            raise _Died("made the decoder fail") from None

    def end(self) -> None:
        """End the process, whatever it is doing, and give its memory back."""
        self._child.end()


_FIELDS = ("rows", "columns", "samples", "allocated", "photometric")


def _decoded(answer: Any, coded: Coded, memory: SharedMemory) -> Decoded:
    """The answer of a worker as a frame. It is not trusted: only what was asked for can come out."""
    if not isinstance(answer, dict):
        raise _Died("made the decoder answer nonsense")
    if "refused" in answer:
        raise damaged(coded, str(answer["refused"])[:300])
    photometric = answer.get("photometric")
    shape, kind = answer.get("shape"), answer.get("type")
    if shape != list(coded.shape) or kind != coded.type.str or photometric not in (coded.photometric, "RGB"):
        raise _Died("made the decoder answer nonsense")
    assert memory.buf is not None
    pixels = np.frombuffer(memory.buf, coded.type, int(np.prod(coded.shape))).reshape(coded.shape).copy()
    return Decoded(pixels, str(photometric), answer.get("longer") is True)


class WorkerPool:
    """Decodes frames in *workers* processes, which start with the first frame. Threads may share it.

    A worker that dies or does not answer in time is replaced by a spare that is warm already; the frame that
    it died of is reported and not tried again. The spare starts after the first frame, which somebody may be
    waiting for: two processes that start at once take twice as long.
    """

    def __init__(self, workers: int = 1) -> None:
        self._wanted = max(1, workers)
        self._changed = Condition()
        self._idle: list[_Worker] = []
        self._busy: set[_Worker] = set()
        self._starting = 0
        self._spares = 0
        self._hurried = 0
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
        if coded.bytes > MOST_BYTES or len(coded.data) > MOST_BYTES:
            raise TooLarge(
                f"A picture of {coded.name} would need {coded.bytes >> 20:,} MB.",
                "No real image is that large.",
            )
        worker = self._taken(coded.keeps)
        try:
            decoded = worker.decode(coded)
        except DamagedFile:
            self._give_back(worker)
            raise
        except BaseException as trouble:
            self._replace(worker)
            if isinstance(trouble, _Died):
                raise damaged(coded, str(trouble)) from None
            raise
        self._give_back(worker)
        return decoded

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
        return max(self._wanted, os.cpu_count() or 1) if self._hurried else self._wanted

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

    def _taken(self, keeps: str = "") -> _Worker:
        limit = monotonic() + SECONDS_TO_START * 2
        with self._changed:
            while True:
                if self._closed:
                    raise Cancelled
                self._fill()
                while self._idle and len(self._busy) < self._places:
                    worker = next((one for one in self._idle if keeps and one.keeps == keeps), self._idle[0])
                    self._idle.remove(worker)
                    if worker.is_alive:
                        self._busy.add(worker)
                        return worker
                    worker.end()
                    self._fill()
                if not self._changed.wait(1.0) and monotonic() > limit and not self._busy:
                    raise DamagedFile(
                        "The decoder does not start.",
                        "Restart the program; antivirus software may be blocking it.",
                    )

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
            worker = _Worker()
        finally:
            with self._changed:
                self._starting -= 1
                if worker is not None and not self._closed:
                    self._idle.append(worker)
                    worker = None
                self._changed.notify_all()
            if worker is not None:
                worker.end()

    def _give_back(self, worker: _Worker) -> None:
        with self._changed:
            self._busy.discard(worker)
            if not self._closed:
                # the one that worked last is the warmest
                self._idle.insert(0, worker)
                self._spares = 1
                self._fill()
            self._changed.notify_all()

    def _replace(self, worker: _Worker) -> None:
        with self._changed:
            self._busy.discard(worker)
            self._spares = 1
            self._fill()
            self._changed.notify_all()
        worker.end()
