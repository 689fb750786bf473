"""Frozen settings, read from a file; a damaged file is set aside and the defaults apply."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Any

from medviewer.kit.errors import FileTrouble
from medviewer.kit.files import write_atomically
from medviewer.kit.frozen import frozen
from medviewer.kit.task import ignore

LARGEST_FILE = 1_000_000
LARGEST_CACHE = 1 << 46
CHOICES = {"theme": ("dark", "light", "contrast"), "corner_text": ("full", "minimal", "off")}
LIMITS = {"cache_bytes": (0, LARGEST_CACHE), "cine_rate": (1, 60)}


@frozen
class Settings:
    """What the user chose once."""

    theme: str = "dark"
    """dark, light or contrast."""
    cache_bytes: int = 0
    """The memory for decoded pictures; 0 means half of what is free when the program starts."""
    remember_studies: bool = True
    """Whether opened studies are kept in the index, which holds names of patients."""
    recent: tuple[str, ...] = ()
    """Paths opened last, newest first."""
    corner_text: str = "full"
    """full, minimal or off."""
    folder: str = ""
    """Where the last file dialog stood."""
    cine_rate: int = 15
    """Pictures a second."""
    use_default_recipes: bool = True
    """Whether series begin with the recipe that was made the default of their kind."""
    reader: str = ""
    """Who reads, as it is to stand in DICOM objects; "" names nobody."""
    overlay_color: str = "#ffd60a"
    """The colour of the overlay planes of a file, as #rrggbb."""


def load(path: Path, tell: Callable[[FileTrouble], object] = ignore) -> Settings:
    """The settings in *path*. What is missing or wrong in it has its default.

    A file with anything wrong in it is kept under ``.bad``, so that saving does not wipe it out, and *tell*
    is called with a sentence for the user.
    """
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise ValueError("far too large for settings")
        # with a byte order mark, as editors on Windows write it, or without
        found = json.loads(path.read_text(encoding="utf-8-sig"), object_pairs_hook=_once)
        if not isinstance(found, dict):
            raise ValueError("not a set of settings")
    except FileNotFoundError:
        return Settings()
    except (OSError, ValueError, RecursionError):
        _set_aside(path, tell)
        return Settings()
    known = {name: value for name, value in found.items() if name in _DEFAULTS}
    kept: dict[str, Any] = {name: value for name, value in known.items() if _is_allowed(name, value)}
    if "recent" in kept:
        kept["recent"] = tuple(kept["recent"])
    settings = Settings(**kept)
    if len(kept) < len(known):
        _set_aside(path, tell)
        with suppress(OSError):  # the disk refuses: what was good in the file is asked for again next time
            save(settings, path)
    return settings


def save(settings: Settings, path: Path) -> None:
    """Write *settings* to *path*. Raises OSError."""
    values = {field.name: getattr(settings, field.name) for field in fields(settings)}
    write_atomically(path, json.dumps(values, indent=1).encode())


_DEFAULTS = {field.name: field.default for field in fields(Settings)}


def _is_allowed(name: str, value: object) -> bool:
    """Whether the setting of this name may have this value."""
    default = _DEFAULTS[name]
    if isinstance(default, tuple):
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    if type(value) is not type(default):
        return False
    lowest, highest = LIMITS.get(name, (0, 1))
    if isinstance(value, int) and not lowest <= value <= highest:
        return False
    if name == "overlay_color" and not re.fullmatch("#[0-9a-fA-F]{6}", str(value)):
        return False
    return name not in CHOICES or value in CHOICES[name]


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a setting stands there twice")
    return found


def _set_aside(path: Path, tell: Callable[[FileTrouble], object]) -> None:
    bad = path.with_name(path.name + ".bad")
    try:
        path.replace(bad)
    except OSError:
        bad = path
    tell(
        FileTrouble(f"The settings in {path.name} could not all be used.", f"The file is kept as {bad.name}.")
    )
