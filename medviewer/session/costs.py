"""How long enhancements take on this machine, learnt while they run."""

from __future__ import annotations

import math
from collections.abc import Hashable
from threading import Lock

from medviewer.core.pipeline import Pipeline

AT_ONCE_S = 0.025
"""What takes no longer follows a slider."""
AROUND_S = 8e-9
"""Seconds for a pixel that go by whatever is done: from the file to values, and from those to the screen."""
MOST_HALVINGS = 3
LEAST_PX = 1 << 13
"""Of fewer pixels a preview shows something else; what is learnt in a large viewport holds in small ones."""
MUCH_QUICKER, SLOWER = 0.12, 1.5
"""Shares of AT_ONCE_S outside which previews become finer, with four times the pixels, or coarser."""


class Costs:
    """How long each stack of operations takes. Any thread may ask and tell."""

    def __init__(self) -> None:
        self._seconds: dict[Hashable, float] = {}
        self._halvings: dict[Hashable, int] = {}
        self._lock = Lock()

    def is_slow(self, pipeline: Pipeline, pixels: int) -> bool:
        """Whether *pipeline* takes too long on so many *pixels* to follow a slider, as far as is known."""
        with self._lock:
            each = self._seconds.get(_kind(pipeline), math.inf)
        return (each + AROUND_S) * pixels > AT_ONCE_S

    def is_known(self, pipeline: Pipeline) -> bool:
        """Whether *pipeline* was ever tried."""
        with self._lock:
            return _kind(pipeline) in self._seconds

    def tried(self, pipeline: Pipeline, pixels: int, seconds: float) -> None:
        """Remember how long *pipeline* took for so many *pixels*."""
        with self._lock:
            self._seconds[_kind(pipeline)] = seconds / max(pixels, 1)

    def halvings(self, pipeline: Pipeline, pixels: int) -> int:
        """How often a picture of so many *pixels* is best halved for a preview of *pipeline*."""
        with self._lock:
            kept = self._halvings.get(_kind(pipeline))
        coarsest = max(at for at in range(MOST_HALVINGS + 1) if not at or pixels >> 2 * at >= LEAST_PX)
        if kept is not None:
            return min(kept, coarsest)
        return next((at for at in range(coarsest) if not self.is_slow(pipeline, pixels >> 2 * at)), coarsest)

    def previewed(self, pipeline: Pipeline, halvings: int, seconds: float) -> None:
        """Remember how long a preview took: the next one is finer or coarser where that was quick or slow."""
        by = int(seconds > SLOWER * AT_ONCE_S) - int(seconds < MUCH_QUICKER * AT_ONCE_S)
        with self._lock:
            self._halvings[_kind(pipeline)] = min(max(halvings + by, 0), MOST_HALVINGS)


def _kind(pipeline: Pipeline) -> Hashable:
    """Stacks of the same operations are taken to cost the same: the last values tried are near the next."""
    return tuple(step.operation for step in pipeline.active)
