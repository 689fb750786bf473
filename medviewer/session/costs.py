"""How long enhancements take on this machine, learnt while they run."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from threading import Lock
from typing import TypeVar

from medviewer.core.pipeline import Pipeline

R = TypeVar("R")


class Costs:
    """Seconds for a pixel of each stack of operations. Any thread may ask and tell."""

    def __init__(self) -> None:
        self._known: dict[Hashable, float] = {}
        self._lock = Lock()

    def seconds(self, pipeline: Pipeline, pixels: int) -> float | None:
        """How long *pipeline* will take for so many *pixels*, None while nobody knows."""
        with self._lock:
            each = self._known.get(_kind(pipeline))
        return None if each is None else each * pixels

    def learnt(self, pipeline: Pipeline, pixels: int, work: Callable[[], R]) -> R:
        """What *work* gives, which is *pipeline* on so many *pixels*; how long it takes is remembered."""
        start = time.perf_counter()
        result = work()
        with self._lock:
            self._known[_kind(pipeline)] = (time.perf_counter() - start) / max(pixels, 1)
        return result


def _kind(pipeline: Pipeline) -> Hashable:
    """Stacks of the same operations are taken to cost the same: the last values tried are near the next."""
    return tuple(step.operation for step in pipeline.active)
