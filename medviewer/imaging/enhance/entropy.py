"""Local entropy: how many different greys lie around a pixel, on 0..1 after the window."""

from __future__ import annotations

import math
from typing import Annotated

import cv2
import numpy as np

from medviewer.imaging.enhance.edges import mixed
from medviewer.imaging.enhance.in_parts import in_parts
from medviewer.imaging.enhance.operation import Image, Mask, Stage, enhancement
from medviewer.kit.params import Slider
from medviewer.kit.task import TaskContext

NOTHING = -1.0
"""Stands for padding while a part is counted: no grey."""


@enhancement("Local entropy", group="Lines and texture", stage=Stage.DISPLAY)
def entropy(
    image: Image,
    valid: Mask | None,
    context: TaskContext | None,
    *,
    radius_px: Annotated[int, Slider(1, 15, label="Radius", unit="px")] = 4,
    greys: Annotated[int, Slider(8, 256, label="Greys told apart")] = 32,
    mix: Annotated[float, Slider(0, 1, step=0.05, label="Entropy over picture")] = 1.0,
) -> Image:
    """How varied the greys of the square around each pixel are, from one grey (black) to all (white)."""
    counted = np.minimum(np.floor(image * np.float32(greys)), np.float32(greys - 1))
    if valid is not None:
        counted = np.where(valid, counted, np.float32(NOTHING))
    side = 2 * radius_px + 1

    def bits(part: Image) -> Image:
        return bits_around(part, side, greys)

    most = math.log2(min(greys, side**2))
    found = in_parts(counted, radius_px, bits, context) * np.float32(1 / most)
    return mixed(image, found, mix)


def bits_around(counted: Image, side: int, greys: int) -> Image:
    """The entropy in bits of the whole numbers from 0 to *greys* - 1 in the square around each pixel.

    What lies beyond the picture, or is no such number, is not counted. With n_k pixels of the grey k among n
    it is log2(n) - sum of n_k log2(n_k) / n, so each grey costs one moving sum.
    """
    grey8 = np.where(counted < 0, np.float32(0), counted).astype(np.uint8)
    inside = np.where(counted < 0, np.uint8(0), np.uint8(1))
    times = np.arange(side**2 + 1, dtype=np.float64)
    # OpenCV's tables for 16 bits have all 65,536 entries
    table = np.zeros(65_536, np.float32)
    table[1 : side**2 + 1] = times[1:] * np.log2(times[1:])
    total = np.zeros(counted.shape, np.float32)
    for grey in np.unique(grey8).tolist():
        here = cv2.bitwise_and((grey8 == grey).view(np.uint8), inside)
        cv2.add(total, cv2.LUT(_sums(here, side), table), dst=total)
    count = np.maximum(_sums(inside, side).astype(np.float32), 1)
    return np.maximum(np.log2(count) - total / count, 0)


def _sums(ones: cv2.typing.MatLike, side: int) -> cv2.typing.MatLike:
    border = cv2.BORDER_CONSTANT
    return cv2.boxFilter(ones, cv2.CV_16U, (side, side), normalize=False, borderType=border)
