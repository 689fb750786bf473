"""Contrast: equalise, CLAHE, gamma, logarithm, stretch; 16 bits or better, on 0..1 after the window."""

from __future__ import annotations

from typing import Annotated

import cv2
import numpy as np
from numpy.typing import NDArray

from medviewer.imaging.enhance.operation import Image, Mask, Stage, enhancement, strength_of
from medviewer.kit.params import Slider

TOP = 65_535


@enhancement("Equalise histogram", group="Contrast", stage=Stage.DISPLAY)
def equalise(
    image: Image,
    valid: Mask | None,
    *,
    strength: Annotated[float, Slider(0, 1, step=0.05)] = 1.0,
) -> Image:
    """Spread the greys so that each is used equally often; strength mixes with the picture as it was."""
    grey16 = _grey16(image)
    mask = None if valid is None else valid.astype(np.uint8)
    counts = cv2.calcHist([grey16], [0], mask, [TOP + 1], [0, TOP + 1]).ravel().astype(np.float64)
    reached = np.cumsum(counts)
    first = counts[np.flatnonzero(counts)[0]]
    if reached[-1] == first:
        return image
    # the darkest grey that occurs stays black, as equalisation is usually defined
    curve = ((reached - first) / (reached[-1] - first)).clip(0, 1).astype(np.float32)
    return image + np.float32(strength) * (curve[grey16] - image)


@enhancement("Local contrast (CLAHE)", group="Contrast", stage=Stage.DISPLAY)
def clahe(
    image: Image,
    valid: Mask | None,
    *,
    clip_limit: Annotated[float, Slider(0.5, 10, step=0.1)] = 2.0,
    tiles: Annotated[int, Slider(2, 32, label="Tiles per side")] = 8,
) -> Image:
    """Equalise contrast tile by tile, with a limit on how far noise is amplified."""
    grey16 = _grey16(image)
    if valid is not None:
        grey16 = _padding_like_its_tile(grey16, valid, tiles)
    out = cv2.createCLAHE(clip_limit, (tiles, tiles)).apply(grey16)
    return out.astype(np.float32) / np.float32(TOP)


@enhancement("Gamma", group="Contrast", stage=Stage.DISPLAY)
def gamma(image: Image, *, exponent: Annotated[float, Slider(0.2, 5, step=0.05)] = 0.7) -> Image:
    """Brighten the middle greys (below 1) or darken them (above 1); black and white stay."""
    return np.power(np.clip(image, 0, 1), np.float32(exponent))


@enhancement("Logarithm", group="Contrast", stage=Stage.DISPLAY)
def log(image: Image, *, strength: Annotated[float, Slider(1, 200, step=1)] = 20.0) -> Image:
    """Open up the dark greys and press the bright ones together; black and white stay."""
    scale = np.float32(1 / np.log1p(strength))
    return np.log1p(np.clip(image, 0, 1) * np.float32(strength)) * scale


@enhancement("Stretch", group="Contrast", stage=Stage.DISPLAY)
def stretch(
    image: Image,
    valid: Mask | None,
    *,
    dark: Annotated[float, Slider(0, 30, step=0.1, label="Black below", unit="%")] = 1.0,
    bright: Annotated[float, Slider(0, 30, step=0.1, label="White above", unit="%")] = 1.0,
) -> Image:
    """Make the darkest share of the pixels black, the brightest white, and stretch what lies between."""
    low, high = strength_of(image, valid, dark, 100 - bright)
    if high <= low:
        return image
    return np.clip((image - np.float32(low)) / np.float32(high - low), 0, 1)


def _grey16(image: Image) -> NDArray[np.uint16]:
    return np.rint(np.clip(image, 0, 1) * np.float32(TOP)).astype(np.uint16)


def _padding_like_its_tile(grey16: NDArray[np.uint16], valid: Mask, tiles: int) -> NDArray[np.uint16]:
    """Padding filled so that each tile has the histogram of its valid pixels.

    OpenCV's CLAHE takes no mask. A tile without valid pixels gets the histogram of the whole picture.
    """
    out = grey16.copy()
    everything = np.sort(grey16[valid])
    rows, columns = (_edges(length, other, tiles) for length, other in (grey16.shape, grey16.shape[::-1]))
    for top, bottom in zip(rows, rows[1:], strict=False):
        for left, right in zip(columns, columns[1:], strict=False):
            box = (slice(top, bottom), slice(left, right))
            missing = ~valid[box]
            count = int(missing.sum())
            if count:
                found = np.sort(grey16[box][valid[box]])
                found = found if len(found) else everything
                share = (np.arange(count) + 0.5) / count
                out[box][missing] = found[(share * len(found)).astype(np.int64)]
    return out


def _edges(length: int, other: int, tiles: int) -> list[int]:
    """Where OpenCV cuts an axis into tiles: it first adds pixels when either axis does not divide evenly."""
    whole = length if length % tiles == 0 and other % tiles == 0 else length + tiles - length % tiles
    step = whole // tiles
    return [min(number * step, length) for number in range(tiles + 1)]
