"""A picture put into the middle of a frame of another size."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray


def centred(picture: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """The picture on black of (height, width) *size*, made smaller where it is larger."""
    if picture.shape[:2] == size:
        return picture
    share = min(size[0] / picture.shape[0], size[1] / picture.shape[1], 1.0)
    if share < 1:
        sides = (max(round(picture.shape[1] * share), 1), max(round(picture.shape[0] * share), 1))
        picture = np.asarray(cv2.resize(picture, sides, interpolation=cv2.INTER_AREA), np.uint8)
    whole = np.zeros((*size, 3), np.uint8)
    top, left = (size[0] - picture.shape[0]) // 2, (size[1] - picture.shape[1]) // 2
    whole[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
    return whole
