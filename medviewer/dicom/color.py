"""Colours to red, green and blue in 8 bits, once (PS3.3 C.7.6.3.1.2, C.7.9)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.beside_pixels import Supplement
from medviewer.core.volume import read_only
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
    if photometric in ("YBR_PARTIAL_422", "YBR_PARTIAL_420"):
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


def from_palette(pixels: NDArray[Any], attributes: Attributes) -> Rgb:
    """Indices as RGB. Raises DamagedFile when the file has no usable palette."""
    found = palette_of(attributes)
    if found is None:
        raise DamagedFile(
            f"{attributes.name} cannot be shown: its colour palette is missing or broken.", "Get it again."
        )
    first, colors = found
    if pixels.dtype == np.uint8:
        # one table for all 256 indices costs a sixth of clipping every pixel
        by_index = colors[np.clip(np.arange(256) - first, 0, len(colors) - 1)]
        return np.asarray(by_index[pixels], np.uint8)
    index = np.clip(pixels.astype(np.int64) - first, 0, len(colors) - 1)
    return np.asarray(colors[index], np.uint8)


def supplement_of(attributes: Attributes) -> Supplement | None:
    """The colours of the highest values of a picture that is otherwise grey; None where there are none."""
    wanted = (
        attributes.samples == 1
        and attributes.photometric != "PALETTE COLOR"
        and attributes.values.text("PixelPresentation") in ("COLOR", "MIXED")
    )
    found = palette_of(attributes) if wanted else None
    return None if found is None else Supplement(found[0], read_only(found[1]))


def palette_of(attributes: Attributes) -> tuple[int, Rgb] | None:
    """The first index that has a colour, and the colours (entry, 3); None without a usable palette.

    Indices before the first take the first colour, those behind the last the last (PS3.3 C.7.6.3.1.5).
    """
    tables = [_table(attributes, name) for name in _COLORS]
    usable = [table for table in tables if table is not None]
    if len(usable) != len(_COLORS) or not all(len(entries) for _, entries in usable):
        return None
    first = min(start for start, _ in usable)
    last = max(start + len(entries) for start, entries in usable)
    # writers that claim 16 bits and fill 8 are taken at what they fill (C.7.6.3.1.6)
    shift = 8 if any(int(entries.max()) > 255 for _, entries in usable) else 0
    colors = np.empty((last - first, 3), np.uint8)
    index = np.arange(first, last)
    for channel, (start, entries) in enumerate(usable):
        colors[:, channel] = (entries >> shift)[np.clip(index - start, 0, len(entries) - 1)]
    return first, colors


def _table(attributes: Attributes, name: str) -> tuple[int, NDArray[np.int64]] | None:
    """The first index and the entries, in the bits of the file."""
    values = attributes.values
    descriptor = values.raw(f"{name}PaletteColorLookupTableDescriptor")
    if len(descriptor) != 6:
        return None
    count, first, bits = (int(value) for value in np.frombuffer(descriptor, "<u2"))
    if bits not in (8, 16):
        return None
    if attributes.signed and first >= 32768:
        first -= 65536
    entries = _entries(values, name, count or 65536, bits)
    return None if entries is None else (first, entries)


def _entries(values: Values, name: str, count: int, bits: int) -> NDArray[np.int64] | None:
    segmented = values.raw(f"Segmented{name}PaletteColorLookupTableData")
    data = values.raw(f"{name}PaletteColorLookupTableData")
    limit = (1 << bits) - 1
    if segmented:
        width = 2 if len(segmented) % 2 == 0 and bits == 16 else 1
        words = np.frombuffer(segmented, f"<u{width}").astype(np.int64).tolist()
        found = _expanded(words, count, width)
        return None if found is None else np.minimum(found, limit)
    if len(data) >= 2 * count:
        return np.minimum(np.frombuffer(data, "<u2", count).astype(np.int64), limit)
    if len(data) >= count and bits == 8:
        return np.frombuffer(data, np.uint8, count).astype(np.int64)
    return None


def _expanded(words: list[int], count: int, width: int) -> NDArray[np.int64] | None:
    """A segmented table of *width* bytes an entry written out (C.7.9.2); None when it is broken.

    Segments are 0 discrete, 1 linear, 2 indirect: some segments again, from an offset in bytes on.
    """
    found: list[int] = []
    starts: set[int] = set()
    position = runs = again = 0
    back = -1
    try:
        while len(found) < count:
            runs += 1
            if runs > _MOST_RUNS:
                return None
            if back < 0:
                starts.add(position)
            kind, length = words[position], words[position + 1]
            if kind == 0:
                found += words[position + 2 : position + 2 + length]
                position += 2 + length
            elif kind == 1 and length:
                found += _ramp(found[-1], words[position + 2], length)
                position += 3
            elif kind == 2 and back < 0 and length:
                offset, size = _offset(words, position + 2, width)
                back, again = position + 2 + size, length
                # an offset counts bytes; some writers count entries, which begin nowhere else
                position = offset // width if offset % width == 0 and offset // width in starts else offset
                if position not in starts:
                    return None
                continue
            else:
                return None
            if back >= 0:
                again -= 1
                if not again:
                    position, back = back, -1
    except IndexError:
        return None
    return np.array(found[:count], np.int64)


def _offset(words: list[int], at: int, width: int) -> tuple[int, int]:
    """An offset of 32 bits at *at*, lowest part first, and how many words it takes."""
    size = 4 // width
    return sum(words[at + part] << (8 * width * part) for part in range(size)), size


def _ramp(start: int, end: int, length: int) -> list[int]:
    return [round(start + (end - start) * step / length) for step in range(1, length + 1)]
