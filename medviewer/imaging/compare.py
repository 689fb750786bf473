"""How much two pictures differ: signed difference, PSNR, SSIM."""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from medviewer.kit.errors import BadValue

WINDOW_PX = 11
SIGMA_PX = 1.5
BRIGHTNESS_CONSTANT, CONTRAST_CONSTANT = 0.01, 0.03


def difference(before: NDArray[Any], after: NDArray[Any]) -> NDArray[np.float32]:
    """*after* minus *before*, signed. Raises BadValue when the shapes differ."""
    _check(before, after)
    return after.astype(np.float32) - before.astype(np.float32)


def psnr(before: NDArray[Any], after: NDArray[Any], span: float) -> float:
    """Peak signal-to-noise ratio in dB for values that span *span* (255 for 8 bits); infinite when equal."""
    _check(before, after)
    error = float(np.mean((after.astype(np.float64) - before.astype(np.float64)) ** 2))
    return math.inf if error == 0 else 10 * math.log10(span * span / error)


def ssim(before: NDArray[Any], after: NDArray[Any], span: float) -> float:
    """Structural similarity of two grey pictures, 1 when equal.

    Wang, Bovik, Sheikh and Simoncelli, IEEE Transactions on Image Processing 13(4), 2004: Gaussian window of
    11x11 pixels with sigma 1.5, K1 0.01, K2 0.03, mean over the places where the window lies on the picture
    (over all of it, mirrored at the border, when it is smaller than the window).
    """
    _check(before, after)
    if before.ndim != 2:
        raise BadValue("Similarity is defined for grey pictures.", "Compare the luminance.")
    x, y = before.astype(np.float64), after.astype(np.float64)
    mean_x, mean_y = _mean(x), _mean(y)
    spread_x, spread_y = _mean(x * x) - mean_x**2, _mean(y * y) - mean_y**2
    shared = _mean(x * y) - mean_x * mean_y
    one, two = (BRIGHTNESS_CONSTANT * span) ** 2, (CONTRAST_CONSTANT * span) ** 2
    above = (2 * mean_x * mean_y + one) * (2 * shared + two)
    similar = above / ((mean_x**2 + mean_y**2 + one) * (spread_x + spread_y + two))
    border = WINDOW_PX // 2
    inner = similar[border:-border, border:-border]
    return float((inner if inner.size else similar).mean())


def _mean(values: NDArray[np.float64]) -> NDArray[Any]:
    return cv2.GaussianBlur(values, (WINDOW_PX, WINDOW_PX), SIGMA_PX, borderType=cv2.BORDER_REFLECT)


def _check(before: NDArray[Any], after: NDArray[Any]) -> None:
    if before.shape != after.shape:
        raise BadValue(
            "Two pictures of different sizes cannot be compared.", "Choose pictures of one series."
        )
