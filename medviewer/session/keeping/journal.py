"""A journal: numbered records, each with its length and a checksum, appended so that a kill cannot tear one.

A record is there for every later start as soon as `append` is back: the system has it, whatever becomes of
this program. `sync` makes it outlive the system too. Records stand in segments; one that a checkpoint holds
all of is removed as a whole, so that nothing is ever rewritten.
"""

from __future__ import annotations

import os
import struct
import zlib
from contextlib import suppress
from pathlib import Path

from medviewer.kit.frozen import frozen

MAGIC = b"medviewer journal 1\n"
LARGEST_SEGMENT = 1 << 30
_HEAD = struct.Struct("<QII")
"""number, length of the content, CRC-32 of the content"""
_CHECK = struct.Struct("<I")
"""CRC-32 of the head, which tells a length that is damaged from a record that was cut short"""


@frozen
class Records:
    """What the segments of a journal hold after a number."""

    records: tuple[tuple[int, bytes], ...] = ()
    damaged: bool = False
    """whether there is more that cannot be read; a last record that was cut short is no damage"""


class Journal:
    """The journal beside *stem*, written by one program. Not for two threads at once, but for `sync`."""

    def __init__(self, stem: Path) -> None:
        self._stem = stem
        self._handle: int | None = None
        self._size = 0
        self.grown = 0
        """bytes that were appended since the last `rotate`"""

    def append(self, number: int, content: bytes) -> None:
        """Write one record after all others. Raises OSError, and nothing was written then."""
        head = _HEAD.pack(number, len(content), zlib.crc32(content))
        record = head + _CHECK.pack(zlib.crc32(head)) + content
        if self._handle is None:
            path = self._stem.with_name(f"{self._stem.name}.{number}.journal")
            # what stands there can only be the torn beginning of this very record
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | getattr(os, "O_BINARY", 0)
            self._handle, self._size = os.open(path, flags, 0o600), 0
            record = MAGIC + record
        try:
            _write_all(self._handle, record)
        except OSError:
            with suppress(OSError):
                os.ftruncate(self._handle, self._size)
            self.rotate()  # where even that is refused, the torn end is that of a segment nobody goes on with
            raise
        self._size += len(record)
        self.grown += len(record)

    def rotate(self) -> None:
        """Let the next record begin a segment of its own."""
        handle, self._handle = self._handle, None
        self.grown = 0
        if handle is not None:
            os.close(handle)

    def handle(self) -> int | None:
        """A handle of its own on the present segment, for `sync`; None when nothing was written."""
        return None if self._handle is None else os.dup(self._handle)


def sync(handle: int) -> None:
    """Make what was appended outlive the system; *handle* is closed. Raises OSError."""
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def segments(stem: Path) -> dict[int, Path]:
    """The segments of the journal beside *stem* by the number of their first record, in order."""
    found = {}
    with suppress(OSError):
        for path in stem.parent.glob(f"{stem.name}.*.journal"):
            number = path.name.split(".")[-2]
            if number.isdecimal() and len(number) < 20:
                found[int(number)] = path
    return dict(sorted(found.items()))


def read(stem: Path, after: int) -> Records:
    """The records of a journal after number *after*, one by one without a gap. Raises OSError."""
    found: list[tuple[int, bytes]] = []
    for first, path in segments(stem).items():
        expected = after + len(found) + 1
        if first > expected:
            return Records(tuple(found), damaged=True)
        records, damaged = _records(path)
        for number, content in records:
            if number == after + len(found) + 1:
                found.append((number, content))
            elif number > after + len(found) + 1:
                return Records(tuple(found), damaged=True)
        if damaged:
            return Records(tuple(found), damaged=True)
    return Records(tuple(found))


def cut(stem: Path, number: int) -> None:
    """Remove the segments that begin at or before *number*: a checkpoint holds them. Raises OSError."""
    for first, path in segments(stem).items():
        if first <= number:
            path.unlink(missing_ok=True)


def _records(path: Path) -> tuple[list[tuple[int, bytes]], bool]:
    """The whole records of a segment, and whether there is damage before its end."""
    found: list[tuple[int, bytes]] = []
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        begin = file.read(len(MAGIC))
        if begin != MAGIC:
            return found, not MAGIC.startswith(begin)
        if size > LARGEST_SEGMENT:
            return found, True
        while len(head := file.read(_HEAD.size + _CHECK.size)) == _HEAD.size + _CHECK.size:
            number, length, checksum = _HEAD.unpack_from(head)
            if zlib.crc32(head[: _HEAD.size]) != _CHECK.unpack_from(head, _HEAD.size)[0]:
                return found, any(head) or any(file.read())  # a power cut may leave zeros at the end
            left = size - file.tell()
            content = file.read(length) if length <= left else b""
            if length > left or zlib.crc32(content) != checksum:
                return found, length < left
            found.append((number, content))
    return found, False


def _write_all(handle: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(handle, rest) :]
