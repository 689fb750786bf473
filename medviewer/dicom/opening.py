"""Finds the way into a file: preamble or none, byte order, deflated; and says exactly why there is none."""

from __future__ import annotations

import io
import os
import stat
import struct
import zlib
from typing import Any, NamedTuple

from medviewer.dicom.charset import text
from medviewer.dicom.fields import GROUPS, INDEX, META, REGION, Fields
from medviewer.dicom.kinds import name_of_content
from medviewer.dicom.syntax import BIG_ENDIAN, DEFLATED, DEFLATED_SYNTAXES, EXPLICIT, IMPLICIT
from medviewer.dicom.walk import Bytes, CutOff, Elements, Excessive, Unusual, Walked, walk
from medviewer.kit.errors import DamagedFile, FileTrouble, NotDicom, TooLarge

LARGEST_INFLATED = 1 << 30
HIGHEST_RATIO = 100
FREE_OF_RATIO = 16 << 20

_HEAD = 16384
_LONGEST_META = 1 << 20
_PLAIN = (
    bytes(128)
    + b"DICM"
    + struct.pack("<HH2sHI", 2, 0, b"UL", 4, 28)
    + struct.pack("<HH2sH20s", 2, 0x10, b"UI", 20, EXPLICIT.encode())
)
"""The beginning of a file in explicit little endian."""
_OPENING = (
    os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0)
)
_META_ELEMENT = struct.Struct("<HH2sH").unpack_from
_FIRST_ELEMENTS = (b"\x08\0\x05\0", b"\x08\0\0\0", b"\x08\0\x08\0")

Place = tuple[str, str]
"""The path of a file, and the name of the member when it is an archive."""
INDEX_ITEMS: Fields = {**REGION, **GROUPS}
"""What an index wants of the items of sequences."""


class Opened(NamedTuple):
    """A file as far as it has been understood: raw elements, where the pixels are, and in which bytes."""

    walked: Walked
    syntax: str
    meta: Elements
    warnings: tuple[str, ...]
    body: bytes | None
    """the inflated data set, in which pixel_offset counts, when the file is deflated"""


def open_picture(path: str, member: str, data: bytes | None, wanted: Fields, items: Fields) -> Opened:
    """The *wanted* elements of a file, or of its content *data*. Raises FileTrouble."""
    if data is not None:
        return open_bytes((path, member), Bytes.of(data), wanted, items)
    try:
        descriptor = open_regular(path)
        try:
            return open_bytes((path, ""), open_descriptor(descriptor), wanted, items)
        finally:
            os.close(descriptor)
    except OSError as trouble:
        raise unreadable(path, trouble) from None


def open_regular(path: str) -> int:
    """A descriptor of the file at *path*. Pipes and devices would block or never end: NotDicom."""
    descriptor = os.open(path, _OPENING)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise NotDicom(f"{called((path, ''))} is not a file.", "Choose a file, or a folder of files.")
    return descriptor


def unreadable(path: str, trouble: OSError) -> FileTrouble:
    """The system's error as ours."""
    reason = trouble.strerror or "the device reports an error"
    return FileTrouble(
        f"{called((path, ''))} could not be read: {reason}.",
        "Check that the file is still there and that you may read it.",
    )


def called(place: Place) -> str:
    """A file, or a member of an archive, as messages name it."""
    path, member = place
    name = os.path.basename(path) or path
    return f"{member.rsplit('/', 1)[-1]} in {name}" if member else name


def open_descriptor(descriptor: int) -> Bytes:
    """The bytes of an open file, of which the beginning is at hand."""
    head = os.read(descriptor, _HEAD)
    size = os.fstat(descriptor).st_size

    def fetch(start: int, count: int) -> bytes:
        os.lseek(descriptor, start, os.SEEK_SET)
        data = os.read(descriptor, count)
        while len(data) < count and start + len(data) < size:
            more = os.read(descriptor, count - len(data))
            if not more:
                break
            data += more
        return data

    return Bytes(fetch, max(size, len(head)), head)


def open_bytes(place: Place, source: Bytes, wanted: Fields, items: Fields) -> Opened:
    """The *wanted* elements of a file's content. Raises FileTrouble."""
    head = source.head
    try:
        if head[128:132] != b"DICM" or (head[132:134] != b"\x02\0" and head[:4] in _FIRST_ELEMENTS):
            return _headless(place, source, wanted, items)
        if source.size <= 132:
            raise DamagedFile(
                f"{called(place)} ends after its preamble: nothing of the image is there.", "Copy it again."
            )
        return _with_preamble(place, source, wanted, items)
    except CutOff:
        raise DamagedFile(
            f"{called(place)} is cut off: its header goes on after the last of its {source.size:,} bytes.",
            "Copy the file again from where it came.",
        ) from None
    except Excessive as excess:
        raise TooLarge(
            f"{called(place)} was not opened: {excess.args[0]}.", "No real image is built like that."
        ) from None


def _with_preamble(place: Place, source: Bytes, wanted: Fields, items: Fields) -> Opened:
    warnings = _preamble_warnings(source.head)
    try:
        meta, start = read_meta(source, 132)
        syntax = text(meta.get(0x00020010, b""), "")
        if syntax in DEFLATED_SYNTAXES:
            body = inflated(place, source, start)
            return _inside(place, body, syntax, meta, wanted, items, warnings)
        if syntax == BIG_ENDIAN or not syntax:
            raise Unusual("byte order")
        implicit = syntax == IMPLICIT
        if implicit and _looks_explicit(source.at(start, 8)):
            raise Unusual("explicit elements in an implicit transfer syntax")
        return Opened(walk(source, start, implicit, wanted, items), syntax, meta, warnings, None)
    except Unusual:
        return _by_pydicom(place, source, wanted, items, warnings)


def _inside(
    place: Place,
    body: bytes,
    syntax: str,
    meta: Elements,
    wanted: Fields,
    items: Fields,
    warnings: tuple[str, ...],
) -> Opened:
    """The inflated data set of a deflated file."""
    try:
        return Opened(walk(Bytes.of(body), 0, False, wanted, items), syntax, meta, warnings, body)
    except Unusual:
        # pydicom gets it as a file that was never deflated, because it would inflate without a limit
        plain = _by_pydicom(place, Bytes.of(_PLAIN + body), wanted, items, warnings)
        pixels = plain.walked.pixel_offset
        at = pixels - len(_PLAIN) if pixels >= 0 else pixels
        return Opened(plain.walked._replace(pixel_offset=at), syntax, meta, warnings, body)


def _by_pydicom(
    place: Place,
    source: Bytes,
    wanted: Fields,
    items: Fields,
    warnings: tuple[str, ...],
) -> Opened:
    # pydicom is imported only for files that need it, because a first picture should not wait for it
    from medviewer.dicom import unusual  # noqa: PLC0415

    if DEFLATED.encode() in source.at(0, _LONGEST_META):
        raise DamagedFile(
            f"{called(place)} is deflated, and its meta information is damaged.", "Get the file again."
        )
    stream = io.BufferedReader(_Clipped(source))
    try:
        walked, syntax = unusual.read_unusual(stream, source.size, wanted, items)
    except RecursionError:
        raise TooLarge(f"{called(place)} was not opened: its sequences are nested too deep.", "") from None
    except unusual.FAILURES as trouble:
        raise DamagedFile(
            f"{called(place)} contradicts itself in its header ({type(trouble).__name__}).",
            "Ask for the image again where it comes from.",
        ) from None
    meta: Elements = {}
    try:
        meta, _ = read_meta(source, 132)
    except (Unusual, CutOff):
        warnings = (*warnings, "The file's meta information is damaged.")
    return Opened(walked, syntax, meta, warnings, None)


def read_meta(source: Bytes, start: int) -> tuple[Elements, int]:
    """The file meta information from *start*, and where the data set begins (PS3.10 7.1)."""
    position, found, head = start, Elements(), source.head
    while True:
        try:
            group, element, vr, length = _META_ELEMENT(head, position)
            if group != 2:
                return found, position
            value = position + 8
            if vr in (b"OB", b"UN", b"UT"):
                length = int.from_bytes(head[value : value + 4], "little")
                value += 4
            elif vr not in (b"UI", b"SH", b"AE", b"UL", b"UR", b"LO", b"US"):
                raise Unusual("value representation in the meta information")
        except struct.error:
            if position == source.size:
                return found, position
            raise (
                CutOff(position) if position > source.size - 8 else Unusual("long meta information")
            ) from None
        following = value + length
        tag = 0x00020000 | element
        if tag in META:
            found[tag] = source.exactly(value, length)
        if following > source.size:
            raise CutOff(position)
        position = following


def inflated(place: Place, source: Bytes, start: int) -> bytes:
    """The data set of a deflated file. Raises TooLarge for a bomb, DamagedFile for a broken stream."""
    packed = source.at(start, source.size - start)
    most = min(LARGEST_INFLATED, max(FREE_OF_RATIO, HIGHEST_RATIO * len(packed)))
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        body = inflater.decompress(packed, most)
    except zlib.error:
        raise DamagedFile(
            f"{called(place)} is damaged: its deflated data cannot be read.", "Copy it again."
        ) from None
    if inflater.unconsumed_tail and not inflater.eof:
        raise TooLarge(
            f"{called(place)} was not opened: it would unpack to more than {most >> 20:,} MB.",
            "No real image does that.",
        )
    return body


def _headless(place: Place, source: Bytes, wanted: Fields, items: Fields) -> Opened:
    """A data set without preamble, opened only when every element up to the pixels makes sense."""
    kind = name_of_content(source.head, source.size)
    if kind:
        raise NotDicom(f"{called(place)} is {kind}, not a DICOM file.", "Choose DICOM files.")
    try:
        meta, start = read_meta(source, 0) if source.head[:2] == b"\x02\x00" else ({}, 0)
        explicit = _looks_explicit(source.at(start, 8))
        syntax = text(meta.get(0x00020010, b""), "") or (EXPLICIT if explicit else IMPLICIT)
        if source.at(start, 2) not in (b"\x08\x00", b"\x04\x00") or syntax in (DEFLATED, BIG_ENDIAN):
            raise Unusual("not the first group of an image")
        walked = walk(source, start, not explicit, {**INDEX, **wanted}, {**INDEX_ITEMS, **items})
    except (Unusual, CutOff, Excessive):
        raise NotDicom(f"{called(place)} is not a DICOM file.", "Choose DICOM files.") from None
    known = walked.elements
    if not (
        known.get(0x00080016, b"").startswith(b"1.2.840.10008.") or (0x00080060 in known and len(known) > 4)
    ):
        raise NotDicom(f"{called(place)} is not a DICOM file.", "Choose DICOM files.")
    return Opened(walked, syntax, meta, ("The file has no DICOM preamble.",), None)


def _looks_explicit(element: bytes) -> bool:
    return element[4:6].isalpha() and element[4:6].isupper()


def _preamble_warnings(head: bytes) -> tuple[str, ...]:
    for magic, kind in ((b"MZ", "a Windows program"), (b"\x7fELF", "a Linux program"), (b"#!", "a script")):
        if head.startswith(magic):
            return (f"The file can also be run as {kind}: its preamble is not that of an image.",)
    return ()


class _Clipped(io.RawIOBase):
    """A file for pydicom that never allocates more than is there, whatever length an element claims."""

    name = ""

    def __init__(self, source: Bytes) -> None:
        self._source = source
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._source.size}[whence]
        self._position = max(0, start + offset)
        return self._position

    def readinto(self, buffer: Any) -> int:
        left = max(0, self._source.size - self._position)
        data = self._source.at(self._position, min(len(buffer), left))
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)
