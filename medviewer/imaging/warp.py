"""Turning, scaling and shifting a picture together with its mask."""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

_KNOTS = 6
"""Of random shifts along each side of a picture."""


def affine(
    shape: tuple[int, int], *, angle_deg: float, scale: tuple[float, float], shift: tuple[float, float]
) -> NDArray[np.float64]:
    """The (2, 3) matrix that turns and scales about the centre of a picture of *shape*, then shifts it.

    *scale* is (row, column); *shift* is (row, column) in pixels; a positive angle turns clockwise.
    """
    x, y = (shape[1] - 1) / 2, (shape[0] - 1) / 2
    cosine, sine = math.cos(math.radians(angle_deg)), math.sin(math.radians(angle_deg))
    # plain numbers: for six of them arrays cost more than the picture that is moved
    a, b = cosine * scale[1], -sine * scale[0]
    c, d = sine * scale[1], cosine * scale[0]
    return np.array([[a, b, x - a * x - b * y + shift[1]], [c, d, y - c * x - d * y + shift[0]]])


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


def waves(
    shape: tuple[int, int], matrix: NDArray[np.float64], height: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Where each pixel comes from, (row, column, 2) as (column, row), when *matrix* and soft waves move it.

    A coarse grid of random shifts, at most *height* of the side, is interpolated with cubic polynomials; its
    border does not move.
    """
    coarse = rng.uniform(-1, 1, (_KNOTS, _KNOTS, 2)).astype(np.float32)
    coarse[[0, -1]] = 0
    coarse[:, [0, -1]] = 0
    coarse *= np.array([height * shape[1], height * shape[0]], np.float32)
    shifts: NDArray[Any] = cv2.resize(coarse, shape[::-1], interpolation=cv2.INTER_CUBIC)
    turn = np.linalg.inv(matrix[:, :2])
    start = -turn @ matrix[:, 2]
    columns, rows = np.arange(shape[1], dtype=np.float32), np.arange(shape[0], dtype=np.float32)[:, None]
    found = shifts.astype(np.float32)
    for axis in range(2):
        found[..., axis] += np.float32(turn[axis, 0]) * columns + np.float32(turn[axis, 1]) * rows
        found[..., axis] += np.float32(start[axis])
    return found


def bend_image(array: NDArray[Any], coordinates: NDArray[np.float32], fill: float = 0.0) -> NDArray[Any]:
    """*array* (row, column) or (row, column, channel), each pixel from where *coordinates* say."""
    columns, rows = cv2.split(coordinates)
    moved: NDArray[Any] = cv2.remap(
        np.ascontiguousarray(array), columns, rows, cv2.INTER_LINEAR, borderValue=(fill,) * 4
    )
    return moved.reshape(array.shape)


def bend_mask(mask: NDArray[Any], coordinates: NDArray[np.float32]) -> NDArray[Any]:
    """*mask* (row, column) uint8 bent as `warp_mask` moves one."""
    result = np.zeros_like(mask)
    for value in np.unique(mask[mask > 0]):
        result[bend_image((mask == value).astype(np.float32), coordinates) >= 0.5] = value
    return result


def blurred(array: NDArray[np.float32], deviation: float) -> NDArray[np.float32]:
    """*array* (..., row, column, channel) through a Gaussian of *deviation* pixels, each slice on its own."""
    if deviation < 0.1:
        return array
    if array.ndim == 4:
        return np.stack([blurred(one, deviation) for one in array])
    found: NDArray[Any] = cv2.GaussianBlur(array, (0, 0), deviation, borderType=cv2.BORDER_REFLECT_101)
    return found.reshape(array.shape)
