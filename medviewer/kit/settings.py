"""Frozen settings, read from a file; a damaged file is set aside and the defaults apply."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from medviewer.kit.files import write_atomically

LARGEST_FILE = 1_000_000


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user chose once."""

    theme: str = "dark"
    """dark, light or contrast."""
    cache_bytes: int = 0
    """The memory for decoded pictures; 0 means a quarter of what the machine has."""
    remember_studies: bool = True
    """Whether opened studies are kept in the index, which holds names of patients."""
    recent: tuple[str, ...] = ()
    """Paths opened last, newest first."""
    corner_text: str = "full"
    """full, minimal or off."""
    folder: str = ""
    """Where the last file dialog stood."""


def load(path: Path) -> Settings:
    """The settings in *path*. What is missing or wrong in it has its default; garbage is renamed ``.bad``."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise ValueError("far too large for settings")
        found = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(found, dict):
            raise ValueError("not a set of settings")
    except FileNotFoundError:
        return Settings()
    except (OSError, ValueError, RecursionError):
        _set_aside(path)
        return Settings()
    return _merged(found)


def save(settings: Settings, path: Path) -> None:
    """Write *settings* to *path*. Raises OSError."""
    values = {field.name: getattr(settings, field.name) for field in fields(settings)}
    write_atomically(path, json.dumps(values, indent=1).encode())


def _merged(found: dict[str, Any]) -> Settings:
    kept: dict[str, Any] = {}
    for field in fields(Settings):
        value = found.get(field.name)
        if isinstance(field.default, tuple) and isinstance(value, list):
            value = tuple(item for item in value if isinstance(item, str))
        if type(value) is type(field.default):
            kept[field.name] = value
    return Settings(**kept)


def _set_aside(path: Path) -> None:
    try:
        path.replace(path.with_name(path.name + ".bad"))
    except OSError:
        return
