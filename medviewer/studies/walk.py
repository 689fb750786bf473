"""Which files lie under some paths: every regular file once, and nothing that could hang."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

DEEPEST = 128
"""Folders inside folders; deeper ones are made by accident or by ill will."""

_KNOWS_INODES = os.name != "nt"
_KINDS = (
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


class Place(NamedTuple):
    """A file that was found, or a path that cannot be used and the *reason*."""

    path: str
    size: int = 0
    mtime_ns: int = 0
    reason: str = ""
    given: bool = False
    """whether the reader named this very file"""


def files(paths: Iterable[Path | str]) -> Iterator[Place]:
    """The files under *paths*, folders recursively, each file once, in the order of their names.

    Links are followed, but no folder is entered twice; pipes, sockets and devices are never opened.
    """
    seen: set[tuple[int, int]] = set()
    for path in paths:
        yield from _under(os.path.abspath(path), seen)


def _under(path: str, seen: set[tuple[int, int]]) -> Iterator[Place]:
    try:
        status = os.stat(path)
    except (OSError, ValueError) as trouble:
        yield Place(path, reason=_why(path, trouble), given=True)
        return
    if not stat.S_ISDIR(status.st_mode):
        if not stat.S_ISREG(status.st_mode):
            yield from _odd(path, status, seen, given=True)
        elif _is_new(status, seen):
            yield Place(path, status.st_size, status.st_mtime_ns, given=True)
        return
    waiting = [(path, 0)]
    while waiting:
        folder, depth = waiting.pop()
        if not _enter(folder, seen):
            continue
        inner: list[tuple[str, int]] = []
        yield from _listed(folder, depth + 1, inner, seen)
        if inner and depth >= DEEPEST:
            yield Place(folder, reason=f"lies more than {DEEPEST} folders deep and was not entered")
        else:
            waiting.extend(reversed(inner))


def _listed(
    folder: str, depth: int, inner: list[tuple[str, int]], seen: set[tuple[int, int]]
) -> Iterator[Place]:
    """The files of a folder; the folders in it are added to *inner* with their *depth*."""
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=attrgetter("name"))
    except OSError as trouble:
        yield Place(folder, reason=_why(folder, trouble))
        return
    for entry in entries:
        path = entry.path
        try:
            if entry.is_dir():
                inner.append((path, depth))
                continue
            # a DirEntry on Windows knows no inode
            status = entry.stat() if _KNOWS_INODES else os.stat(path)
        except OSError as trouble:
            yield Place(path, reason=_why(path, trouble))
            continue
        if not stat.S_ISREG(status.st_mode):
            yield from _odd(path, status, seen)
        elif _is_new(status, seen):
            yield Place(path, status.st_size, status.st_mtime_ns)


def _enter(folder: str, seen: set[tuple[int, int]]) -> bool:
    try:
        status = os.stat(folder)
    except OSError:
        return True  # listing it says why
    return _is_new(status, seen)


def _odd(
    path: str, status: os.stat_result, seen: set[tuple[int, int]], given: bool = False
) -> Iterator[Place]:
    """What is no regular file: told what it is, or looked at once when that is not known."""
    for is_kind, word in _KINDS:
        if is_kind(status.st_mode):
            yield Place(path, reason=f"is {word} and no file", given=given)
            return
    if _is_new(status, seen):
        yield Place(path, status.st_size, status.st_mtime_ns, given=given)


def _is_new(status: os.stat_result, seen: set[tuple[int, int]]) -> bool:
    key = (status.st_dev, status.st_ino)
    if key in seen and status.st_ino:
        return False
    seen.add(key)
    return True


def _why(path: str, trouble: OSError | ValueError) -> str:
    """Why the system does not let us see *path*; it completes the sentence "NAME ..."."""
    if isinstance(trouble, ValueError):
        return "is no possible name of a file"
    if isinstance(trouble, FileNotFoundError):
        return "leads nowhere: the link is broken" if os.path.islink(path) else "does not exist"
    if isinstance(trouble, PermissionError):
        return "may not be read: permission denied"
    return f"cannot be read: {trouble.strerror or trouble}"


why = _why
