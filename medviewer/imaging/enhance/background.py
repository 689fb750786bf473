"""Background: uneven brightness taken out of modality values, as that of a coil, a beam or a grid.

The background is a Gaussian average so wide that nothing of interest is left in it, taken from the pixels of
the picture alone. The pictures keep their level: what has no uneven brightness stays as it was.
"""

from __future__ import annotations

from typing import Annotated, Literal

import cv2
import numpy as np

from medviewer.imaging.enhance.operation import Image, Mask, Stage, enhancement, percentiles
from medviewer.imaging.resample import resize_image
from medviewer.kit.params import Slider, Words

COARSE_PX = 256
"""The longer side of the picture in which the background is averaged: it is smooth, and needs no more."""
SMALLEST_SHARE = 0.1
"""A background below this share of its own mean is not divided by: noise would be all that is left."""


@enhancement("Flatten background", group="Background", stage=Stage.SIGNAL)
def flatten(
    image: Image,
    valid: Mask | None,
    *,
    radius: Annotated[float, Slider(1, 50, step=0.5, label="Radius", unit="% of the picture")] = 10.0,
    way: Annotated[
        Literal["subtract", "divide"],
        Words(help="divide: for brightness that multiplies, as a coil's; counted from the darkest values"),
    ] = "subtract",
    strength: Annotated[float, Slider(0, 1, step=0.05)] = 0.7,
) -> Image:
    """Take away what changes slowly across the picture, so that small things stand out alike everywhere."""
    background = smooth_background(image, valid, radius / 100)
    level = np.float32(cv2.mean(background, None if valid is None else valid.astype(np.uint8))[0])
    if way == "subtract":
        return cv2.addWeighted(image, 1, background, -strength, strength * float(level))
    darkest = np.float32(percentiles(image, valid, 0.5, 99.5)[0])
    if level <= darkest:
        return image
    lowest = np.float32(SMALLEST_SHARE) * (level - darkest)
    factor = (level - darkest) / np.maximum(background - darkest, lowest)
    flat: Image = image + np.float32(strength) * (image - darkest) * (factor - 1)
    return flat


def smooth_background(image: Image, valid: Mask | None, radius: float) -> Image:
    """The average around each pixel of *image*, weighted by a Gaussian over the *valid* pixels only.

    *radius*, its standard deviation, is a share of the longer side.
    """
    smaller = min(1.0, COARSE_PX / max(image.shape))
    size = (max(round(image.shape[0] * smaller), 1), max(round(image.shape[1] * smaller), 1))
    sigma = radius * max(size)
    if valid is None:
        return resize_image(_blurred(resize_image(image, size), sigma), image.shape)
    weight = resize_image(valid.astype(np.float32), size)
    sums = resize_image(np.where(valid, image, np.float32(0)), size)
    total, share = _blurred(sums, sigma), _blurred(weight, sigma)
    mean = np.float32(image[valid].mean(dtype=np.float64))
    # far from any picture the weights vanish; nothing is shown there
    coarse = np.where(share > 1e-4, total / np.maximum(share, np.float32(1e-4)), mean)
    return resize_image(coarse.astype(np.float32), image.shape)


def _blurred(image: Image, sigma: float) -> Image:
    # cv2 asks for a kernel no larger than it can mirror around a small picture
    return cv2.GaussianBlur(image, (0, 0), max(sigma, 0.3), borderType=cv2.BORDER_REFLECT)
