"""The size that a JPEG XL stream announces, read before a decoder believes it (ISO 18181-1, 18181-2)."""

from __future__ import annotations

import struct

CODESTREAM = b"\xff\x0a"
CONTAINER = b"\0\0\0\x0cJXL "
_WIDTHS = (9, 13, 18, 30)
_RATIOS = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))


def size_of(data: bytes) -> tuple[int, int] | None:
    """(rows, columns), None for what is no JPEG XL stream. Raises IndexError or struct.error when cut off."""
    stream = _codestream(data) if data.startswith(CONTAINER) else data
    if stream[:2] != CODESTREAM:
        return None
    bits = _Bits(stream[2:16])
    in_eights = bits.take(1)
    rows = _length(bits, in_eights)
    ratio = bits.take(3)
    if ratio == 0:
        return rows, _length(bits, in_eights)
    over, under = _RATIOS[ratio - 1]
    return rows, rows * over // under


class _Bits:
    """Bits from the lowest of the first byte on."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "little")
        self._left = 8 * len(data)

    def take(self, count: int) -> int:
        if count > self._left:
            raise IndexError
        found = self._value & ((1 << count) - 1)
        self._value >>= count
        self._left -= count
        return found


def _length(bits: _Bits, in_eights: int) -> int:
    if in_eights:
        return 8 * (bits.take(5) + 1)
    return bits.take(_WIDTHS[bits.take(2)]) + 1


def _codestream(data: bytes) -> bytes:
    """The beginning of the codestream in the boxes of a container; empty when there is none."""
    position = 0
    while position + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, position)
        start = position + 8
        if length == 1:
            length = struct.unpack_from(">Q", data, start)[0]
            start += 8
        if kind == b"jxlc":
            return data[start : start + 16]
        if kind == b"jxlp":
            return data[start + 4 : start + 20]
        if length < start - position:
            break
        position += length
    return b""
