"""Putting a model where the viewer finds it."""

from __future__ import annotations

import shutil
from pathlib import Path

from medviewer.ai import catalog
from medviewer.kit.files import write_atomically
from medviewer.kit.paths import user_folder


def install(model: Path) -> Path:
    """Put a copy of *model* where the viewer looks for the user's own; the new place."""
    target = user_folder("models") / model.name
    if target.resolve() != model.resolve():
        write_atomically(target, model.read_bytes())
        beside = catalog.card_beside(model)
        if beside.is_file():
            shutil.copyfile(beside, catalog.card_beside(target))
    return target
