"""Pictures and masks in another size."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray


def shape_of(pixels: NDArray[Any]) -> tuple[int, int]:
    """(rows, columns), in colour or not."""
    return pixels.shape[0], pixels.shape[1]


def resize_image(image: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    """*image*, (row, column) or (row, column, channel), in *size* (rows, columns).

    Averages areas along an axis that shrinks and interpolates linearly along one that grows. 8- and 16-bit
    integers, float32 and float64 keep their type; other types come back as float32.
    """
    known = image.dtype in (np.uint8, np.uint16, np.int16, np.float32, np.float64)
    image = np.ascontiguousarray(image if known else image.astype(np.float32))
    smaller = (min(size[0], image.shape[0]), min(size[1], image.shape[1]))
    if smaller != image.shape[:2]:
        image = cv2.resize(image, smaller[::-1], interpolation=cv2.INTER_AREA).reshape(
            (*smaller, *image.shape[2:])
        )
    if size != smaller:
        image = cv2.resize(image, size[::-1], interpolation=cv2.INTER_LINEAR).reshape(
            (*size, *image.shape[2:])
        )
    return image


def resize_mask(mask: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    """*mask* (row, column), bool or uint8 labels, in *size* (rows, columns): nearest values, no mixtures."""
    if mask.shape == tuple(size):
        return mask
    plain = np.ascontiguousarray(mask).view(np.uint8) if mask.dtype == bool else mask
    resized = cv2.resize(plain, size[::-1], interpolation=cv2.INTER_NEAREST_EXACT)
    return resized.view(bool) if mask.dtype == bool else resized
