"""Writing files so that a crash leaves either the old one or the new one."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path

WAITS_S = (0.02, 0.1, 0.5) if os.name == "nt" else ()
"""On Windows a virus scanner that looks at the old file keeps it from being replaced for a moment."""


def write_atomically(path: Path, content: bytes) -> None:
    """Write *content* beside *path*, make it durable, then put it in place. Raises OSError.

    When it raises, what stood at *path* still stands there. The new file may be read by whom the system lets
    read new files there; what is private lies in a private folder.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    # without the ending of the real file: what a crash leaves behind is not taken for one
    temporary = path.with_name(f".writing-{os.urandom(16).hex()}")
    try:
        with open(temporary, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        _replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _settle(path.parent)


def _replace(temporary: Path, path: Path) -> None:
    for wait in WAITS_S:
        try:
            os.replace(temporary, path)
        except PermissionError:
            time.sleep(wait)
        else:
            return
    os.replace(temporary, path)


def _settle(folder: Path) -> None:
    """Make the new name durable; Windows has no such call and needs none."""
    if os.name == "nt":
        return
    try:
        handle = os.open(folder, os.O_RDONLY)
    except PermissionError:  # a folder that may be written to and not be listed
        return
    try:
        os.fsync(handle)
    except OSError as trouble:
        # some shared folders cannot do this; the file is in place all the same
        if trouble.errno not in (errno.EINVAL, errno.ENOTSUP, errno.ENOSYS):
            raise
    finally:
        os.close(handle)
