"""A session file: the readings of series and the workplace as JSON; what is damaged is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from medviewer.kit.errors import ExportTrouble, FileTrouble
from medviewer.kit.files import write_atomically
from medviewer.kit.frozen import frozen
from medviewer.session.keeping.plain import DAMAGE, plain_reading, reading_of
from medviewer.session.state import Reading

FORMAT = 2
_READ = (1, FORMAT)
LARGEST_FILE = 512 * 1024 * 1024


@frozen
class SessionFile:
    """What a session file holds."""

    readings: tuple[Reading, ...] = ()
    number: int = 0
    """of the last change in the journal that is in these readings"""
    workplace: Any = None
    """what stood where, for `keeping.workplace`; None in files that hold readings only"""


def read(path: Path) -> SessionFile:
    """What is in a session file. Raises FileTrouble."""
    try:
        size = path.stat().st_size
    except OSError as trouble:
        raise FileTrouble(
            f"{path.name} cannot be read: {trouble.strerror}.", "Check that it is there."
        ) from None
    try:
        if size > LARGEST_FILE:
            raise FileTrouble(f"{path.name} is too large for a session file.", "")
        found = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(found, dict) or found.get("medviewer_readings") not in _READ:
            raise FileTrouble(f"{path.name} is not a session file of this version of medviewer.", "")
        readings = tuple(reading_of(item) for item in found["readings"])
        return SessionFile(readings, _number(found.get("number", 0)), found.get("workplace"))
    except (OSError, *DAMAGE):
        raise FileTrouble(
            f"The session file {path.name} is damaged.", "It is kept as it is, and nothing of it is used."
        ) from None


def write(
    path: Path, content: SessionFile, refused: Callable[[OSError], ExportTrouble] | None = None
) -> None:
    """Write a session file, whole or not at all. Any thread may call. Raises ExportTrouble.

    *refused* says what the reader is told when the disk refuses, unless it is that work is not kept.
    """
    plain = {
        "medviewer_readings": FORMAT,
        "number": content.number,
        "readings": [plain_reading(one) for one in content.readings],
        **({} if content.workplace is None else {"workplace": content.workplace}),
    }
    try:
        write_atomically(path, json.dumps(plain).encode())  # not indented: that takes ten times as long
    except OSError as trouble:
        raise (refused or not_saved)(trouble) from None


def not_saved(trouble: OSError) -> ExportTrouble:
    """What the reader is told when the disk refuses."""
    return ExportTrouble(
        f"Your work could not be saved: {trouble.strerror or 'the disk refused'}.",
        "Make room on the disk; it stays in the window meanwhile, and saving is tried again.",
    )


def _number(found: Any) -> int:
    if not isinstance(found, int) or not 0 <= found < 1 << 63:
        raise ValueError("no number of a change")
    return found
