"""Reading ZIP archives that nobody vouches for: within limits, and without writing anything to disk."""

from __future__ import annotations

import io
import posixpath
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from threading import Lock
from typing import BinaryIO

from medviewer.kit.errors import DamagedFile, FileTrouble, TooLarge
from medviewer.kit.frozen import frozen

MOST_MEMBERS = 100_000
LARGEST_MEMBER = 2 << 30
HIGHEST_RATIO = 200
"""Bytes out per byte in; pictures reach 3 to 50, and deflate ends at 1,032."""
FREE_OF_RATIO = 16 << 20
"""Up to here a member may be as empty as it likes: a black picture is no bomb."""

SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06")
INSIDE = "!/"
"""Stands between the name of an archive inside an archive and the name of its member."""

_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_STORED, _DEFLATED = 0, 8
_ENCRYPTED, _SIZES_FOLLOW, _UTF8 = 0x1, 0x8, 0x800
_DIRECTORY_BYTES_PER_MEMBER = 512


@frozen
class Member:
    """One file in an archive; *reason* says in words why it cannot be read, "" when it can."""

    name: str
    """unique within the archive, for showing and for `Archive.read`; never a path to write to"""
    size: int
    reason: str = ""


@frozen
class _Entry:
    header: int
    packed: int
    """-1 when only the end of the deflate stream tells"""
    size: int
    method: int
    checksum: int | None


class Archive:
    """The members of a ZIP archive. Threads may share it.

    An archive without its table of contents, because it was cut off, offers the members that are still whole;
    *damaged* then says so. Raises DamagedFile, TooLarge or OSError.
    """

    def __init__(self, path: Path | str, content: bytes | None = None) -> None:
        self.name = Path(path).name
        self.damaged = ""
        self._lock = Lock()
        self._nested: dict[str, Archive] = {}
        self._file: BinaryIO = open(path, "rb") if content is None else io.BytesIO(content)  # noqa: SIM115
        try:
            self._entries: dict[str, _Entry] = {}
            self.members = self._listed()
        except BaseException:
            self._file.close()
            raise

    def read(self, name: str, most: int = LARGEST_MEMBER) -> bytes:
        """The content of a member, or of a member of an archive inside: ``inner.zip!/name``.

        *most* stops early when the beginning is enough; the checksum is verified only for the whole. Raises
        FileTrouble or OSError.
        """
        outer, _, inner = name.partition(INSIDE)
        if inner and name not in self._entries:
            return self.nested(outer).read(inner, most)
        entry = self._entries.get(name)
        if entry is None:
            reason = next((member.reason for member in self.members if member.name == name), "is missing")
            raise DamagedFile(f"{name} in {self.name} {reason}.", "Unpack the archive with another program.")
        content = self._unpacked(name, entry, min(most, entry.size))
        whole = len(content) == entry.size
        if whole and entry.checksum is not None and zlib.crc32(content) != entry.checksum:
            raise DamagedFile(f"{name} in {self.name} is damaged: its checksum is wrong.", "Copy it again.")
        return content

    def nested(self, name: str) -> Archive:
        """The archive that the member *name* is. Raises FileTrouble when it is none."""
        with self._lock:
            known = self._nested.get(name)
        if known is None:
            known = Archive(f"{self.name}{INSIDE}{name}", self.read(name))
            with self._lock:
                known = self._nested.setdefault(name, known)
        return known

    def close(self) -> None:
        """Let go of the file."""
        for nested in self._nested.values():
            nested.close()
        self._file.close()

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _listed(self) -> tuple[Member, ...]:
        length = self._file.seek(0, io.SEEK_END)
        self._refuse_long_tables(length)
        try:
            with zipfile.ZipFile(self._file) as table:
                infos = table.infolist()
        except (zipfile.BadZipFile, ValueError, struct.error, NotImplementedError, EOFError, RuntimeError):
            return self._salvaged()
        self._refuse_bombs(infos, length)
        return tuple(self._member(info) for info in infos if not _is_folder(info))

    def _refuse_long_tables(self, length: int) -> None:
        self._file.seek(max(0, length - 65_557))
        tail = self._file.read()
        at = tail.rfind(SIGNATURES[1])
        if at < 0 or len(tail) < at + 20:
            return
        table = struct.unpack_from("<I", tail, at + 12)[0]
        if table != 0xFFFFFFFF and table > MOST_MEMBERS * _DIRECTORY_BYTES_PER_MEMBER:
            raise self._too_large("its table of contents is longer than any real one")

    def _refuse_bombs(self, infos: list[zipfile.ZipInfo], length: int) -> None:
        if len(infos) > MOST_MEMBERS:
            raise self._too_large(f"it claims {len(infos):,} members and {MOST_MEMBERS:,} are allowed")
        total, packed = sum(info.file_size for info in infos), sum(info.compress_size for info in infos)
        if packed > length:
            raise self._too_large("its members overlap, as they do in archives made to fill a disk")
        if len(infos) > 1 and total > max(HIGHEST_RATIO * length, 16 * FREE_OF_RATIO):
            raise self._too_large(f"it would unpack to {total >> 20:,} MB from {length >> 10:,} KB")

    def _too_large(self, why: str) -> TooLarge:
        return TooLarge(f"{self.name} was not opened: {why}.", "Unpack it elsewhere if you trust it.")

    def _member(self, info: zipfile.ZipInfo) -> Member:
        name = self._unique(info.filename)
        reason = _reason(info)
        if not reason:
            self._entries[name] = _Entry(
                info.header_offset, info.compress_size, info.file_size, info.compress_type, info.CRC
            )
        return Member(name, info.file_size, reason)

    def _unique(self, name: str) -> str:
        name = name or "member without a name"  # an empty name would mean the archive itself
        plain, count = name, 1
        while name in self._entries:
            count += 1
            name = f"{plain} ({count})"
        return name

    def _salvaged(self) -> tuple[Member, ...]:
        """The members that can be read without a table of contents, by their own headers."""
        found = []
        for info in _local_headers(self._file):
            if _is_folder(info):
                continue
            member = self._member(info)
            found.append(member)
        if not found:
            raise DamagedFile(f"{self.name} is not a ZIP archive, or a broken one.", "Copy it again.")
        self.damaged = "It is cut off: its table of contents is missing, and some of its files may be."
        return tuple(found)

    def _unpacked(self, name: str, entry: _Entry, most: int) -> bytes:
        with self._lock:
            self._file.seek(max(0, entry.header))
            header = self._file.read(_LOCAL.size)
            if len(header) < _LOCAL.size or header[:4] != SIGNATURES[0]:
                raise self._cut_off(name)
            *_, name_length, extra_length = _LOCAL.unpack(header)
            self._file.seek(name_length + extra_length, io.SEEK_CUR)
            # deflate never makes data more than a little longer, so a prefix needs no more input than that
            wanted = entry.packed if most >= entry.size else min(entry.packed, most + (most >> 3) + 4096)
            packed = self._file.read(wanted)
        content = packed[:most] if entry.method == _STORED else self._inflated(name, packed, most)
        if len(content) < most:
            raise self._cut_off(name)
        return content

    def _inflated(self, name: str, packed: bytes, most: int) -> bytes:
        try:
            return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, most) if most else b""
        except zlib.error:
            raise DamagedFile(f"{name} in {self.name} is damaged.", "Copy the archive again.") from None

    def _cut_off(self, name: str) -> FileTrouble:
        return DamagedFile(f"{name} in {self.name} is cut off.", "Copy the archive again.")


def is_archive(head: bytes) -> bool:
    """Whether a file that begins with *head* is a ZIP archive."""
    return head.startswith(SIGNATURES)


def _is_folder(info: zipfile.ZipInfo) -> bool:
    # ZipInfo.is_dir fails on an empty name
    return info.filename.endswith("/")


def _reason(info: zipfile.ZipInfo) -> str:
    """Why a member is not read; it completes the sentence "NAME ..."."""
    name = info.filename.replace("\\", "/")
    if name.startswith("/") or name[1:2] == ":" or ".." in posixpath.normpath(name).split("/"):
        return "has a name that leads out of the archive"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "is a link, which is not followed"
    if info.flag_bits & _ENCRYPTED:
        return "is encrypted; unpack the archive with its password first"
    if info.compress_type not in (_STORED, _DEFLATED):
        return "is packed in a way that is not supported; pack it again as an ordinary ZIP"
    if info.file_size > LARGEST_MEMBER:
        return f"claims {info.file_size >> 20:,} MB and {LARGEST_MEMBER >> 20:,} MB are allowed"
    if info.file_size > max(FREE_OF_RATIO, HIGHEST_RATIO * info.compress_size):
        return f"claims {info.file_size >> 20:,} MB from {info.compress_size >> 10:,} KB, as a bomb does"
    if info.compress_type == _STORED and info.file_size != info.compress_size:
        return "contradicts itself about its size"
    return ""


def _local_headers(file: BinaryIO) -> Iterator[zipfile.ZipInfo]:
    """The members from the beginning of *file* on, as far as they are whole (APPNOTE 4.3.7)."""
    length = file.seek(0, io.SEEK_END)
    at = 0
    for _ in range(MOST_MEMBERS):
        file.seek(at)
        header = file.read(_LOCAL.size)
        if len(header) < _LOCAL.size or header[:4] != SIGNATURES[0]:
            return
        _, _, flags, method, _, _, checksum, packed, size, name_length, extra_length = _LOCAL.unpack(header)
        name = file.read(name_length).decode("utf-8" if flags & _UTF8 else "cp437", errors="replace")
        start = at + _LOCAL.size + name_length + extra_length
        if flags & _SIZES_FOLLOW:
            found = _deflated_size(file, start) if method == _DEFLATED else None
            if found is None:
                return
            packed, size, checksum, behind = found
        else:
            behind = start + packed
        if behind > length or not name:
            return
        info = zipfile.ZipInfo(name)
        info.header_offset, info.compress_size, info.file_size = at, packed, size
        info.compress_type, info.flag_bits, info.CRC = method, flags, checksum
        yield info
        at = behind


def _deflated_size(file: BinaryIO, start: int) -> tuple[int, int, int, int] | None:
    """Packed size, size, checksum of the deflate stream at *start*, and where the next member begins."""
    file.seek(start)
    stream, size, checksum, read = zlib.decompressobj(-zlib.MAX_WBITS), 0, 0, 0
    while not stream.eof:
        piece = file.read(1 << 16)
        read += len(piece)
        try:
            content = stream.decompress(piece)
        except zlib.error:
            return None
        size += len(content)
        checksum = zlib.crc32(content, checksum)
        if not piece or size > LARGEST_MEMBER:
            return None
    packed = read - len(stream.unused_data)
    file.seek(start + packed)
    descriptor = 16 if file.read(4) == b"PK\x07\x08" else 12
    return packed, size, checksum, start + packed + descriptor
