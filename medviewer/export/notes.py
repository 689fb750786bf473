"""Words inside a picture file: a text chunk of PNG, a comment of JPEG. They are not seen in the picture."""

from __future__ import annotations

import zlib

LONGEST = 4000
_PNG_HEADER_END = 8 + 8 + 13 + 4
"""signature, then IHDR: its length and name, 13 bytes, checksum"""


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


def _latin(words: str) -> bytes:
    """Both formats count on Latin-1."""
    return words[:LONGEST].encode("latin-1", "replace")
