"""Sharpness: the unsharp mask, on modality values."""

from __future__ import annotations

from typing import Annotated

import cv2

from medviewer.imaging.enhance.operation import Image, Stage, enhancement
from medviewer.kit.params import Slider


@enhancement("Sharpen (unsharp mask)", group="Sharpness", stage=Stage.SIGNAL)
def unsharp(
    image: Image,
    *,
    radius_px: Annotated[float, Slider(0.5, 20, step=0.1, label="Radius", unit="px")] = 2.0,
    amount: Annotated[float, Slider(0, 5, step=0.1)] = 1.0,
) -> Image:
    """Add back what a Gaussian blur of this radius takes away, so that edges stand out."""
    blurred = cv2.GaussianBlur(image, (0, 0), radius_px, borderType=cv2.BORDER_REFLECT)
    return cv2.addWeighted(image, 1 + amount, blurred, -amount, 0)
