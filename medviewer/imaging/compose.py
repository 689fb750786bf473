"""Labels laid over a picture: a translucent fill and an outline, dashed while nobody has accepted them."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from medviewer.core.labels import LabelLook

Pixels = NDArray[Any]
"""uint8"""
DASH_PX = 7
GAP_PX = 5


def lay_labels(picture: Pixels, labels: Pixels, look: LabelLook) -> Pixels:
    """*picture* (grey or RGB) with the visible *labels* over it, as new RGB pixels; both (row, column)."""
    grey = picture.ndim == 2
    colored = cv2.cvtColor(picture, cv2.COLOR_GRAY2RGB) if grey else picture.copy()
    for value, color in look.colors:
        mask = cv2.inRange(labels, value, value)
        left, top, width, height = cv2.boundingRect(mask)
        if width:
            box = (slice(top, top + height), slice(left, left + width))
            _fill(colored[box], mask[box], rgb_of(color), look.opacity)
            _outline(colored, mask, rgb_of(color), look.proposed)
    return colored


def rgb_of(color: str) -> tuple[int, int, int]:
    """The red, green and blue of "#rrggbb"."""
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _fill(part: Pixels, mask: Pixels, color: tuple[int, int, int], opacity: float) -> None:
    if opacity <= 0:
        return
    greys = np.arange(256, dtype=np.float32)
    table = np.stack([greys * (1 - opacity) + channel * opacity for channel in color], axis=-1)
    mixed = cv2.LUT(part, np.rint(np.clip(table, 0, 255)).astype(np.uint8)[None])
    part[:] = cv2.copyTo(mixed, mask, part.copy())


def _outline(picture: Pixels, mask: Pixels, color: tuple[int, int, int], dashed: bool) -> None:
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    for contour in contours:
        points = contour[:, 0]
        if dashed and len(points) > DASH_PX:
            points = points[np.arange(len(points)) % (DASH_PX + GAP_PX) < DASH_PX]
        picture[points[:, 1], points[:, 0]] = color
