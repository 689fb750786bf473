"""Gaussian weights and those of its derivatives, for filters along one axis after the other."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from medviewer.imaging.enhance.operation import Image

SMALLEST = 1e-9
"""Weights below this share of the largest are less than float32 can add."""


@lru_cache(maxsize=64)
def weights(sigma: float, order: int, truncate: float = 4.0) -> NDArray[np.float32]:
    """What pixels from -n to n count for in the derivative of *order* 0, 1 or 2 of a Gaussian average.

    The Gaussian of *sigma* pixels ends at *truncate* times that, or where nothing is left of it.
    """
    reach = max(int(truncate * sigma + 0.5), 1)
    at = np.arange(-reach, reach + 1, dtype=np.float64)
    gauss = np.exp(-0.5 * (at / sigma) ** 2)
    gauss /= gauss.sum()
    factors = {0: np.ones_like(at), 1: at / sigma**2, 2: at**2 / sigma**4 - 1 / sigma**2}
    found = gauss * factors[order]
    if order == 2:
        # where the Gaussian is narrower than a pixel, its samples would find bends in a flat picture
        found -= gauss * found.sum()
    held = np.flatnonzero(gauss > SMALLEST * gauss.max())
    # second derivatives begin beside the middle even where the Gaussian is narrow
    away = max(reach - int(held[0]), 1)
    return np.asarray(found[reach - away : reach + away + 1], np.float32)


def along(image: Image, down: NDArray[np.float32], across: NDArray[np.float32]) -> Image:
    """*image* weighted by *down* along its columns and by *across* along its rows; its borders mirror."""
    weighted: Image = cv2.sepFilter2D(image, cv2.CV_32F, across, down, borderType=cv2.BORDER_REFLECT)
    return weighted
