"""Slow filters strip by strip, so that they can be stopped, tell how far they are, and need little memory."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from medviewer.imaging.enhance.operation import Image
from medviewer.kit.task import TaskContext

PART_PX = 400_000
"""Pixels in a strip: some hundred milliseconds of the slowest filters."""
LEAST_SHARE = 4
"""A strip is at least so many times as high as what is computed twice above and below it."""


def in_parts(
    image: Image, reach_px: int, filtered: Callable[[Image], Image], context: TaskContext | None
) -> Image:
    """*filtered* of the whole *image*, computed in the same strips whether somebody waits for it or not.

    No pixel that *filtered* gives may depend on one more than *reach_px* rows away from it; at the picture's
    own borders it is left to mirror them as it likes. Raises Cancelled between strips.
    """
    rows, columns = image.shape
    high = max(PART_PX // columns, LEAST_SHARE * reach_px, 1)
    if high >= rows:
        return filtered(image)
    out = np.empty(image.shape, np.float32)
    for top in range(0, rows, high):
        if context is not None:
            context.report(top / rows)
        bottom = min(top + high, rows)
        first, last = max(top - reach_px, 0), min(bottom + reach_px, rows)
        part = filtered(np.ascontiguousarray(image[first:last]))
        out[top:bottom] = part[top - first : bottom - first]
    return out
