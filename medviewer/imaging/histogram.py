"""How often each value occurs."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from medviewer.core.volume import Frame, read_only
from medviewer.imaging.grayscale import outside
from medviewer.kit.frozen import frozen

Limits = tuple[float, float]


@frozen(eq=False)
class Histogram:
    """Counts between equally spaced edges; the last bin holds its upper edge too."""

    counts: NDArray[np.int64]
    edges: NDArray[np.float64]
    """one more than counts"""


def histogram(frame: Frame, bins: int = 256, limits: Limits | None = None) -> Histogram:
    """The histogram of a frame's modality values without padding; of a colour frame's luminance (0..255).

    Values beyond *limits* are left out; without them it reaches from the lowest to the highest value.
    """
    if frame.is_color:
        luminance = cv2.cvtColor(frame.pixels, cv2.COLOR_RGB2GRAY)
        return histogram_of(luminance, None, bins, limits)
    nowhere = outside(frame)
    return histogram_of(frame.values(), None if nowhere is None else ~nowhere, bins, limits)


def histogram_of(
    values: NDArray[Any],
    valid: NDArray[np.bool_] | None = None,
    bins: int = 256,
    limits: Limits | None = None,
) -> Histogram:
    """The histogram of finite *values* where *valid*, as `histogram` gives it."""
    found = np.ascontiguousarray(values[valid] if valid is not None else values, np.float32).reshape(1, -1)
    if limits is None:
        limits = (float(found.min()), float(found.max())) if found.size else (0.0, 1.0)
    low, high = limits
    if high <= low:
        low, high = low - 0.5, low + 0.5
    edges = read_only(np.linspace(low, high, bins + 1))
    if not found.size:
        return Histogram(read_only(np.zeros(bins, np.int64)), edges)
    # the upper end is open in OpenCV: the next larger number makes the last bin hold the highest value
    above = float(np.nextafter(np.float32(high), np.float32(np.inf)))
    counts = cv2.calcHist([found], [0], None, [bins], [low, above]).ravel()
    return Histogram(read_only(counts.astype(np.int64)), edges)
