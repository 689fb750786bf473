"""Logging without the names of patients."""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import traceback
from pathlib import Path

_SALT = os.urandom(16)


def pseudonym(identifier: str) -> str:
    """A short name for a study or a file in logs: the same within one run, meaningless outside it."""
    return hmac.new(_SALT, identifier.encode(errors="replace"), hashlib.sha256).hexdigest()[:8]


def set_up(folder: Path, level: int = logging.INFO) -> None:
    """Log to a file in *folder*, at most 2 MB; our own modules only, so no library can write tag values."""
    from logging.handlers import RotatingFileHandler  # noqa: PLC0415  (brings pickle and sockets along)

    folder.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(
        folder / "medviewer.log", maxBytes=1_000_000, backupCount=1, encoding="utf-8"
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    ours = logging.getLogger("medviewer")
    for old in ours.handlers:
        old.close()
    ours.handlers[:] = [handler]
    ours.setLevel(level)
    ours.propagate = False


def described(trouble: BaseException) -> str:
    """An exception for the log: its type and place, without its message, which may hold tag values."""
    where = [
        f"{Path(frame.filename).name}:{frame.lineno}" for frame in traceback.extract_tb(trouble.__traceback__)
    ]
    return f"{type(trouble).__name__} at {' < '.join(reversed(where[-6:]))}"
