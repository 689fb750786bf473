"""What one file turns out to be: an image, an archive of images, a table of contents, or something else."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from enum import Enum

from medviewer.dicom.read import Header
from medviewer.imaging.files.names import ending_of, is_surface_file
from medviewer.kit.archive import INSIDE, Archive, Member, is_archive
from medviewer.kit.errors import DamagedFile, FileTrouble, NotDicom
from medviewer.kit.task import TaskContext
from medviewer.studies.rows import Entry
from medviewer.studies.walk import Place, why

Read = Callable[..., Header]
"""read_header(path, data=None, member=""), or what a test puts in its place."""

_ENOUGH = 1 << 18
"""Bytes of an archive's member that hold nearly every header, so that its pixels need not be unpacked."""


class Many(Enum):
    """What stands for more than one image."""

    ARCHIVE = "archive"
    DIRECTORY = "directory"


def looked_at(place: Place, read: Read) -> Entry | Many:
    """The header of a file, or the reason why there is none, or that it stands for more."""
    if place.reason:
        return refused(place, f"{os.path.basename(place.path)} {place.reason}.")
    try:
        header = _of_grid(place.path) if _is_grid(place.path) else read(place.path)
    except NotDicom as trouble:
        if _begins_as_archive(place.path):
            return Many.ARCHIVE
        if is_surface_file(place.path):
            words = f"{os.path.basename(place.path)} is a surface: open the series that it belongs to first."
            return Entry(place.path, "", place.size, place.mtime_ns, None, words)
        return Entry(place.path, "", place.size, place.mtime_ns, None, trouble.message)
    except FileTrouble as trouble:
        # a plain FileTrouble is the disk's or the permission's fault and may be gone tomorrow
        if type(trouble) is FileTrouble:
            return refused(place, trouble.message)
        return Entry(place.path, "", place.size, place.mtime_ns, None, trouble.message)
    if header.is_directory:
        return Many.DIRECTORY
    return Entry(place.path, "", place.size, place.mtime_ns, header)


def refused(place: Place, reason: str) -> Entry:
    """Nothing to remember, because it is not the content that is at fault: the negative size says so."""
    return Entry(place.path, "", -1, 0, None, reason)


def archived(place: Place, read: Read, context: TaskContext) -> Iterator[Entry]:
    """The members of the archive at *place*, then the archive itself as a mark that all were looked at."""
    try:
        with Archive(place.path) as archive:
            yield from _members(archive, "", place, read, context)
            damaged = archive.damaged
    except FileTrouble as trouble:
        yield Entry(place.path, "", place.size, place.mtime_ns, None, trouble.message)
        return
    except OSError as trouble:
        yield refused(place, f"{os.path.basename(place.path)} {why(place.path, trouble)}.")
        return
    if damaged:
        yield _member(place, INSIDE, None, f"{archive.name}: {damaged}")
    yield Entry(place.path, "", place.size, place.mtime_ns, None, "")


def label(entry: Entry) -> str:
    """The path of a file, with the name inside its archive."""
    member = entry.member.removesuffix(INSIDE)
    return f"{entry.path}{INSIDE}{member}" if member else entry.path


def _is_grid(path: str) -> bool:
    """Whether a file is NIfTI or NRRD by its name, and no DICOM file of such a name."""
    if not ending_of(path):
        return False
    try:
        with open(path, "rb") as file:
            return file.read(132)[128:] != b"DICM"
    except OSError:
        return False


def _of_grid(path: str) -> Header:
    # few folders hold such files: the others need not pay for what reads them
    from medviewer.studies.grid_header import grid_header  # noqa: PLC0415

    return grid_header(path)


def _begins_as_archive(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return is_archive(file.read(4))
    except OSError:
        return False


def _members(
    archive: Archive, prefix: str, place: Place, read: Read, context: TaskContext
) -> Iterator[Entry]:
    for member in archive.members:
        context.check()
        name = prefix + member.name
        try:
            if member.reason:
                yield _member(place, name, None, f"{member.name} in {archive.name} {member.reason}.")
            elif not is_archive(archive.read(member.name, 4)):
                yield from _image(archive, member, place, name, read)
            elif prefix:
                reason = f"{member.name} lies in an archive inside an archive and was not opened."
                yield _member(place, name, None, reason)
            else:
                yield from _nested(archive, name, place, read, context)
        except FileTrouble as trouble:
            yield _member(place, name, None, trouble.message)


def _nested(archive: Archive, name: str, place: Place, read: Read, context: TaskContext) -> Iterator[Entry]:
    inner = archive.nested(name)
    yield from _members(inner, name + INSIDE, place, read, context)
    if inner.damaged:
        yield _member(place, name + INSIDE, None, f"{name} in {archive.name}: {inner.damaged}")


def _image(archive: Archive, member: Member, place: Place, name: str, read: Read) -> Iterator[Entry]:
    header = _header(archive, member, place, name, read)
    if not header.is_directory:
        yield _member(place, name, header)


def _header(archive: Archive, member: Member, place: Place, name: str, read: Read) -> Header:
    """The header of a member, from its beginning if that is enough, else from the whole of it."""
    head = archive.read(member.name, _ENOUGH)
    try:
        header = read(place.path, head, name)
        if header.pixel_keyword or len(head) == member.size:
            return header
    except DamagedFile:
        if len(head) == member.size:
            raise
    return read(place.path, archive.read(member.name), name)


def _member(place: Place, name: str, header: Header | None, reason: str = "") -> Entry:
    return Entry(place.path, name, place.size, place.mtime_ns, header, reason)
