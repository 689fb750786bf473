"""Stored values to greys: modality, VOI and presentation (PS3.3 C.11.1, C.11.2, C.7.6.3.1.2).

Stored values of up to 16 bits go through one composed table of 65,536 greys; wider and float pixels through
the same formulas. Padding (PS3.3 C.7.5.1.1.2) is black, whatever is inverted.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from medviewer.core.voi import VOI, Curve, Lut
from medviewer.core.volume import Frame, Padding, Rescale, Volume, is_padding, read_only
from medviewer.kit.errors import BadValue

LEVELS = 65_536
COLOR_WINDOW = VOI.from_range(0, 255)
"""Colour pictures are shown as they are; a reader who windows them starts from here."""
NARROW = 255
"""Pictures with no more steps than this are shown from their lowest to their highest value."""
STACK_SAMPLES = 128
"""Voxels along each axis of a stack that are looked at for its window."""
TRIM_PERCENT = 0.5
"""What a wider picture may lose at either end, so that metal or a marker cannot darken the rest."""


def effective_voi(frame: Frame, wanted: VOI) -> VOI:
    """*wanted* when it is known, else the file's first usable window, else `automatic_voi`.

    The reader's inversion is kept in every case. Colour pictures answer the window that changes nothing.
    """
    if wanted.is_known:
        return wanted
    found = COLOR_WINDOW if frame.is_color else next((voi for voi in frame.windows if voi.is_known), None)
    return (found or automatic_voi(frame)).with_inversion(wanted.inverted)


def reader_voi(center: float, width: float, frame: Frame | None) -> VOI:
    """The window that a reader names by two numbers, for the values of *frame*; see `VOI.is_known`.

    Where values are no whole numbers (SUV, ADC), and below a width of 1, black and white begin at its very
    ends: the standard's LINEAR would take half a unit from either.
    """
    is_linear = width >= 1 and (frame is None or frame.in_whole_numbers)
    return VOI(center, width, Curve.LINEAR if is_linear else Curve.LINEAR_EXACT)


def automatic_voi(frame: Frame) -> VOI:
    """A window from the picture's own values, padding and non-numbers left out.

    From the lowest to the highest value when they are at most 255 apart (8-bit pictures, counts), otherwise
    without the outer 0.5 percent on either side. The edges are just black and just white (LINEAR_EXACT); a
    picture of one value gets a window of width 1 around it.
    """
    if frame.is_color:
        return COLOR_WINDOW
    values, counts = _counted(frame)
    if not len(values):
        return VOI.from_range(0, 1, name="Automatic")
    lowest, highest = float(values[0]), float(values[-1])
    if highest - lowest > NARROW:
        reached = np.cumsum(counts)
        share = reached[-1] * TRIM_PERCENT / 100
        low = float(values[np.searchsorted(reached, share, side="right")])
        high = float(values[np.searchsorted(reached, reached[-1] - share, side="left")])
        # a picture that is nearly all background keeps its full range
        lowest, highest = (low, high) if high > low else (lowest, highest)
    if highest <= lowest:
        lowest, highest = lowest - 0.5, lowest + 0.5
    return VOI.from_range(lowest, highest, name="Automatic")


def is_flat(frame: Frame) -> bool:
    """Whether a grey picture has a single value, or none: padding and non-numbers left out."""
    values, _ = _counted(frame)
    return len(values) == 0 or float(values[0]) == float(values[-1])


def automatic_stack_voi(volume: Volume) -> VOI:
    """The same for all pictures of a stack, from voxels that are spread evenly over it."""
    steps = tuple(max(1, length // STACK_SAMPLES) for length in volume.voxels.shape)
    some = volume.voxels[:: steps[0], :: steps[1], :: steps[2]]
    pixels = np.ascontiguousarray(some.reshape(-1, some.shape[-1]))
    plane = volume.geometry.plane(0)
    return automatic_voi(Frame(pixels, plane, volume.rescale, volume.padding, volume.inverted))


def normalised(values: NDArray[Any], voi: VOI) -> NDArray[Any]:
    """Modality values (float32 or float64) as 0 (black) to 1 (white) through a known *voi*.

    The reader's inversion is not applied here. LINEAR, LINEAR_EXACT and SIGMOID after PS3.3 C.11.2.1.2 and
    C.11.2.1.3, tables after C.11.2.1.1. Raises BadValue when *voi* is unknown.
    """
    if not voi.is_known:
        raise BadValue("No window has been chosen for this picture.", "Choose one, or the automatic window.")
    if voi.lut is not None:
        return _through_table(values, voi.lut)
    if voi.curve is Curve.SIGMOID:
        # beyond 80 the exponential is 0 or infinite in float32 anyway
        exponent = np.clip((values - voi.center) * (-4 / voi.width), -80, 80)
        return 1 / (1 + np.exp(exponent))
    if voi.curve is Curve.LINEAR and voi.width == 1:
        return (values > voi.center - 0.5).astype(values.dtype)
    is_linear = voi.curve is Curve.LINEAR
    greys = values - (voi.center - 0.5 if is_linear else voi.center)
    greys *= 1 / (voi.width - 1 if is_linear else voi.width)
    greys += 0.5
    return np.clip(greys, 0, 1, out=greys)


def greys8(normal: NDArray[Any], inverted: bool) -> NDArray[np.uint8]:
    """0..1 as 0..255, rounded to the nearest; what is no number is black."""
    scaled = normal * normal.dtype.type(255)
    scaled += 0.5
    np.nan_to_num(scaled, copy=False, nan=0.0)
    return _bytes(scaled, inverted)


def has_table(pixels: NDArray[Any]) -> bool:
    """Whether stored values of this type go through a table: whole numbers of up to 16 bits."""
    return pixels.dtype.kind in "iu" and pixels.dtype.itemsize <= 2


def lut8(frame: Frame, voi: VOI, *, padding: bool = True) -> NDArray[np.uint8]:
    """The grey of each stored value of *frame* through a known *voi*: (65536,), read-only.

    Indexed by the uint16 view of the stored value. Composed of modality, VOI, the file's inversion
    (MONOCHROME1) and the reader's. With *padding*, stored padding values are black.
    """
    is_signed = frame.pixels.dtype.kind == "i"
    return _grey_table(frame.rescale, is_signed, voi, frame.inverted, frame.padding if padding else None)


def through_table(stored: NDArray[Any], table: NDArray[np.uint8]) -> NDArray[Any]:
    """The greys (uint8) of *stored* (8 or 16 bits) by a table of `lut8`; same shape."""
    if stored.dtype == np.uint8:
        return cv2.LUT(stored, table[:256])
    if stored.dtype.itemsize == 1:
        stored = stored.astype(np.int16)
    return cv2.LUT(stored.view(np.uint16), table)


def outside(frame: Frame) -> NDArray[np.bool_] | None:
    """Where a grey picture has no values: padding, and non-numbers of float pixels. None when nowhere."""
    mask = frame.padded
    if frame.pixels.dtype.kind != "f":
        return mask
    strange = ~np.isfinite(frame.pixels)
    if mask is not None:
        strange |= mask
    return strange if strange.any() else None


def _through_table(values: NDArray[Any], lut: Lut) -> NDArray[Any]:
    entries = np.asarray(lut.entries, values.dtype) / (2**lut.bits - 1)
    index = np.clip(np.nan_to_num(np.rint(values)) - lut.first, 0, len(entries) - 1)
    found: NDArray[Any] = np.minimum(entries[index.astype(np.int64)], 1)
    return found


def _bytes(scaled: NDArray[Any], inverted: bool) -> NDArray[np.uint8]:
    greys: NDArray[np.uint8] = scaled.astype(np.uint8)
    if inverted:
        np.bitwise_not(greys, out=greys)
    return greys


@lru_cache(maxsize=8)
def _modality_values(rescale: Rescale, is_signed: bool) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """(stored value, modality value) of every 16-bit pattern."""
    stored = np.arange(LEVELS, dtype=np.uint16).view(np.int16 if is_signed else np.uint16)
    if rescale.lut is None:
        values = stored.astype(np.float64) * rescale.slope + rescale.intercept
    else:
        values = np.asarray(rescale.apply(stored), np.float64)
    return read_only(stored), read_only(np.nan_to_num(values))


@lru_cache(maxsize=32)
def _grey_table(
    rescale: Rescale, is_signed: bool, voi: VOI, inverted: bool, padding: Padding | None
) -> NDArray[np.uint8]:
    stored, values = _modality_values(rescale, is_signed)
    if rescale.lut is None and voi.lut is None and voi.curve is not Curve.SIGMOID:
        # the numbers of either sign rise, or fall, with their patterns
        table = np.concatenate([_ramp(half, voi) for half in np.split(values, 2)])
    else:
        table = _bytes_of_numbers(normalised(values, voi))
    if inverted != voi.inverted:
        np.bitwise_not(table, out=table)
    if padding is not None:
        table[is_padding(stored, padding)] = 0
    return read_only(table)


def _ramp(values: NDArray[np.float64], voi: VOI) -> NDArray[np.uint8]:
    """The greys of *values* that only rise or only fall: most are black or white, which is no arithmetic."""
    if values[0] > values[-1]:
        return _ramp(values[::-1], voi)[::-1]
    reach = 0.51 * voi.width + 1
    first, end = np.searchsorted(values, (voi.center - reach, voi.center + reach))
    greys = np.zeros(len(values), np.uint8)
    greys[end:] = 255
    greys[first:end] = _bytes_of_numbers(normalised(values[first:end], voi))
    return greys


def _bytes_of_numbers(normal: NDArray[np.float64]) -> NDArray[np.uint8]:
    """0..1 as 0..255, where all are numbers: a window drag need not look for others. *normal* is used up."""
    normal *= 255
    normal += 0.5
    return normal.astype(np.uint8)


def _counted(frame: Frame) -> tuple[NDArray[np.float64], NDArray[Any]]:
    """The modality values that occur in the picture, ascending, and how often."""
    if has_table(frame.pixels):
        return _counted_by_pattern(frame)
    nowhere = outside(frame)
    values = frame.values() if nowhere is None else frame.values()[~nowhere]
    return np.sort(values, axis=None).astype(np.float64), np.ones(values.size)


def _counted_by_pattern(frame: Frame) -> tuple[NDArray[np.float64], NDArray[Any]]:
    pixels = frame.pixels if frame.pixels.dtype != np.int8 else frame.pixels.astype(np.int16)
    is_signed = pixels.dtype.kind == "i"
    patterns = pixels if pixels.dtype == np.uint8 else np.ascontiguousarray(pixels).view(np.uint16)
    levels = 256 if pixels.dtype == np.uint8 else LEVELS
    counts = np.zeros(LEVELS)
    counts[:levels] = cv2.calcHist([patterns], [0], None, [levels], [0, levels]).ravel()
    stored, values = _modality_values(frame.rescale, is_signed)
    if frame.padding is not None:
        counts[is_padding(stored, frame.padding)] = 0
    used = np.flatnonzero(counts)
    used = used[np.argsort(values[used], kind="stable")]
    return values[used], counts[used]
