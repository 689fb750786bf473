"""Words in a picture file that no picture shows: a text chunk of PNG, a comment of JPEG, a tag of TIFF."""

from __future__ import annotations

import struct
import zlib

LONGEST = 4000
_PNG_HEADER_END = 8 + 8 + 13 + 4
"""signature, then IHDR: its length and name, 13 bytes, checksum"""
_ORDERS = {b"II*\0": "<", b"MM\0*": ">"}
"""How a TIFF file begins whose offsets have 32 bits."""
_DESCRIPTION, _ASCII = 270, 2
_ENTRY = 12
_INLINE = 4
"""Bytes that an entry itself has room for."""


def noted_png(content: bytes, words: str) -> bytes:
    """The file with *words* as its Description (PNG specification, 11.3.3.2)."""
    data = b"tEXt" + b"Description\0" + _latin(words)
    length, checksum = len(data) - 4, zlib.crc32(data)
    chunk = length.to_bytes(4, "big") + data + checksum.to_bytes(4, "big")
    return content[:_PNG_HEADER_END] + chunk + content[_PNG_HEADER_END:]


def noted_jpeg(content: bytes, words: str) -> bytes:
    """The file with *words* as its comment (ITU-T T.81, B.2.4.5), after what JFIF wants first."""
    text = _latin(words)
    after = 4 + int.from_bytes(content[4:6], "big") if content[2:4] == b"\xff\xe0" else 2
    segment = b"\xff\xfe" + (len(text) + 2).to_bytes(2, "big") + text
    return content[:after] + segment + content[after:]


def noted_tiff(content: bytes, words: str) -> bytes:
    """The file with *words* as its ImageDescription (TIFF 6.0, sections 2 and 8), in ASCII as that wants.

    The text and a new directory that names it stand at the end; pixels stay where they are. A file that is no
    TIFF of 32 bits is given back as it was.
    """
    order = _ORDERS.get(content[:4])
    if order is None:
        return content
    (at,) = struct.unpack_from(f"{order}I", content, 4)
    (count,) = struct.unpack_from(f"{order}H", content, at)
    start, end = at + 2, at + 2 + count * _ENTRY
    entries = [content[one : one + _ENTRY] for one in range(start, end, _ENTRY)]
    text = words[:LONGEST].replace("°", " deg").encode("ascii", "replace").ljust(_INLINE) + b"\0"
    place = len(content) + len(content) % 2
    directory = place + len(text) + len(text) % 2
    entries = [one for one in entries if struct.unpack_from(f"{order}H", one)[0] != _DESCRIPTION]
    entries.append(struct.pack(f"{order}HHII", _DESCRIPTION, _ASCII, len(text), place))
    entries.sort(key=lambda one: struct.unpack_from(f"{order}H", one))
    return b"".join(
        (
            content[:4],
            struct.pack(f"{order}I", directory),
            content[8:].ljust(place - 8, b"\0"),
            text.ljust(directory - place, b"\0"),
            struct.pack(f"{order}H", len(entries)),
            *entries,
            content[end : end + 4],
        )
    )


def _latin(words: str) -> bytes:
    """PNG and JPEG count on Latin-1."""
    return words[:LONGEST].encode("latin-1", "replace")
