"""Reads what a compressed frame says about itself, before any decoder allocates or believes it.

A lying header of 3 KB can cost a decoder 12 GB, and JPEG decoders give half a picture without a word. Both
are stopped here (PS3.5 annexes A.4 and G, ISO 10918-1 annex B, ISO 14495-1 annex C, ISO 15444-1 annex A).
"""

from __future__ import annotations

import struct

from medviewer.dicom import jpeg_xl
from medviewer.dicom.syntax import Coding
from medviewer.kit.frozen import frozen

MOST_TILES = 65_535
UNKNOWN = 0


class Refused(Exception):
    """The frame does not fit its data set or is not whole; *args[0]* says why, as the end of a sentence."""


class NotYet(Exception):
    """The frame needs more time than one answer may take: ask again, and the work goes on."""


@frozen
class Stream:
    """What a compressed frame says about itself."""

    rows: int
    columns: int
    samples: int
    precision: int
    """bits a pixel and component; like *samples*, UNKNOWN (0) where only decoding would tell"""
    lossless: bool = False
    signed: bool = False
    is_rgb: bool | None = None
    """whether three components are red, green and blue; None when the stream does not say"""


def inspected(data: bytes, coding: Coding) -> Stream | None:
    """What the frame says; None for codings without a header of their own. Raises Refused."""
    try:
        if coding in (Coding.JPEG, Coding.JPEG_LS):
            return _jpeg(data)
        if coding is Coding.JPEG_2000:
            return _jpeg_2000(data)
        if coding is Coding.JPEG_XL:
            return _jpeg_xl(data)
    except (struct.error, IndexError):
        raise Refused("ends inside its own header") from None
    return None


def check(stream: Stream, rows: int, columns: int, samples: int, allocated: int) -> None:
    """Refuse a frame that is not what the data set announces."""
    if (stream.rows, stream.columns) != (rows, columns):
        raise Refused(
            f"says {stream.rows} x {stream.columns} pixels inside and {rows} x {columns} in its header"
        )
    if stream.samples not in (UNKNOWN, samples):
        raise Refused(f"has {stream.samples} colour components inside and {samples} in its header")
    if stream.precision > max(allocated, 8) or not (stream.precision or stream.samples == UNKNOWN):
        raise Refused(f"has {stream.precision} bits a pixel inside and room for {allocated}")


_FRAME_MARKERS = frozenset((*range(0xC0, 0xD0), 0xF7)) - {0xC4, 0xC8, 0xCC}
_ALONE = frozenset((0x01, *range(0xD0, 0xD8)))


def _jpeg(data: bytes) -> Stream:
    if data[:2] != b"\xff\xd8":
        raise Refused("does not begin like a JPEG stream")
    if data.rstrip(b"\0\xff")[-1:] != b"\xd9" or b"\xff\xd9" not in data[-4096:]:
        raise Refused("is cut off: the mark of its end is missing")
    position, adobe, jfif = 2, None, False
    while True:
        while data[position] == 0xFF and data[position + 1] == 0xFF:
            position += 1
        if data[position] != 0xFF:
            raise Refused("is damaged before its picture begins")
        marker = data[position + 1]
        position += 2
        if marker in _ALONE:
            continue
        length = struct.unpack_from(">H", data, position)[0]
        body = data[position + 2 : position + length]
        if marker == 0xEE and body[:5] == b"Adobe" and len(body) >= 12:
            adobe = body[11]
        elif marker == 0xE0 and body[:4] == b"JFIF":
            jfif = True
        elif marker in _FRAME_MARKERS:
            return _jpeg_frame(marker, body, adobe, jfif)
        elif marker in (0xDA, 0xD9):
            raise Refused("has no picture")
        position += length


def _jpeg_frame(marker: int, body: bytes, adobe: int | None, jfif: bool) -> Stream:
    precision, rows, columns, samples = struct.unpack_from(">BHHB", body)
    names = tuple(body[6 + 3 * at] for at in range(samples))
    return Stream(
        rows, columns, samples, precision, marker in (0xC3, 0xF7), is_rgb=_jpeg_is_rgb(names, adobe, jfif)
    )


def _jpeg_is_rgb(names: tuple[int, ...], adobe: int | None, jfif: bool) -> bool | None:
    """What the stream says about its colours: Adobe's marker, then the components' names, then JFIF."""
    if len(names) != 3:
        return None
    if adobe is not None:
        return adobe == 0
    if names == (82, 71, 66):
        return True
    return False if jfif else None


def _jpeg_xl(data: bytes) -> Stream:
    size = jpeg_xl.size_of(data)
    if size is None:
        raise Refused("does not begin like a JPEG XL stream")
    return Stream(*size, UNKNOWN, UNKNOWN)


def _jpeg_2000(data: bytes) -> Stream:
    start = 0
    if data[:4] == b"\0\0\0\x0c":
        start = data.find(b"\xff\x4f\xff\x51")
    if start < 0 or data[start : start + 4] != b"\xff\x4f\xff\x51":
        raise Refused("does not begin like a JPEG 2000 stream")
    fields = struct.unpack_from(">HHIIIIIIIIH", data, start + 4)
    _, _, right, bottom, left, top, tile_width, tile_height, tile_left, tile_top, samples = fields
    if not (tile_width and tile_height and right > left and bottom > top):
        raise Refused("has no size inside")
    tiles = -(-(right - tile_left) // tile_width) * -(-(bottom - tile_top) // tile_height)
    if tiles > MOST_TILES:
        raise Refused(f"claims {tiles:,} tiles")
    depths = data[start + 42 : start + 42 + 3 * samples]
    if len(depths) < 3 * samples or not samples:
        raise Refused("ends inside its own header")
    if any(depths[at] != depths[0] for at in range(0, len(depths), 3)):
        raise Refused("has colour components of different depth")
    if any(step != 1 for at in range(0, len(depths), 3) for step in depths[at + 1 : at + 3]):
        raise Refused("has colour components of different size")
    _tiles_are_whole(data, start + 2)
    return Stream(bottom - top, right - left, samples, (depths[0] & 0x7F) + 1, signed=bool(depths[0] & 0x80))


def _tiles_are_whole(data: bytes, position: int) -> None:
    """Follow the marker segments and tile parts to the end of the codestream (ISO 15444-1 A.4)."""
    while True:
        marker = struct.unpack_from(">H", data, position)[0]
        if marker == 0xFFD9:
            return
        if marker == 0xFF90:
            length = struct.unpack_from(">I", data, position + 6)[0]
            if length == 0:
                if b"\xff\xd9" not in data[-16:]:
                    raise Refused("is cut off: the mark of its end is missing")
                return
            if length < 14 or position + length > len(data):
                raise Refused("is cut off: a part of its picture is missing")
            position += length
            if position >= len(data) - 1:
                # some writers leave out the mark of the end; every tile part is whole
                return
        elif marker >> 8 == 0xFF:
            position += 2 + struct.unpack_from(">H", data, position + 2)[0]
        elif not any(data[position:]):
            return
        else:
            raise Refused("is damaged between its tiles")
