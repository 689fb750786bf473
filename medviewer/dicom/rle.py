"""RLE Lossless (PS3.5 annex G), in bounds that cannot be exceeded."""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

from medviewer.dicom.precheck import Refused


def decode_rle(data: bytes, rows: int, columns: int, samples: int, allocated: int) -> NDArray[np.generic]:
    """The frame as (rows, columns[, samples]), unsigned. Raises Refused.

    Pictures of one bit come as packed bits or as a byte for each pixel.
    """
    width = max(1, allocated // 8)
    segments = _segments(data, samples * width)
    pixels = rows * columns
    wanted = pixels
    if allocated == 1:
        packed = _unpacked(segments[0], pixels)
        if len(packed) < pixels:
            if len(packed) < -(-pixels // 8):
                raise Refused("is cut off: its runs end before the picture does")
            bits = np.unpackbits(np.frombuffer(packed, np.uint8), count=pixels, bitorder="little")
            return bits.reshape(rows, columns)
        return np.frombuffer(packed, np.uint8)[:pixels].reshape(rows, columns)
    planes = np.empty((samples, width, pixels), np.uint8)
    for at, segment in enumerate(segments):
        values = _unpacked(segment, wanted)
        if len(values) < wanted:
            raise Refused("is cut off: its runs end before the picture does")
        planes[at // width, at % width] = np.frombuffer(values, np.uint8)
    # the most significant byte comes first
    whole = np.ascontiguousarray(planes.transpose(2, 0, 1)).view(f">u{width}")
    native = whole.astype(f"=u{width}")
    return native.reshape(rows, columns, samples) if samples > 1 else native.reshape(rows, columns)


def _segments(data: bytes, wanted: int) -> list[bytes]:
    if len(data) < 64:
        raise Refused("ends inside its own header")
    count, *offsets = struct.unpack_from("<16I", data)
    if count != wanted:
        raise Refused(f"has {count} segments inside where {wanted} belong")
    starts = [*offsets[:count], len(data)]
    if starts[0] < 64 or any(before > after for before, after in zip(starts, starts[1:], strict=False)):
        raise Refused("has segments that lie outside of it")
    return [data[start:end] for start, end in zip(starts, starts[1:], strict=False)]


def _unpacked(segment: bytes, most: int) -> bytes:
    """The PackBits runs of a segment, at most *most* bytes."""
    found = bytearray()
    position, end = 0, len(segment)
    while position < end and len(found) < most:
        run = segment[position]
        if run < 128:
            found += segment[position + 1 : position + 2 + run]
            position += 2 + run
        elif run > 128:
            found += segment[position + 1 : position + 2] * (257 - run)
            position += 2
        else:
            position += 1
    return bytes(found[:most])
