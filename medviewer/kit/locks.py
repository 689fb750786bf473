"""A file that one program at a time holds; it is free again when that program ends, however it ends."""

from __future__ import annotations

import os
import sys
from pathlib import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


class FileLock:
    """Whoever has taken it is the only one, until it is released or the program is no more."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None

    def take(self) -> bool:
        """Whether it is ours now. Where a disk knows no locks, or refuses, it always is."""
        while self._handle is None:
            try:
                handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            except OSError:
                return True
            if not _locked(handle):
                os.close(handle)
                return False
            if self._is_still(handle):
                self._handle = handle
            else:  # somebody has released it, and so removed the file, between both calls
                os.close(handle)
        return True

    def release(self) -> None:
        """Let others have it."""
        if self._handle is None:
            return
        handle, self._handle = self._handle, None
        if sys.platform == "win32":  # an open file cannot be removed there
            os.close(handle)
            _remove(self._path)
        else:  # while it is ours, so that nobody holds a file that has no name any more
            _remove(self._path)
            os.close(handle)

    def _is_still(self, handle: int) -> bool:
        try:
            return os.path.samestat(os.fstat(handle), os.stat(self._path))
        except OSError:
            return False


def _locked(handle: int) -> bool:
    if sys.platform == "win32":
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # some shared folders have no locks
        return True
    return True


def _remove(path: Path) -> None:
    try:
        path.unlink()
    except OSError:  # another program has it already, or the disk refuses
        return
