"""Layouts of the enhancement grid that the reader has kept: one small file each, with the recipes inside."""

from __future__ import annotations

import json
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any

import medviewer
from medviewer.core.pipeline import Pipeline
from medviewer.imaging.enhance.operation import ENHANCEMENTS
from medviewer.kit.errors import BadValue, FileTrouble
from medviewer.kit.files import write_atomically
from medviewer.kit.frozen import frozen
from medviewer.kit.one_each import OneEach
from medviewer.kit.paths import user_folder
from medviewer.kit.task import Lane, Task
from medviewer.session.grid import FEWEST, MOST
from medviewer.session.history import Beside
from medviewer.session.recipe_files import checked_name, own_file, same_name, tidy
from medviewer.session.session_type import Session
from medviewer.session.state import Cells

FORMAT = 1
LARGEST_FILE = 4_000_000
LONGEST_NAME = 80
SERIES = "series"
"""What stands in a file for the stack of whichever series is shown."""


@frozen
class GridLayout:
    """What stands in the cells, under a name."""

    name: str
    cells: Cells


class Layouts:
    """The layouts in one folder: read once, changed in memory, written by workers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = Lock()
        self._on_disk = Lock()
        """held by whoever writes: a list is shown while a slow disk takes its time"""
        self._unwritten: set[str] = set()
        self._known: dict[str, GridLayout] = {}
        self._files: dict[str, Path] = {}
        self.troubles: tuple[str, ...] = ()
        """why files of the folder are not in the list, a sentence each"""
        self._read()

    @property
    def all(self) -> tuple[GridLayout, ...]:
        """All of them by name. Touches no disk."""
        with self._lock:
            return tuple(one for _, one in sorted(self._known.items()))

    def find(self, name: str) -> GridLayout | None:
        """The layout of this name, small letters and capitals alike, or None."""
        with self._lock:
            return self._known.get(same_name(name))

    def put(self, name: str, layout: GridLayout | None) -> None:
        """Let *layout* be what is called *name*; None: nothing is. `write` brings it to the disk."""
        with self._lock:
            self._known.pop(same_name(name), None)
            if layout is not None:
                self._known[same_name(name)] = layout
            self._unwritten.add(same_name(name))

    def write(self) -> None:
        """Bring the folder up to date. Any thread may call. Raises FileTrouble."""
        with self._on_disk:
            while (wanted := self._next()) is not None:
                name, layout = wanted
                try:
                    self._write_one(name, layout)
                except FileTrouble:
                    with self._lock:
                        self._unwritten.add(name)
                    raise

    def _next(self) -> tuple[str, GridLayout | None] | None:
        """What is to be written next; it counts as written until that fails, or another is put there."""
        with self._lock:
            if not self._unwritten:
                return None
            name = self._unwritten.pop()
            return name, self._known.get(name)

    def _write_one(self, name: str, layout: GridLayout | None) -> None:
        path = self._files.get(name)
        try:
            if layout is not None:
                path = path or self.folder / own_file(layout.name)
                write_atomically(path, to_json(layout).encode())
                self._files[name] = path
            elif path is not None:
                path.unlink(missing_ok=True)
                del self._files[name]
        except OSError as trouble:
            shown = path.name if path is not None else name
            raise FileTrouble(
                f"The layout could not be saved as {shown}: {trouble.strerror}.", "Make room on the disk."
            ) from None

    def _read(self) -> None:
        troubles = []
        for path in sorted(self.folder.glob("*.json")):
            try:
                layout = read_layout(path)
            except (FileTrouble, BadValue) as trouble:
                troubles.append(str(trouble))
                continue
            self._known[same_name(layout.name)] = layout
            self._files[same_name(layout.name)] = path
        self.troubles = tuple(troubles)


_folders = OneEach(Layouts)


def layouts() -> Layouts:
    """The layouts of this user; read when first asked for."""
    return _folders[user_folder("layouts")]


def settle() -> None:
    """Write here and now what is not on the disk, as a program that ends does. Raises FileTrouble."""
    for one in _folders.made:
        one.write()


def layout(name: str) -> GridLayout:
    """The layout of this name. Raises BadValue."""
    found = layouts().find(name)
    if found is None:
        known = ", ".join(repr(one.name) for one in layouts().all) or "none yet"
        raise BadValue(f"There is no layout called {name!r:.{LONGEST_NAME}}.", f"There are: {known}.")
    return found


def put(session: Session, label: str, changes: dict[str, GridLayout | None]) -> None:
    """Keep, replace and delete layouts by their names; undo takes it back."""
    before = {name: layouts().find(name) for name in changes}

    def become(those: dict[str, GridLayout | None]) -> None:
        for name, one in those.items():
            layouts().put(name, one)
        work = layouts()
        session.submit(
            Task(
                lambda _: work.write(), failed=session.notify, lane=Lane.SOON, replaces="layouts are written"
            )
        )

    become(changes)
    session.edit(
        label, lambda document: document, beside=Beside(partial(become, before), partial(become, changes))
    )


def to_json(layout: GridLayout) -> str:
    """A layout as a file."""
    cells = [SERIES if cell is None else json.loads(cell.to_json()) for cell in layout.cells]
    said = {
        "medviewer_layout": FORMAT,
        "by": f"medviewer {medviewer.__version__}",
        "name": layout.name,
        "cells": cells,
    }
    return json.dumps(said, indent=1, allow_nan=False)


def read_layout(path: Path) -> GridLayout:
    """The layout in a file, its recipes checked. Raises FileTrouble or BadValue."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise FileTrouble(f"{path.name} is too large for a layout.", "Layouts are small JSON files.")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as trouble:
        why = f"{trouble.strerror}."
        raise FileTrouble(f"The layout {path.name} cannot be read: {why}", "Check the folder.") from None
    except UnicodeDecodeError:
        raise FileTrouble(f"{path.name} is no layout of the grid.", "Delete it, or keep it anew.") from None
    return _layout(text, path)


def _layout(text: str, path: Path) -> GridLayout:
    damaged = BadValue(f"The layout {path.name} is damaged.", "Delete it, or keep the grid anew.")
    with suppress(ValueError, LookupError, TypeError, AttributeError, RecursionError):
        said = json.loads(text)
        if isinstance(said["medviewer_layout"], int) and said["medviewer_layout"] > FORMAT:
            raise BadValue(f"{path.name} was kept by a newer medviewer.", "Update medviewer.")
        cells = tuple(_named(path, one) for one in said["cells"])
        name = checked_name(tidy(str(said["name"] or path.stem), LONGEST_NAME))
        if said["medviewer_layout"] == FORMAT and FEWEST <= len(cells) <= MOST:
            return GridLayout(name, cells)
    raise damaged


def _named(path: Path, said: Any) -> Pipeline | None:
    """What a cell shows. Raises BadValue that names the file."""
    try:
        return _cell(said)
    except BadValue as trouble:
        raise BadValue(f"The layout {path.name}: {trouble.message}", trouble.advice) from None


def _cell(said: Any) -> Pipeline | None:
    if said == SERIES:
        return None
    found = Pipeline.from_json(json.dumps(said))
    for step in found.steps:
        if step.operation not in ENHANCEMENTS:
            raise BadValue(
                f"this medviewer does not have the step {step.operation:.60}.",
                "Update medviewer, or install what adds it.",
            )
    steps = (one.with_values(ENHANCEMENTS[one.operation].checked(dict(one.values))) for one in found.steps)
    return Pipeline(tuple(steps), tidy(found.name, LONGEST_NAME), tidy(found.description))
