"""How strong the noise of a picture is, told by the picture alone, so that filters need no absolute unit."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from medviewer.imaging.enhance.operation import Image, Mask

WAVELET = "db2"
MEDIAN_OF_NOISE = 0.6744897501960817
"""The median of the absolute value of a normal number with standard deviation 1."""
NOTHING = 1e-6
"""Smaller than this share of the largest value, what is found is rounding."""
REACH_PX = 9
"""Side of the square around a detail in which its wavelet looks."""


def noise_of(image: Image, valid: Mask | None) -> float:
    """The standard deviation of the white noise in *image*, 0 where none can be told.

    The median of the finest diagonal wavelet details, after D. L. Donoho and I. M. Johnstone, Biometrika
    81(3), 1994, section 4.2. What is perfectly flat is background, not picture, and is not counted.
    """
    import pywt  # noqa: PLC0415 - only who removes noise waits for it

    _, (_, _, details) = pywt.dwt2(image, WAVELET)
    is_noise, inside = details != 0, shrunk(valid, details.shape)
    counted = details[is_noise if inside is None else is_noise & inside]
    if not counted.size:
        return 0.0
    strength = np.abs(counted, out=counted)
    level = float(np.median(strength, overwrite_input=True)) / MEDIAN_OF_NOISE
    return level if level > NOTHING * float(np.abs(image).max()) else 0.0


def shrunk(valid: Mask | None, shape: tuple[int, ...]) -> NDArray[np.bool_] | None:
    """Which wavelet details, an array of *shape*, come from *valid* pixels alone; None for all of them."""
    if valid is None:
        return None
    inner: Any = cv2.erode(valid.astype(np.uint8), np.ones((REACH_PX, REACH_PX), np.uint8))
    found = cv2.resize(inner, shape[::-1], interpolation=cv2.INTER_NEAREST) > 0
    # a picture of a few pixels has no inside
    return np.asarray(found if found.any() else ~found, bool)
