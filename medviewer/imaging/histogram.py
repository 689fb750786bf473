"""How often each value occurs."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from medviewer.core.volume import Frame, read_only
from medviewer.imaging.grayscale import outside


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """Counts between equally spaced edges; the last bin holds its upper edge too."""

    counts: NDArray[np.int64]
    edges: NDArray[np.float64]
    """one more than counts"""


def histogram(
    values: NDArray[np.float32],
    valid: NDArray[np.bool_] | None = None,
    bins: int = 256,
    limits: tuple[float, float] | None = None,
) -> Histogram:
    """The histogram of finite *values* where *valid*; values beyond *limits* are left out.

    Without *limits* it reaches from the lowest to the highest value.
    """
    found = values[valid] if valid is not None else values.ravel()
    if limits is None:
        limits = (float(found.min()), float(found.max())) if found.size else (0.0, 1.0)
    low, high = limits
    if high <= low:
        low, high = low - 0.5, low + 0.5
    edges = np.linspace(low, high, bins + 1)
    if not found.size:
        return Histogram(read_only(np.zeros(bins, np.int64)), read_only(edges))
    # the upper end is open in OpenCV: the next larger number makes the last bin hold the highest value
    above = float(np.nextafter(np.float32(high), np.float32(np.inf)))
    plain = np.ascontiguousarray(found, np.float32).reshape(1, -1)
    counts = cv2.calcHist([plain], [0], None, [bins], [low, above]).ravel()
    return Histogram(read_only(counts.astype(np.int64)), read_only(edges))


def frame_histogram(frame: Frame, bins: int = 256, limits: tuple[float, float] | None = None) -> Histogram:
    """The histogram of a frame's modality values without padding; of a colour frame's luminance."""
    if frame.is_color:
        return histogram(
            cv2.cvtColor(frame.pixels, cv2.COLOR_RGB2GRAY).astype(np.float32), None, bins, limits
        )
    nowhere = outside(frame)
    return histogram(frame.values(), None if nowhere is None else ~nowhere, bins, limits)
