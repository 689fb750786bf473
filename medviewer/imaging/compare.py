"""How much two pictures differ, in one number: root mean square error, PSNR, SSIM."""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from medviewer.kit.errors import BadValue
from medviewer.kit.task import TaskContext

WINDOW_PX = 11
SIGMA_PX = 1.5
BRIGHTNESS_CONSTANT, CONTRAST_CONSTANT = 0.01, 0.03
PART_PX = 1_000_000
"""Pixels that are compared before anybody may stop it: some hundred milliseconds."""

Mask = NDArray[np.bool_]


def rmse(before: NDArray[Any], after: NDArray[Any], valid: Mask | None = None) -> float:
    """Root mean square error of the pixels that are *valid*, in the unit of the values; 0 without any.

    Raises BadValue when the shapes differ.
    """
    _check(before, after)
    one, two = (np.ascontiguousarray(values, np.float32) for values in (before, after))
    counted = one.size if valid is None else int(np.count_nonzero(valid))
    if not counted:
        return 0.0
    chosen = None if valid is None else np.ascontiguousarray(valid).view(np.uint8)
    return math.sqrt(cv2.norm(one, two, cv2.NORM_L2SQR, chosen) / counted)


def psnr(before: NDArray[Any], after: NDArray[Any], span: float, valid: Mask | None = None) -> float:
    """Peak signal-to-noise ratio in dB for values that span *span* (255 for 8 bits); infinite when equal.

    20 log10(span / RMSE) over the *valid* pixels. Raises BadValue when the shapes differ.
    """
    error = rmse(before, after, valid)
    return math.inf if error == 0 else 20 * math.log10(span / error)


def ssim(
    before: NDArray[Any],
    after: NDArray[Any],
    span: float,
    valid: Mask | None = None,
    context: TaskContext | None = None,
) -> float:
    """Structural similarity of two grey pictures, 1 when equal.

    Wang, Bovik, Sheikh and Simoncelli, IEEE Transactions on Image Processing 13(4), 2004: Gaussian window of
    11x11 pixels with sigma 1.5, K1 0.01, K2 0.03, mean over the places where all of the window lies on the
    picture and on *valid* pixels (over all of it, mirrored at the border, when there is no such place).
    Raises BadValue when the shapes differ or the pictures have colours, Cancelled.
    """
    _check(before, after)
    if before.ndim != 2:
        raise BadValue("Similarity is defined for grey pictures.", "Compare the luminance.")
    counted = _whole_windows(before.shape, valid)
    rows, columns = before.shape
    reach, high = WINDOW_PX // 2, max(PART_PX // columns, 1)
    total = 0.0
    for top in range(0, rows, high):
        if context is not None:
            context.check()
        first, last, bottom = max(top - reach, 0), min(top + high + reach, rows), min(top + high, rows)
        similar = _similar(before[first:last], after[first:last], span)[top - first : bottom - first]
        total += float(similar[counted[top:bottom]].sum())
    return total / int(np.count_nonzero(counted))


def _similar(before: NDArray[Any], after: NDArray[Any], span: float) -> NDArray[np.float64]:
    """The similarity of two pictures around each pixel."""
    x, y = before.astype(np.float64), after.astype(np.float64)
    mean_x, mean_y = _mean(x), _mean(y)
    spread_x, spread_y = _mean(x * x) - mean_x**2, _mean(y * y) - mean_y**2
    shared = _mean(x * y) - mean_x * mean_y
    one, two = (BRIGHTNESS_CONSTANT * span) ** 2, (CONTRAST_CONSTANT * span) ** 2
    above = (2 * mean_x * mean_y + one) * (2 * shared + two)
    found: NDArray[np.float64] = above / ((mean_x**2 + mean_y**2 + one) * (spread_x + spread_y + two))
    return found


def _whole_windows(shape: tuple[int, ...], valid: Mask | None) -> Mask:
    """Around which pixels all of the window counts; all pixels where that is so for none."""
    counted = np.ones(shape, np.uint8) if valid is None else np.ascontiguousarray(valid).view(np.uint8)
    square = np.ones((WINDOW_PX, WINDOW_PX), np.uint8)
    whole: Mask = np.asarray(cv2.erode(counted, square, borderType=cv2.BORDER_CONSTANT, borderValue=0)) > 0
    if whole.any():
        return whole
    return counted > 0 if counted.any() else np.ones(shape, bool)


def _mean(values: NDArray[np.float64]) -> NDArray[Any]:
    return cv2.GaussianBlur(values, (WINDOW_PX, WINDOW_PX), SIGMA_PX, borderType=cv2.BORDER_REFLECT)


def _check(before: NDArray[Any], after: NDArray[Any]) -> None:
    if before.shape != after.shape:
        raise BadValue(
            "Two pictures of different sizes cannot be compared.", "Choose pictures of one series."
        )
