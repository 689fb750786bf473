"""Sharpness: unsharp mask, Laplacian, details beside edges; on modality values."""

from __future__ import annotations

from typing import Annotated

import cv2
import numpy as np

from medviewer.imaging.enhance.in_parts import in_parts
from medviewer.imaging.enhance.operation import Image, Mask, Stage, enhancement, percentiles
from medviewer.kit.params import Slider
from medviewer.kit.task import TaskContext

BORDER = cv2.BORDER_REFLECT


@enhancement("Sharpen (unsharp mask)", group="Sharpness", stage=Stage.SIGNAL)
def unsharp(
    image: Image,
    *,
    radius_px: Annotated[float, Slider(0.5, 20, step=0.1, label="Radius", unit="px")] = 2.0,
    amount: Annotated[float, Slider(0, 5, step=0.1)] = 1.0,
) -> Image:
    """Add back what a Gaussian blur of this radius takes away, so that edges stand out."""
    blurred = cv2.GaussianBlur(image, (0, 0), radius_px, borderType=BORDER)
    return cv2.addWeighted(image, 1 + amount, blurred, -amount, 0)


@enhancement("Sharpen (Laplacian)", group="Sharpness", stage=Stage.SIGNAL)
def sharpen(
    image: Image,
    *,
    amount: Annotated[float, Slider(0, 5, step=0.1)] = 1.0,
    smoothing_px: Annotated[float, Slider(0, 5, step=0.1, label="Smooth first", unit="px")] = 1.0,
) -> Image:
    """Push values apart where they bend: the finest edges and lines stand out, and noise with them."""
    smooth = image
    if smoothing_px >= 0.1:
        smooth = cv2.GaussianBlur(image, (0, 0), smoothing_px, borderType=BORDER)
    bend = cv2.Laplacian(smooth, cv2.CV_32F, ksize=1, borderType=BORDER)
    return cv2.addWeighted(image, 1, bend, -amount, 0)


@enhancement("Bring out detail (guided filter)", group="Sharpness", stage=Stage.SIGNAL)
def detail(
    image: Image,
    valid: Mask | None,
    context: TaskContext | None,
    *,
    radius_px: Annotated[int, Slider(1, 50, label="Radius", unit="px")] = 8,
    edge: Annotated[float, Slider(1, 50, step=0.5, label="Leave edges above", unit="%")] = 5.0,
    amount: Annotated[float, Slider(0, 5, step=0.1)] = 1.5,
) -> Image:
    """Strengthen small differences and leave strong edges as they are, so that no bright rims come up.

    K. He, J. Sun and X. Tang, IEEE Transactions on Pattern Analysis and Machine Intelligence 35(6), 2013,
    section 5. The edge is a share of the picture's range.
    """
    low, high = percentiles(image, valid, 1, 99)
    if high <= low:
        return image
    # squares of values far from 0 would lose the digits of small differences
    scaled = (image - np.float32((low + high) / 2)) / np.float32(high - low)
    least = np.float32((edge / 100) ** 2)

    def fine(part: Image) -> Image:
        return part - guided(part, radius_px, least)

    return image + in_parts(scaled, 2 * radius_px, fine, context) * np.float32(amount * (high - low))


def guided(image: Image, radius_px: int, least: np.float32) -> Image:
    """*image* smoothed with itself as guide: its mean around where the variance is below *least*."""
    mean = _mean(image, radius_px)
    variance = np.maximum(_mean(image * image, radius_px) - mean * mean, 0)
    share = variance / (variance + least)
    return _mean(share, radius_px) * image + _mean((1 - share) * mean, radius_px)


def _mean(image: Image, radius_px: int) -> Image:
    side = 2 * radius_px + 1
    return cv2.blur(image, (side, side), borderType=BORDER)
