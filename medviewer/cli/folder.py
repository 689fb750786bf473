"""Folders and text files that commands write."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from medviewer.export.exporter import trouble
from medviewer.kit.errors import ExportTrouble
from medviewer.kit.files import write_atomically


def made(folder: Path) -> Path:
    """*folder*, made with those above it when it is not there. Raises ExportTrouble."""
    if folder.exists() and not folder.is_dir():
        raise ExportTrouble(f"{folder.name} is a file, not a folder.", "Choose another folder.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise trouble(folder, error) from None
    return folder


def write_text(path: Path, text: str) -> None:
    """Write *text*, whole or not at all. Raises ExportTrouble."""
    try:
        write_atomically(path, text.encode())
    except OSError as error:
        raise trouble(path, error) from None


def write_json(path: Path, value: Any) -> None:
    """Write *value* as JSON. Raises ExportTrouble."""
    write_text(path, json.dumps(value, indent=1, allow_nan=False) + "\n")
