"""The one way to pixels: the same function draws the screen, the screenshot, the report and the test picture.

Crop to the region, reduce stored values to the size of the output, window, enlarge, lay labels over it, flip,
rotate. Because the window comes after the reduction, no window drag costs more than the screen is large.
"""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from medviewer.core.cut import Cut
from medviewer.core.fusion import Fusion
from medviewer.core.labels import LabelLook
from medviewer.core.pipeline import Pipeline
from medviewer.core.study import SeriesKey
from medviewer.core.voi import VOI
from medviewer.core.volume import Frame, read_only
from medviewer.imaging.compose import lay_labels
from medviewer.imaging.enhance.apply import Enhanced, enhance, enhanced_key, is_identity
from medviewer.imaging.grayscale import (
    effective_voi,
    greys8,
    has_table,
    lut8,
    normalised,
    outside,
    through_table,
)
from medviewer.imaging.resample import resize_mask
from medviewer.imaging.viewing import Region

__all__ = [
    "Enhanced",
    "Picture",
    "Reduced",
    "Region",
    "RenderRequest",
    "enhance",
    "enhanced_key",
    "reduce",
    "render",
]

BAND_ROWS = 128
PIXELS_FROM = 16.0
"""From this enlargement on the picture's pixels are shown as squares; below it they are interpolated."""


@dataclass(frozen=True, slots=True)
class RenderRequest:
    """Everything that decides what a picture looks like; equal requests give equal pixels.

    Without *region* the whole picture is shown, without *size* in its own pixels, 1:1.
    """

    series: SeriesKey
    index: int
    voi: VOI
    pipeline: Pipeline = Pipeline()
    labels: LabelLook | None = None
    region: Region | None = None
    size: tuple[int, int] | None = None
    """(rows, columns) of the output, after rotation"""
    rotation: int = 0
    """degrees clockwise: 0, 90, 180 or 270; applied after the flip"""
    flipped: bool = False
    """left and right exchanged"""
    cut: Cut | None = None
    """the plane that is shown instead of picture *index* itself"""
    colors: str = ""
    """the name of a colour map; "" is grey"""
    fusion: Fusion | None = None
    hidden_overlays: tuple[int, ...] = ()
    """groups of the file's overlays that are not drawn; core.beside_pixels.SHUTTER for the shutter"""

    @property
    def reduction(self) -> Hashable:
        """What `reduce` depends on, as a key: requests that differ in the window only share a `Reduced`."""
        return (self.series, self.index, self.cut, self.region, self.upright_size)

    @property
    def upright_size(self) -> tuple[int, int] | None:
        """(rows, columns) of the output before rotation."""
        if self.size is None or self.rotation % 180 == 0:
            return self.size
        return (self.size[1], self.size[0])


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """Finished pixels."""

    pixels: NDArray[np.uint8]
    """(row, column) grey or (row, column, 3) RGB; contiguous and read-only"""

    @property
    def size(self) -> tuple[int, int]:
        """(rows, columns)."""
        return self.pixels.shape[0], self.pixels.shape[1]

    @property
    def bytes(self) -> int:
        """The memory it takes."""
        return self.pixels.nbytes

    def bgra(self) -> NDArray[np.uint8]:
        """(row, column, 4) blue, green, red, opaque: what screens take without conversion."""
        grey = self.pixels.ndim == 2
        way = cv2.COLOR_GRAY2BGRA if grey else cv2.COLOR_RGB2BGRA
        return np.asarray(cv2.cvtColor(self.pixels, way), np.uint8)

    def rgb(self) -> NDArray[np.uint8]:
        """(row, column, 3); a new array that may be drawn on."""
        if self.pixels.ndim == 3:
            return self.pixels.copy()
        return np.asarray(cv2.cvtColor(self.pixels, cv2.COLOR_GRAY2RGB), np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class Reduced:
    """The part of a picture that is asked for, no larger than the output, in the numbers it came with."""

    values: NDArray[Any]
    padded: NDArray[np.uint8] | None
    """255 where there is no picture; None: nowhere"""

    @property
    def bytes(self) -> int:
        """The memory it takes when kept."""
        return self.values.nbytes + (0 if self.padded is None else self.padded.nbytes)


def reduce(frame: Frame, request: RenderRequest, enhanced: Enhanced | None = None) -> Reduced:
    """Crop and reduce what *request* shows: the part of `render` that a window drag need not repeat."""
    values = _source(frame, enhanced)
    rows, columns = (request.region or Region.whole(_shape(values))).slices(_shape(values))
    part = values[rows, columns]
    height, width = request.upright_size or _shape(part)
    target = (min(height, part.shape[0]), min(width, part.shape[1]))
    padded = _padded_part(frame, enhanced, part, rows, columns)
    if target == _shape(part):
        return Reduced(part, padded)
    if padded is None:
        return Reduced(_averaged(part, target), None)
    return _averaged_inside(part, padded, target)


def render(
    frame: Frame,
    labels: NDArray[np.uint8] | None,
    request: RenderRequest,
    enhanced: Enhanced | None = None,
    reduced: Reduced | None = None,
) -> Picture:
    """The picture that *request* asks for.

    *labels* is the label map's slice for this frame, drawn when *request.labels* says how. *enhanced* is what
    `enhance` made of the frame, voi and pipeline of the request; it is made here when missing. *reduced* is
    what `reduce` gave for the same `RenderRequest.reduction` and *enhanced*.
    """
    voi = effective_voi(frame, request.voi)
    if enhanced is None and request.pipeline.active:
        enhanced = enhance(frame, voi, request.pipeline)
    reduced = reduced or reduce(frame, request, enhanced)
    greys = _shown(frame, voi, enhanced, reduced)
    size = request.upright_size
    if size is None:
        size = _whole_size(frame, request.region)
    picture = _enlarged(greys, size)
    if labels is not None and request.labels is not None and request.labels.colors:
        rows, columns = (request.region or Region.whole(_shape(labels))).slices(_shape(labels))
        picture = lay_labels(picture, resize_mask(labels[rows, columns], size), request.labels)
    return Picture(read_only(_turned(picture, request.rotation, request.flipped)))


def _source(frame: Frame, enhanced: Enhanced | None) -> NDArray[Any]:
    if enhanced is not None:
        return enhanced.values
    return frame.pixels


def _shape(values: NDArray[Any]) -> tuple[int, int]:
    return values.shape[0], values.shape[1]


def _whole_size(frame: Frame, region: Region | None) -> tuple[int, int]:
    rows, columns = (region or Region.whole(_shape(frame.pixels))).slices(_shape(frame.pixels))
    return rows.stop - rows.start, columns.stop - columns.start


def _padded_part(
    frame: Frame, enhanced: Enhanced | None, part: NDArray[Any], rows: slice, columns: slice
) -> NDArray[np.uint8] | None:
    """Where the cropped *part* has no picture: 255 there, 0 elsewhere; None when nowhere."""
    if enhanced is not None:
        return None if enhanced.valid is None else _mask8(~enhanced.valid[rows, columns])
    if frame.is_color or (frame.padding is None and part.dtype.kind != "f"):
        return None
    if frame.padding is not None and has_table(part) and part.dtype.itemsize == 2:
        return _in_range(part, *sorted(frame.padding))
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
    while _is_halved_well(_shape(part), size):
        # whole factors are averaged ten times as fast as fractions
        part = cv2.resize(part, (part.shape[1] // 2, part.shape[0] // 2), interpolation=cv2.INTER_AREA)
    return part if _shape(part) == size else cv2.resize(part, size[::-1], interpolation=cv2.INTER_AREA)


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
    step = 2 if _is_halved_well(_shape(part), size) else 1
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


def _shown(frame: Frame, voi: VOI, enhanced: Enhanced | None, reduced: Reduced) -> NDArray[Any]:
    """8 bits of the reduced values, padding black."""
    greys: NDArray[Any]
    if enhanced is not None and enhanced.displayed:
        greys = greys8(reduced.values, voi.inverted)
    elif enhanced is not None:
        greys = greys8(normalised(reduced.values, voi), frame.inverted != voi.inverted)
    elif frame.is_color:
        greys = _colors(reduced.values, voi)
    elif has_table(frame.pixels):
        greys = through_table(reduced.values, lut8(frame, voi, padding=False))
    else:
        greys = greys8(normalised(frame.rescale.apply(reduced.values), voi), frame.inverted != voi.inverted)
    if reduced.padded is not None:
        greys = cv2.copyTo(greys, cv2.bitwise_not(reduced.padded), np.zeros_like(greys))
    return greys


def _colors(values: NDArray[np.uint8], voi: VOI) -> NDArray[np.uint8]:
    """Colour pixels as they are, unless the reader asks for a window: then it works on their luminance."""
    if not is_identity(voi):
        luminance = cv2.cvtColor(values, cv2.COLOR_RGB2GRAY).astype(np.float32)
        change = normalised(luminance, voi) * np.float32(255) - luminance
        values = np.clip(np.rint(values + change[..., None]), 0, 255).astype(np.uint8)
    return 255 - values if voi.inverted else values


def _enlarged(greys: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    if _shape(greys) == size:
        return greys
    factor = min(size[0] / greys.shape[0], size[1] / greys.shape[1])
    way = cv2.INTER_NEAREST_EXACT if factor >= PIXELS_FROM else cv2.INTER_LINEAR
    return cv2.resize(greys, size[::-1], interpolation=way)


def _turned(picture: NDArray[Any], rotation: int, flipped: bool) -> NDArray[Any]:
    if flipped:
        picture = cv2.flip(picture, 1)
    way = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}
    if rotation % 360:
        picture = cv2.rotate(picture, way[rotation % 360])
    # a crop of the file's own pixels must neither be a view of them nor be made read-only twice
    return np.array(picture, order="C") if picture.base is not None else picture
