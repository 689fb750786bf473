"""One process that decodes, as its parent sees it: frames are handed over to it and taken back."""

from __future__ import annotations

from collections import deque
from time import monotonic
from typing import TYPE_CHECKING, Any

import numpy as np

from medviewer.dicom.decode import Coded, Decoded, damaged
from medviewer.kit.child import SECONDS_TO_START, Child, Ended, Late

if TYPE_CHECKING:
    from multiprocessing.shared_memory import SharedMemory

SECONDS = 8.0
SECONDS_PER_MEGAPIXEL = 1.0
"""Many times what the slowest decoder takes: a busy machine must not turn a good mammogram into an error."""
SECONDS_FOR_A_JUMP = 300.0
"""A frame far inside a video is reached by decoding what lies before it; it answers that it goes on."""
_AGAIN = "could not be decoded: the decoder ends again and again"
_FOR_TWO = 8 << 20
"""Bytes of a frame up to which it is worth handing over the next one while it is decoded."""


class Died(Exception):
    """The process ended, or had to be ended; *args[0]* says how."""


class Gone(Died):
    """The process had ended before it was asked: no frame is to blame."""


class DecoderProcess:
    """One process that decodes. One thread at a time may use it."""

    def __init__(self) -> None:
        # native pixels need no process, and the first picture does not wait for what one needs
        from medviewer.dicom.worker import serve  # noqa: PLC0415  (see above)

        self.child = Child("decoder", serve)
        self.due = 0.0
        """when the frame that it decodes has to be there, as `monotonic` counts"""
        self._underway: deque[tuple[Coded, int]] = deque()
        """frames that were handed over, and where they lie in the shared memory"""
        self._slot = 0
        """the bytes that each of them may take"""
        self._ready = False
        self.keeps = ""
        """the video that it has open"""

    @property
    def pid(self) -> int | None:
        """Its number."""
        return self.child.pid

    @property
    def is_alive(self) -> bool:
        """Whether it runs."""
        return self.child.is_alive

    def decode(self, coded: Coded) -> Decoded:
        """The frame. Raises DamagedFile, or Died (Gone) after which this worker is of no more use."""
        memory = self._room(max(len(coded.data), coded.bytes))
        request = _laid(coded, memory, 0)
        seconds = _seconds(coded)
        answer = self._asked(request, seconds)
        end = monotonic() + SECONDS_FOR_A_JUMP
        while isinstance(answer, dict) and answer.get("again") and monotonic() < end:
            answer = self._asked(request, seconds)
        self.keeps = coded.keeps or self.keeps
        if isinstance(answer, dict) and answer.get("again"):
            raise damaged(coded, f"need more than {SECONDS_FOR_A_JUMP:.0f} seconds to reach this picture")
        return _decoded(answer, coded, memory, 0)

    def hand_over(self, coded: Coded) -> bool:
        """Give it a frame, or a second one; False when there is no room for that yet. Raises Died, Gone."""
        size = -(-max(len(coded.data), coded.bytes) // 64) * 64
        start = 0
        if not self._underway:
            self._slot = size
            memory = self._room(2 * size if size <= _FOR_TWO else size)
            self.due = monotonic() + _seconds(coded)
        else:
            memory = self._room(0)
            start = self._slot - self._underway[0][1]
            if len(self._underway) > 1 or size > self._slot or start + size > memory.size:
                return False
        self._send(_laid(coded, memory, start))
        self._underway.append((coded, start))
        return True

    def take_back(self) -> Decoded:
        """The frame that was handed over first. Raises DamagedFile, Died."""
        coded, start = self._underway[0]
        answer = self._receive(self.due - monotonic(), _seconds(coded))
        self._underway.popleft()
        if self._underway:
            self.due = monotonic() + _seconds(self._underway[0][0])
        return _decoded(answer, coded, self._room(0), start)

    def _room(self, size: int) -> SharedMemory:
        self._wait_until_ready()
        return self.child.room(size)

    def _wait_until_ready(self) -> None:
        if not self._ready:
            try:
                self._receive(SECONDS_TO_START, SECONDS_TO_START)
            except Died:
                raise Gone(_AGAIN) from None
            self._ready = True

    def _asked(self, request: dict[str, Any], seconds: float) -> Any:
        self._send(request)
        return self._receive(seconds, seconds)

    def _send(self, request: dict[str, Any]) -> None:
        try:
            self.child.send(request)
        except Ended:
            raise Gone(_AGAIN) from None

    def _receive(self, left: float, seconds: float) -> Any:
        """The next answer within the *left* ones of its *seconds*."""
        try:
            return self.child.receive(max(0.0, left))
        except Late:
            raise Died(f"could not be decoded within {seconds:.0f} seconds") from None
        except Ended:
            raise Died("made the decoder fail") from None

    def end(self) -> None:
        """End the process, whatever it is doing, and give its memory back."""
        self.child.end()


_FIELDS = ("rows", "columns", "samples", "allocated", "photometric")


def _seconds(coded: Coded) -> float:
    return SECONDS + SECONDS_PER_MEGAPIXEL * coded.rows * coded.columns / 1e6


def _laid(coded: Coded, memory: SharedMemory, start: int) -> dict[str, Any]:
    """A frame laid into the memory from byte *start* on: what is asked of the worker."""
    assert memory.buf is not None
    memory.buf[start : start + len(coded.data)] = coded.data
    return {
        "memory": memory.name,
        "start": start,
        "length": len(coded.data),
        "coded": {**{name: getattr(coded, name) for name in _FIELDS}, "coding": coded.coding.value},
    }


def _decoded(answer: Any, coded: Coded, memory: SharedMemory, start: int) -> Decoded:
    """The answer of a worker as a frame. It is not trusted: only what was asked for can come out."""
    if not isinstance(answer, dict):
        raise Died("made the decoder answer nonsense")
    if "refused" in answer:
        raise damaged(coded, str(answer["refused"])[:300])
    photometric = answer.get("photometric")
    shape, kind = answer.get("shape"), answer.get("type")
    if shape != list(coded.shape) or kind != coded.type.str or photometric not in (coded.photometric, "RGB"):
        raise Died("made the decoder answer nonsense")
    assert memory.buf is not None
    pixels = np.frombuffer(memory.buf, coded.type, int(np.prod(coded.shape)), start)
    pixels = pixels.reshape(coded.shape).copy()
    return Decoded(pixels, str(photometric), answer.get("longer") is True)
