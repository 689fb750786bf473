"""How long the event loop stands still: beats of a fast clock in it, and a hand that works meanwhile."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QEventLoop, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from medviewer.kit.frozen import frozen

BEAT_MS, MOVE_MS = 1, 8
"""A mouse tells where it is 125 times a second."""
LOOK_MS = 20
LONGEST_WAIT_S = 120.0
NO_KEYS = Qt.KeyboardModifier.NoModifier


@frozen
class Stall:
    """The time between two beats, in milliseconds."""

    turn_ms: float = 0.0
    """what the program took: computing, or waiting for a lock, the disk or the interpreter"""
    cpu_ms: float = 0.0
    """of this, what the thread of the window computed itself"""
    wall_ms: float = 0.0
    """by the clock, with what other programs took of the processor"""


class Beats:
    """Watches the event loop of the thread it is made in."""

    def __init__(self) -> None:
        self.longest = Stall()
        self.most_cpu_ms = 0.0
        self._queue = _queue_file()
        self._last = self._now()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.beat)

    def close(self) -> None:
        """Watch no longer."""
        self._timer.stop()
        if self._queue is not None:
            os.close(self._queue)
            self._queue = None

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Remember the longest stall from here on, until the end of the block."""
        self.longest, self.most_cpu_ms = Stall(), 0.0
        self._last = self._now()
        self._timer.start(BEAT_MS)
        try:
            yield
            self.beat()
        finally:
            self._timer.stop()

    def beat(self) -> None:
        """The loop has turned."""
        now, last = self._now(), self._last
        wall, cpu, queued = (1000 * (one - other) for one, other in zip(now, last, strict=True))
        self.most_cpu_ms = max(self.most_cpu_ms, cpu)
        turn = max(cpu, wall - queued)
        if turn > self.longest.turn_ms:
            self.longest = Stall(turn, cpu, wall)
        self._last = self._now()

    def _now(self) -> tuple[float, float, float]:
        """Seconds by the clock, computed by this thread, and waited for a processor."""
        queued = 0.0
        if self._queue is not None:
            queued = int(os.pread(self._queue, 64, 0).split()[1]) / 1e9
        return time.perf_counter(), time.thread_time(), queued


class Hand:
    """Wheels and drags over a viewport, or another widget, as fast as a mouse tells of them."""

    def __init__(self, view: QWidget) -> None:
        self._view = view

    def wheel(self, notches: int, at: QPoint | None = None, keys: Qt.KeyboardModifier = NO_KEYS) -> None:
        """Turn the wheel forth and back again, a notch at a time."""
        spot = QPointF(self._view.rect().center() if at is None else at)
        ways = [-120] * (notches // 2) + [120] * (notches - notches // 2)
        paced(partial(self._send_wheel, spot, way, keys) for way in ways)

    def drag(
        self, start: QPoint, end: QPoint, moves: int = 60, button: Qt.MouseButton = Qt.MouseButton.LeftButton
    ) -> None:
        """Press, go to *end* and half the way back, and let go."""
        way = end - start
        shares = [step / (moves * 2 // 3) for step in range(1, moves * 2 // 3 + 1)]
        shares += [1 - step / (moves * 2 // 3) for step in range(1, moves // 3 + 1)]
        spots = [QPointF(start.x() + way.x() * share, start.y() + way.y() * share) for share in shares]
        kinds = QEvent.Type
        calls: list[Callable[[], object]] = [
            lambda: self._send(kinds.MouseMove, QPointF(start), Qt.MouseButton.NoButton, held=False),
            lambda: self._send(kinds.MouseButtonPress, QPointF(start), button, held=True),
            *(partial(self._send, kinds.MouseMove, spot, button, held=True) for spot in spots),
            lambda: self._send(kinds.MouseButtonRelease, spots[-1], button, held=False),
        ]
        paced(calls)

    def _send(self, kind: QEvent.Type, at: QPointF, button: Qt.MouseButton, held: bool) -> None:
        changed = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else button
        held_now = button if held else Qt.MouseButton.NoButton
        where = QPointF(self._view.mapToGlobal(at))
        QApplication.sendEvent(self._view, QMouseEvent(kind, at, where, changed, held_now, NO_KEYS))

    def _send_wheel(self, at: QPointF, way: int, keys: Qt.KeyboardModifier) -> None:
        none, phase = Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
        where = QPointF(self._view.mapToGlobal(at))
        event = QWheelEvent(at, where, QPoint(), QPoint(0, way), none, keys, phase, False)
        QApplication.sendEvent(self._view, event)


def paced(calls: Iterable[Callable[[], object]]) -> None:
    """Make one call after the other, as far apart as a mouse's events are, while the event loop turns."""
    left = iter(calls)
    done = False

    def one() -> None:
        nonlocal done
        call = next(left, None)
        done = call is None
        if call is not None:
            call()

    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(one)
    timer.start(MOVE_MS)
    wait_for(lambda: done)
    timer.stop()


def wait_for(is_done: Callable[[], bool], longest_s: float = LONGEST_WAIT_S) -> None:
    """Turn the event loop until *is_done*. Raises TimeoutError."""
    end = time.monotonic() + longest_s
    alarm = QTimer()
    alarm.start(LOOK_MS)  # a loop that waits for more events wakes up to look at the time
    while not is_done():
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        if time.monotonic() > end:
            raise TimeoutError("the window did not get there")
    alarm.stop()


def _queue_file() -> int | None:
    """Where Linux tells how long this thread has waited for a processor; None elsewhere."""
    try:
        return os.open(Path("/proc/thread-self/schedstat").resolve(), os.O_RDONLY)
    except OSError:
        return None
