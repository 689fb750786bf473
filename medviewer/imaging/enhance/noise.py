"""Noise: Gaussian, median, bilateral, on modality values."""

from __future__ import annotations

from typing import Annotated

import cv2
import numpy as np

from medviewer.imaging.enhance.in_parts import in_parts
from medviewer.imaging.enhance.operation import Image, Mask, Stage, enhancement, percentiles
from medviewer.kit.params import Slider
from medviewer.kit.task import TaskContext


@enhancement("Smooth (Gaussian)", group="Noise", stage=Stage.SIGNAL)
def gaussian(
    image: Image, *, radius_px: Annotated[float, Slider(0.3, 10, step=0.1, label="Radius", unit="px")] = 1.0
) -> Image:
    """Average each pixel with its neighbours; the radius is the standard deviation of the weights."""
    return cv2.GaussianBlur(image, (0, 0), radius_px, borderType=cv2.BORDER_REFLECT)


@enhancement("Median", group="Noise", stage=Stage.SIGNAL)
def median(
    image: Image,
    *,
    radius_px: Annotated[int, Slider(1, 2, label="Radius", unit="px")] = 1,
    passes: Annotated[int, Slider(1, 8)] = 1,
) -> Image:
    """Replace each pixel by the middle value around it: specks vanish, edges stay. Repeat it to smooth more.

    OpenCV has medians of 3x3 and 5x5 at full depth and larger ones for 8 bits only, hence the passes.
    """
    for _ in range(passes):
        image = cv2.medianBlur(image, 2 * radius_px + 1)
    return image


@enhancement("Smooth between edges (bilateral)", group="Noise", stage=Stage.SIGNAL)
def bilateral(
    image: Image,
    valid: Mask | None,
    context: TaskContext | None,
    *,
    radius_px: Annotated[int, Slider(1, 10, label="Radius", unit="px")] = 3,
    difference: Annotated[float, Slider(0.5, 50, step=0.5, unit="%")] = 5.0,
) -> Image:
    """Average each pixel with neighbours that differ by less than a share of the picture's range."""
    low, high = percentiles(image, valid, 1, 99)
    if image.min() == image.max():
        return image
    # OpenCV looks weights up in a table over the whole range of values: centred numbers keep it exact
    shifted = image - np.float32(low)
    spread, border = (high - low) * difference / 100, cv2.BORDER_REFLECT

    def smoothed(part: Image) -> Image:
        return cv2.bilateralFilter(part, 2 * radius_px + 1, spread, radius_px / 2, borderType=border)

    return in_parts(shifted, radius_px, smoothed, context) + np.float32(low)
