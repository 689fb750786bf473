"""Contrast by how often greys occur: equalise, CLAHE, stretch; 16 bits or better, on 0..1."""

from __future__ import annotations

from typing import Annotated

import cv2
import numpy as np

from medviewer.imaging.enhance.by_tile import TOP, equalised_by_tile, grey16_of
from medviewer.imaging.enhance.operation import Image, Mask, Stage, enhancement, percentiles
from medviewer.kit.params import Slider


@enhancement("Equalise histogram", group="Contrast", stage=Stage.DISPLAY)
def equalise(
    image: Image,
    valid: Mask | None,
    *,
    strength: Annotated[float, Slider(0, 1, step=0.05)] = 1.0,
) -> Image:
    """Spread the greys so that each is used equally often; strength mixes with the picture as it was."""
    grey16 = grey16_of(image)
    mask = None if valid is None else valid.astype(np.uint8)
    counts = cv2.calcHist([grey16], [0], mask, [TOP + 1], [0, TOP + 1]).ravel()
    reached = np.cumsum(counts, dtype=np.float64)
    first = counts[np.argmax(counts > 0)]
    if reached[-1] == first:
        return image
    # the darkest grey that occurs stays black, as equalisation is usually defined
    curve = ((reached - first) / (reached[-1] - first)).clip(0, 1).astype(np.float32)
    spread = cv2.LUT(grey16, curve)
    return spread if strength == 1 else cv2.addWeighted(spread, strength, image, 1 - strength, 0)


@enhancement("Local contrast (CLAHE)", group="Contrast", stage=Stage.DISPLAY)
def clahe(
    image: Image,
    valid: Mask | None,
    *,
    clip_limit: Annotated[float, Slider(0.5, 10, step=0.1)] = 2.0,
    tiles: Annotated[int, Slider(2, 32, label="Tiles per side")] = 8,
) -> Image:
    """Equalise contrast tile by tile, with a limit on how far noise is amplified."""
    return equalised_by_tile(image, valid, clip_limit, tiles)


@enhancement("Stretch", group="Contrast", stage=Stage.DISPLAY)
def stretch(
    image: Image,
    valid: Mask | None,
    *,
    dark: Annotated[float, Slider(0, 30, step=0.1, label="Black below", unit="%")] = 1.0,
    bright: Annotated[float, Slider(0, 30, step=0.1, label="White above", unit="%")] = 1.0,
) -> Image:
    """Make the darkest share of the pixels black, the brightest white, and stretch what lies between."""
    low, high = percentiles(image, valid, dark, 100 - bright)
    if high <= low:
        return image
    stretched: Image = image - np.float32(low)
    stretched /= np.float32(high - low)
    return stretched
