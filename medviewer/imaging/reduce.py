"""A picture made no larger than it is shown: averages of its own values, before any window."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from medviewer.core.beside_pixels import Supplement
from medviewer.core.volume import Frame
from medviewer.imaging.enhance.apply import Enhanced
from medviewer.imaging.grayscale import has_table, outside
from medviewer.imaging.request import RenderRequest
from medviewer.imaging.resample import shape_of
from medviewer.kit.frozen import frozen

BAND_ROWS = 128


@frozen(eq=False)
class Reduced:
    """The part of a picture that is asked for, no larger than the output, in the numbers it came with."""

    values: NDArray[Any]
    padded: NDArray[np.uint8] | None
    """255 where there is no picture, or one that has its own colours; None: nowhere"""
    colors: NDArray[np.uint8] | None = None
    """(row, column, 4): red, green and blue of a supplemental palette, and 255 where they are shown"""

    @property
    def bytes(self) -> int:
        """The memory it takes when kept."""
        arrays = (self.values, self.padded, self.colors)
        return sum(array.nbytes for array in arrays if array is not None)


def reduce(frame: Frame, request: RenderRequest, enhanced: Enhanced | None = None) -> Reduced:
    """Crop and reduce what *request* shows: the part of `render` that a window drag need not repeat."""
    values = _source(frame, enhanced)
    rows, columns = request.part(shape_of(values))
    part = values[rows, columns]
    height, width = request.upright_size or shape_of(part)
    target = (min(height, part.shape[0]), min(width, part.shape[1]))
    padded = _padded_part(frame, enhanced, part, rows, columns)
    if frame.supplement is not None and not frame.is_color:
        return _supplemented(frame.supplement, frame.pixels[rows, columns], part, padded, target)
    return _greys_only(part, padded, target)


def _greys_only(part: NDArray[Any], padded: NDArray[np.uint8] | None, target: tuple[int, int]) -> Reduced:
    if target == shape_of(part):
        return Reduced(part, padded)
    if padded is None:
        return Reduced(_averaged(part, target), None)
    return _averaged_inside(part, padded, target)


def _supplemented(
    supplement: Supplement,
    stored: NDArray[Any],
    part: NDArray[Any],
    padded: NDArray[np.uint8] | None,
    target: tuple[int, int],
) -> Reduced:
    """The same where the highest stored values are colours: those have no part in any average of greys.

    A reduced pixel is coloured when half of it is, in the average of those colours.
    """
    is_colored = stored >= supplement.first
    if padded is not None:
        is_colored &= padded == 0
    at = np.clip(stored[is_colored].astype(np.int64) - supplement.first, 0, len(supplement.colors) - 1)
    colors = np.zeros((*shape_of(stored), 4), np.uint8)
    colors[is_colored, :3] = supplement.colors[at]
    colors[is_colored, 3] = 255
    nowhere = colors[..., 3] if padded is None else cv2.max(colors[..., 3], padded)
    greys = _greys_only(part, np.ascontiguousarray(nowhere), target)
    return replace(greys, colors=colors if target == shape_of(part) else _averaged_colors(colors, target))


def _averaged_colors(colors: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    mean = _averaged(colors.astype(np.float32), size)
    share = mean[..., 3:] / np.float32(255)
    found = np.rint(mean / np.maximum(share, np.float32(1e-6)))
    return np.where(share >= 0.5, found, 0).astype(np.uint8)


def _source(frame: Frame, enhanced: Enhanced | None) -> NDArray[Any]:
    if enhanced is not None:
        return enhanced.values
    return frame.pixels


def _padded_part(
    frame: Frame, enhanced: Enhanced | None, part: NDArray[Any], rows: slice, columns: slice
) -> NDArray[np.uint8] | None:
    """Where the cropped *part* has no picture: 255 there, 0 elsewhere; None when nowhere."""
    if enhanced is not None:
        return None if enhanced.valid is None else _mask8(~enhanced.valid[rows, columns])
    if frame.is_color or (frame.padding is None and part.dtype.kind != "f"):
        return None
    if frame.padding is not None and has_table(part) and part.dtype.itemsize == 2:
        return _in_range(part, *frame.padding)
    return _mask8(outside(replace(frame, pixels=part)))


def _mask8(mask: NDArray[np.bool_] | None) -> NDArray[np.uint8] | None:
    return None if mask is None or not mask.any() else np.where(mask, np.uint8(255), np.uint8(0))


def _in_range(part: NDArray[Any], first: float, last: float) -> NDArray[Any] | None:
    """What Frame.padded says of 16-bit pixels, several times as fast."""
    limits = np.iinfo(part.dtype)
    if last < limits.min or first > limits.max:
        return None
    low, high = max(math.ceil(first), limits.min), min(math.floor(last), limits.max)
    found = cv2.inRange(part, np.float64(low), np.float64(high))
    return found if cv2.hasNonZero(found) else None


def _averaged(part: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    """*part* in a smaller *size*: each output the average of the area that it covers."""
    if part.dtype.kind in "iu" and part.dtype.itemsize > 2:
        # OpenCV resizes no wide integers
        part = part.astype(np.float64)
    if part.dtype == np.int8:
        part = part.astype(np.int16)
    while _is_halved_well(shape_of(part), size):
        # whole factors are averaged ten times as fast as fractions
        part = cv2.resize(part, (part.shape[1] // 2, part.shape[0] // 2), interpolation=cv2.INTER_AREA)
    return part if shape_of(part) == size else cv2.resize(part, size[::-1], interpolation=cv2.INTER_AREA)


def _is_halved_well(shape: tuple[int, int], size: tuple[int, int]) -> bool:
    return all(length >= 4 * wanted and length % 2 == 0 for length, wanted in zip(shape, size, strict=True))


def _averaged_inside(part: NDArray[Any], padded: NDArray[np.uint8], size: tuple[int, int]) -> Reduced:
    """Averages of the pixels that are not padding; where more than half is padding, the output is padding."""
    kept, share = _split16(part, padded, size) if _is_16_bit(part) else _split(part, padded)
    share = _averaged(share, size) / np.float32(65_535 if _is_16_bit(part) else 1)
    mean = _averaged(kept, size) / np.maximum(share, np.float32(1e-6))
    empty = _mask8(share < 0.5)
    if has_table(part):
        mean[share < 0.5] = 0
        mean = np.rint(mean).astype(np.int16 if part.dtype == np.int8 else part.dtype)
    return Reduced(mean, empty)


def _is_16_bit(part: NDArray[Any]) -> bool:
    return part.dtype.kind in "iu" and part.dtype.itemsize == 2


def _split(part: NDArray[Any], padded: NDArray[np.uint8]) -> tuple[NDArray[Any], NDArray[Any]]:
    """The values with 0 for padding, and 1 where there is a picture, else 0; float32."""
    kept = np.where(padded, 0, part).astype(np.float32)
    return kept, np.where(padded, np.float32(0), np.float32(1))


def _split16(
    part: NDArray[Any], padded: NDArray[np.uint8], size: tuple[int, int]
) -> tuple[NDArray[Any], NDArray[Any]]:
    """The same in 16 bits, where 65535 stands for 1, halved at once where that loses nothing.

    Band by band, because a radiograph and its masks are many times larger than the caches of a processor.
    """
    step = 2 if _is_halved_well(shape_of(part), size) else 1
    halved = (part.shape[0] // step, part.shape[1] // step)
    kept, share = np.empty(halved, part.dtype), np.empty(halved, np.uint16)
    for top in range(0, part.shape[0], BAND_ROWS):
        band = slice(top, min(top + BAND_ROWS, part.shape[0]))
        valid = cv2.bitwise_not(padded[band])
        values = cv2.copyTo(part[band], valid, np.zeros_like(part[band]))
        out = slice(top // step, band.stop // step)
        kept[out] = _averaged(values, kept[out].shape)
        share[out] = _averaged(cv2.merge([valid, valid]).view(np.uint16)[..., 0], kept[out].shape)
    return kept, share
