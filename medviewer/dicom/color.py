"""Colours to red, green and blue in 8 bits, once (PS3.3 C.7.6.3.1.2, C.7.9)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from medviewer.dicom.attributes import Attributes, Values
from medviewer.kit.errors import DamagedFile

Rgb = NDArray[np.uint8]

_COLORS = ("Red", "Green", "Blue")
_FULL = np.array([[1, 0, 1.402], [1, -0.344136286, -0.714136286], [1, 1.772, 0]])
_PARTIAL = np.array(
    [[1.16438356, 0, 1.59602715], [1.16438356, -0.39176229, -0.81296765], [1.16438356, 2.01723214, 0]]
)
_MOST_RUNS = 1_000_000


def to_rgb(pixels: NDArray[np.generic], photometric: str, stored: int) -> Rgb:
    """Stored values (rows, columns, 3) of *stored* bits as RGB in 8 bits."""
    values = _in_8_bits(pixels, stored)
    if photometric in ("YBR_FULL", "YBR_FULL_422"):
        return _from_ybr(values, _FULL, 0)
    if photometric == "YBR_PARTIAL_422":
        return _from_ybr(values, _PARTIAL, 16)
    return values


def _in_8_bits(pixels: NDArray[np.generic], stored: int) -> Rgb:
    if pixels.dtype == np.uint8:
        return np.asarray(pixels, np.uint8)
    top = (1 << stored) - 1
    return np.round(np.minimum(pixels.astype(np.float64), top) * (255 / top)).astype(np.uint8)


def _from_ybr(values: Rgb, matrix: NDArray[np.float64], black: int) -> Rgb:
    """One exact table per term, so that a cine of colour costs three additions a pixel."""
    steps = np.arange(256)
    y, blue, red = values[..., 0], values[..., 1], values[..., 2]
    found = np.empty(values.shape, np.uint8)
    for channel in range(3):
        luma = ((steps - black) * matrix[channel, 0]).astype(np.float32)[y]
        luma += ((steps - 128) * matrix[channel, 1]).astype(np.float32)[blue]
        luma += ((steps - 128) * matrix[channel, 2]).astype(np.float32)[red]
        found[..., channel] = np.clip(np.rint(luma), 0, 255)
    return found


def from_422(data: bytes, rows: int, columns: int) -> Rgb:
    """Native pixels of which two share their colour, Y Y Cb Cr (C.7.6.3.1.2), as (rows, columns, 3) YBR."""
    quads = np.frombuffer(data, np.uint8, rows * columns * 2).reshape(rows, columns // 2, 4)
    found = np.empty((rows, columns, 3), np.uint8)
    found[:, 0::2, 0], found[:, 1::2, 0] = quads[..., 0], quads[..., 1]
    found[..., 1] = np.repeat(quads[..., 2], 2, axis=1)
    found[..., 2] = np.repeat(quads[..., 3], 2, axis=1)
    return found


def from_palette(pixels: NDArray[np.generic], attributes: Attributes) -> Rgb:
    """Indices as RGB. Raises DamagedFile when the file has no usable palette."""
    tables = [_table(attributes, name) for name in _COLORS]
    index = pixels.astype(np.int64)
    found = np.empty((*pixels.shape, 3), np.uint8)
    for channel, (first, entries) in enumerate(tables):
        found[..., channel] = entries[np.clip(index - first, 0, len(entries) - 1)]
    return found


def _table(attributes: Attributes, name: str) -> tuple[int, Rgb]:
    values = attributes.values
    descriptor = values.raw(f"{name}PaletteColorLookupTableDescriptor")
    trouble = DamagedFile(
        f"{attributes.name} cannot be shown: its colour palette is missing or broken.", "Get it again."
    )
    if len(descriptor) != 6:
        raise trouble
    count, first, bits = (int(value) for value in np.frombuffer(descriptor, "<u2"))
    count = count or 65536
    if attributes.signed and first >= 32768:
        first -= 65536
    entries = _entries(values, name, count, bits)
    if entries is None or bits not in (8, 16):
        raise trouble
    return first, entries


def _entries(values: Values, name: str, count: int, bits: int) -> Rgb | None:
    segmented = values.raw(f"Segmented{name}PaletteColorLookupTableData")
    data = values.raw(f"{name}PaletteColorLookupTableData")
    if segmented:
        wide = len(segmented) % 2 == 0 and bits == 16
        words = np.frombuffer(segmented, "<u2" if wide else np.uint8).astype(np.int64)
        entries = _expanded(words.tolist(), count)
        return None if entries is None else _to_8_bits(entries, bits)
    if len(data) >= 2 * count:
        return _to_8_bits(np.frombuffer(data, "<u2", count), bits)
    if len(data) >= count and bits == 8:
        return np.frombuffer(data, np.uint8, count)
    return None


def _to_8_bits(entries: NDArray[np.generic], bits: int) -> Rgb:
    """The high byte; writers that claim 16 bits and fill 8 are taken at what they fill (C.7.6.3.1.6)."""
    if bits == 16 and entries.size and int(entries.max()) > 255:
        return (entries.astype(np.int64) >> 8).astype(np.uint8)
    return np.minimum(entries.astype(np.int64), 255).astype(np.uint8)


def _expanded(words: list[int], count: int) -> NDArray[np.int64] | None:
    """A segmented table written out (C.7.9.2): 0 discrete, 1 linear, 2 indirect; None when it is broken."""
    found: list[int] = []
    position, runs = 0, 0
    pending: list[int] = []
    ends: list[int] = []
    try:
        while position < len(words) or ends:
            if ends and (position >= len(words) or not pending[-1]):
                position = ends.pop()
                pending.pop()
                continue
            runs += 1
            if runs > _MOST_RUNS or len(found) > count:
                return None
            kind, length = words[position], words[position + 1]
            if ends:
                pending[-1] -= 1
            if kind == 0:
                found += words[position + 2 : position + 2 + length]
                position += 2 + length
            elif kind == 1:
                found += _ramp(found[-1], words[position + 2], length)
                position += 3
            elif kind == 2 and not ends:
                ends.append(position + 4)
                pending.append(length)
                position = words[position + 2] | words[position + 3] << 16
            else:
                return None
    except IndexError:
        return None
    return np.array(found[:count], np.int64) if len(found) >= count else None


def _ramp(start: int, end: int, length: int) -> list[int]:
    return [round(start + (end - start) * step / length) for step in range(1, length + 1)]
