"""Turning, scaling and shifting a picture together with its mask."""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray


def affine(
    shape: tuple[int, int], *, angle_deg: float, scale: tuple[float, float], shift: tuple[float, float]
) -> NDArray[np.float64]:
    """The (2, 3) matrix that turns and scales about the centre of a picture of *shape*, then shifts it.

    *scale* is (row, column); *shift* is (row, column) in pixels; a positive angle turns clockwise.
    """
    center = np.array([(shape[1] - 1) / 2, (shape[0] - 1) / 2])
    cosine, sine = math.cos(math.radians(angle_deg)), math.sin(math.radians(angle_deg))
    turn = np.array([[cosine, -sine], [sine, cosine]]) @ np.diag([scale[1], scale[0]])
    move = center - turn @ center + np.array([shift[1], shift[0]])
    return np.hstack([turn, move[:, None]])


def warp_image(array: NDArray[Any], matrix: NDArray[np.float64], fill: float = 0.0) -> NDArray[Any]:
    """*array* (row, column) or (row, column, channel) moved by *matrix*, linearly interpolated."""
    moved: NDArray[Any] = cv2.warpAffine(
        array, matrix, array.shape[1::-1], flags=cv2.INTER_LINEAR, borderValue=fill
    )
    return moved.reshape(array.shape)


def warp_mask(mask: NDArray[Any], matrix: NDArray[np.float64]) -> NDArray[Any]:
    """*mask* (row, column) uint8 moved by *matrix* without new values; 0 comes in from outside.

    Each value is moved on its own with interpolation and cut at one half, because OpenCV's nearest
    neighbour moves a mask by up to half a pixel.
    """
    result = np.zeros_like(mask)
    for value in np.unique(mask[mask > 0]):
        part = warp_image((mask == value).astype(np.float32), matrix)
        result[part >= 0.5] = value
    return result
