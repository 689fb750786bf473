"""Encapsulated pixel data: which bytes belong to which frame (PS3.5 annex A.4)."""

from __future__ import annotations

import struct
from itertools import pairwise

from medviewer.dicom import jpeg_xl
from medviewer.dicom.walk import Bytes
from medviewer.kit.errors import DamagedFile, TooLarge
from medviewer.kit.frozen import frozen

MOST_FRAGMENTS = 500_000
LARGEST_FRAME = 1 << 30
_ITEM, _DELIMITER = (0xFFFE, 0xE000), (0xFFFE, 0xE0DD)
_STARTS = (b"\xff\xd8\xff", b"\xff\x4f\xff\x51", b"\0\0\0\x0cjP  ", jpeg_xl.CODESTREAM, jpeg_xl.CONTAINER)


@frozen
class Fragments:
    """The fragments of one object, sorted to frames."""

    frames: tuple[tuple[tuple[int, int], ...], ...]
    """for each frame, its fragments as (offset, length)"""
    remarks: tuple[str, ...] = ()
    cut: bool = False
    """whether the file ends inside the last fragment"""
    is_stream: bool = False
    """whether all frames are one stream, a video, in all fragments together"""

    def read(self, source: Bytes, frame: int, name: str) -> bytes:
        """The compressed bytes of a frame. Raises DamagedFile or TooLarge."""
        if frame >= len(self.frames):
            raise DamagedFile(
                f"Picture {frame + 1} of {name} is missing: the file ends before it.", "Get the file again."
            )
        if self.cut and frame == len(self.frames) - 1:
            raise DamagedFile(
                f"Picture {frame + 1} of {name} cannot be shown: the file is cut off in the middle of it.",
                "Get the file again; the pictures before it can be used.",
            )
        if sum(length for _, length in self.frames[frame]) > LARGEST_FRAME:
            raise TooLarge(
                f"A picture of {name} has more than 1 GB of compressed data.", "No real image does."
            )
        return b"".join(source.at(offset, length) for offset, length in self.frames[frame])


def find_fragments(
    source: Bytes, start: int, count: int, name: str, table: bytes = b"", one_each: bool = False
) -> Fragments:
    """Sort the fragments from *start* to *count* frames.

    *table* is the Extended Offset Table; with *one_each* a frame is always one fragment (RLE). Offset tables
    that contradict the fragments are not believed. Raises DamagedFile or TooLarge.
    """
    offsets, fragments, cut, open_ended = _items(source, start, name)
    remarks: tuple[str, ...] = ()
    if open_ended or cut:
        remarks = ("The pixel data do not end as they should: the file may be cut off.",)
    if not fragments:
        raise DamagedFile(f"{name} holds no pixel data, only their frame.", "Get the file again.")
    if len(table) == 8 * count:
        offsets = struct.unpack(f"<{count}Q", table)
    groups = _by_table(fragments, offsets, count)
    if groups is None or one_each:
        lied = groups is None and len(offsets) > 0 and any(offsets)
        groups = _by_order(source, fragments, count, name, one_each)
        remarks += ("The table of frames in the file is wrong; it was not used.",) if lied else ()
    return Fragments(groups, remarks, cut)


def find_stream(source: Bytes, start: int, name: str) -> Fragments:
    """All fragments from *start* as the one stream of a video. Raises DamagedFile or TooLarge."""
    _, fragments, cut, open_ended = _items(source, start, name)
    if not fragments:
        raise DamagedFile(f"{name} holds no pixel data, only their frame.", "Get the file again.")
    remarks = ("The pixel data do not end as they should: the file may be cut off.",)
    return Fragments((tuple(fragments),), remarks if open_ended or cut else (), cut, is_stream=True)


def _items(source: Bytes, start: int, name: str) -> tuple[tuple[int, ...], list[tuple[int, int]], bool, bool]:
    """The basic offset table, the fragments, whether the last is cut, whether the end is missing."""
    table: tuple[int, ...] | None = None
    fragments: list[tuple[int, int]] = []
    window, base, position = b"", start, start
    while True:
        at = position - base
        if at + 8 > len(window):
            window, base, at = source.at(position), position, 0
            if len(window) < 8:
                return table or (), fragments, False, True
        group, element, length = struct.unpack_from("<HHI", window, at)
        if (group, element) == _DELIMITER:
            return table or (), fragments, False, False
        if (group, element) != _ITEM:
            return table or (), fragments, False, True
        position += 8
        if table is None:
            raw = source.at(position, length) if length <= 8 * MOST_FRAGMENTS else b""
            table = struct.unpack(f"<{len(raw) // 4}I", raw[: len(raw) // 4 * 4])
        elif position + length > source.size:
            fragments.append((position, source.size - position))
            return table, fragments, True, True
        else:
            fragments.append((position, length))
            if len(fragments) > MOST_FRAGMENTS:
                raise TooLarge(f"{name} has more than {MOST_FRAGMENTS:,} fragments.", "No real image has.")
        position += length


Groups = tuple[tuple[tuple[int, int], ...], ...]


def _by_table(fragments: list[tuple[int, int]], offsets: tuple[int, ...], count: int) -> Groups | None:
    """By the offset table, when it has a place for each frame and each place is where a fragment begins."""
    first = fragments[0][0] - 8
    places = {offset - 8 - first: at for at, (offset, _) in enumerate(fragments)}
    starts = [places.get(offset, -1) for offset in offsets]
    if len(starts) != count or -1 in starts or starts[0] != 0:
        return None
    if any(before >= after for before, after in pairwise(starts)):
        return None
    return tuple(tuple(fragments[start:end]) for start, end in pairwise([*starts, len(fragments)]))


def _by_order(
    source: Bytes, fragments: list[tuple[int, int]], count: int, name: str, one_each: bool
) -> Groups:
    """By the order of the fragments: one each, or each frame from one beginning of a stream to the next."""
    if one_each or len(fragments) <= count:
        return tuple((fragment,) for fragment in fragments[:count])
    if count == 1:
        return (tuple(fragments),)
    starts = [at for at, (offset, _) in enumerate(fragments) if source.at(offset, 8).startswith(_STARTS)]
    if len(starts) != count or starts[0] != 0:
        raise DamagedFile(
            f"{name} cannot be shown: its {len(fragments)} fragments cannot be sorted to {count} pictures.",
            "Ask for it with a table of frames, or uncompressed.",
        )
    return tuple(tuple(fragments[start:end]) for start, end in pairwise([*starts, len(fragments)]))
