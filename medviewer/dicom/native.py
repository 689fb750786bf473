"""Uncompressed pixels, read where they stand; and stored bits to stored values (PS3.5 8.1, PS3.3 C.7.6.3)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.dicom.attributes import Attributes
from medviewer.dicom.color import from_422
from medviewer.dicom.syntax import BIG_ENDIAN
from medviewer.dicom.walk import Bytes
from medviewer.kit.errors import DamagedFile, TooLarge

LARGEST_FRAME = 2 << 30


def native_frame(attributes: Attributes, source: Bytes, frame: int) -> tuple[NDArray[Any], tuple[str, ...]]:
    """The frame as it stands in the file, and a remark when the file ends before it does.

    Raises DamagedFile when nothing of the frame is there, TooLarge before too much is allocated.
    """
    if attributes.photometric == "YBR_PARTIAL_420":
        raise DamagedFile(
            f"{attributes.name} contradicts itself: YBR_PARTIAL_420 stands in compressed pictures only.",
            "Get it again.",
        )
    halved = attributes.photometric in ("YBR_FULL_422", "YBR_PARTIAL_422")
    samples = 2 if halved else attributes.samples
    bits = attributes.rows * attributes.columns * samples * attributes.allocated
    start, end = bits * frame // 8, -(-bits * (frame + 1) // 8)
    if end - start > LARGEST_FRAME:
        raise TooLarge(
            f"A picture of {attributes.name} would need {(end - start) >> 20:,} MB.", "No real image does."
        )
    present = source.size - attributes.offset
    if attributes.length >= 0:
        present = min(present, attributes.length)
    there = min(end, present) - start
    if there <= 0:
        raise DamagedFile(
            f"Picture {frame + 1} of {attributes.name} is missing: the file ends before it.",
            "Get the file again.",
        )
    if attributes.syntax == BIG_ENDIAN and attributes.allocated <= 8 and _is_in_words(attributes, source):
        data = _out_of_words(source, attributes.offset, start, start + there)
    else:
        data = source.at(attributes.offset + start, there)
    remarks: tuple[str, ...] = ()
    if len(data) < end - start:
        remarks = (f"INCOMPLETE: only {100 * len(data) // (end - start)} % of this picture is in the file.",)
        data += bytes(end - start - len(data))
    return _shaped(data, attributes, bits * frame % 8, halved), remarks


def encapsulated_frame(attributes: Attributes, data: bytes, frame: int) -> NDArray[Any]:
    """The same from a fragment of its own (PS3.5 A.4.11). Raises DamagedFile when it ends early."""
    halved = attributes.photometric in ("YBR_FULL_422", "YBR_PARTIAL_422")
    samples = 2 if halved else attributes.samples
    bits = attributes.rows * attributes.columns * samples * attributes.allocated
    if len(data) < -(-bits // 8):
        raise DamagedFile(
            f"Picture {frame + 1} of {attributes.name} cannot be shown: its pixel data end early.",
            "Get the file again.",
        )
    return _shaped(data[: -(-bits // 8)], attributes, 0, halved)


def _is_in_words(attributes: Attributes, source: Bytes) -> bool:
    """Whether bytes of big-endian pixels were swapped in pairs, because they were written as words (OW)."""
    return source.at(attributes.offset - 8, 2) == b"OW"


def _out_of_words(source: Bytes, offset: int, start: int, end: int) -> bytes:
    """The bytes *start* to *end* after *offset*, exchanged in pairs; pictures may begin within one."""
    first = start & ~1
    pairs = source.at(offset + first, (end + 1 & ~1) - first)
    even = len(pairs) & ~1
    swapped = np.frombuffer(pairs[:even], "<u2").byteswap().tobytes() + pairs[even:]
    return swapped[start - first : end - first]


def _shaped(data: bytes, attributes: Attributes, skip_bits: int, halved: bool) -> NDArray[Any]:
    rows, columns, samples = attributes.rows, attributes.columns, attributes.samples
    if attributes.allocated == 1:
        bits = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")[skip_bits:]
        return bits[: rows * columns].reshape(rows, columns)
    if halved:
        return from_422(data, rows, columns)
    order = ">" if attributes.syntax == BIG_ENDIAN else "<"
    kind = "u" if attributes.pixel_keyword == "PixelData" else "f"
    values = np.frombuffer(data, f"{order}{kind}{attributes.allocated // 8}")
    if samples == 1:
        return values.reshape(rows, columns)
    if attributes.planar:
        return np.ascontiguousarray(values.reshape(samples, rows, columns).transpose(1, 2, 0))
    return values.reshape(rows, columns, samples)


def stored_values(pixels: NDArray[Any], attributes: Attributes) -> NDArray[Any]:
    """The stored values in the bits as they stand: unused bits masked away, signs extended.

    Floats become float32. The result is in this machine's byte order and owns its memory or is read-only.
    """
    if pixels.dtype.kind == "f":
        with np.errstate(over="ignore"):  # what is beyond the range of float32 becomes infinite
            return np.ascontiguousarray(pixels, np.float32)
    width = pixels.dtype.itemsize
    values = pixels.astype(f"=u{width}", copy=False).view(f"=u{width}")
    if attributes.stored == attributes.allocated or attributes.allocated == 1:
        return values.view(f"=i{width}") if attributes.signed else values
    room = 8 * width - attributes.stored
    # up to the highest bit, where unused bits fall off, and down again with the sign; one new array in all
    values = values << (8 * width - 1 - attributes.high_bit)
    if attributes.signed:
        values = values.view(f"=i{width}")
    values >>= room
    return values
