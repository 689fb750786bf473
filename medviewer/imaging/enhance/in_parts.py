"""Slow filters strip by strip, on all processors: they can be stopped, and tell how far they are."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from itertools import pairwise

import numpy as np

import medviewer.imaging.one_thread  # noqa: F401  what runs on all processors must not divide itself again
from medviewer.imaging.enhance.operation import Image
from medviewer.kit.task import TaskContext

PART_PX = 400_000
"""Pixels in a strip: some hundred milliseconds of the slowest filters."""
LEAST_SHARE = 4
"""A strip is at least so many times as high as what is computed twice above and below it."""


def in_parts(
    image: Image, reach_px: int, filtered: Callable[[Image], Image], context: TaskContext | None
) -> Image:
    """*filtered* of the whole *image*, computed in the same strips whatever runs them and whoever waits.

    No pixel that *filtered* gives may depend on one more than *reach_px* rows away from it; at the picture's
    own borders it is left to mirror them as it likes. It is called by several threads. Raises Cancelled.
    """
    rows, columns = image.shape
    high = max(PART_PX // columns, LEAST_SHARE * reach_px, 1)
    if high >= rows:
        return filtered(image)
    out = np.empty(image.shape, np.float32)

    def strip(top: int, bottom: int) -> None:
        if context is not None:
            context.check()
        first, last = max(top - reach_px, 0), min(bottom + reach_px, rows)
        part = filtered(np.ascontiguousarray(image[first:last]))
        out[top:bottom] = part[top - first : bottom - first]

    cuts = [*range(0, rows, high), rows]
    strips = [_pool().submit(strip, top, bottom) for top, bottom in pairwise(cuts)]
    try:
        for number, one in enumerate(strips):
            if context is not None:
                context.report(number / len(strips))
            one.result()
    finally:
        for one in strips:
            one.cancel()
    return out


@lru_cache(maxsize=1)
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="medviewer-strips")
