"""Undo and redo: whole documents with a label. Documents share their parts, so one costs what was changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from medviewer.kit.frozen import frozen
from medviewer.session.state import Document

MOST_STEPS = 500
MOST_BYTES = 512 * 1024 * 1024


@frozen
class Beside:
    """What an edit does beside the document, for instance to the list of recipes; both are quick."""

    undo: Callable[[], object]
    redo: Callable[[], object]


@frozen
class _Entry:
    label: str
    document: Document
    """the document before (undo) or after (redo) the edit"""
    beside: Beside | None = None


class History:
    """What can be undone and done again. Consecutive edits with one merge key are one step."""

    def __init__(self, most_steps: int = MOST_STEPS, most_bytes: int = MOST_BYTES) -> None:
        self._undo: list[_Entry] = []
        self._redo: list[_Entry] = []
        self._held = _Held()
        self._merge: Hashable | None = None
        self._most_steps = most_steps
        self._most_bytes = most_bytes

    @property
    def undo_label(self) -> str:
        """What undo would undo, "" for nothing."""
        return self._undo[-1].label if self._undo else ""

    @property
    def redo_label(self) -> str:
        """What redo would do again, "" for nothing."""
        return self._redo[-1].label if self._redo else ""

    def remember(
        self, label: str, before: Document, merge: Hashable | None = None, beside: Beside | None = None
    ) -> None:
        """Keep the document as it was before an edit, and how to take back what was done *beside* it."""
        self._redo.clear()
        continues = merge is not None and merge == self._merge and bool(self._undo)
        self._merge = merge
        if continues:
            return
        self._push(_Entry(label, before, beside))
        while len(self._undo) > self._most_steps or (
            len(self._undo) > 1 and self._held.bytes > self._most_bytes
        ):
            self._held.drop(self._undo.pop(0).document)

    def undo(self, now: Document) -> Document:
        """The document before the last edit; *now* itself when there is none."""
        self._merge = None
        if not self._undo:
            return now
        entry = self._undo.pop()
        self._held.drop(entry.document)
        self._redo.append(_Entry(entry.label, now, entry.beside))
        if entry.beside is not None:
            entry.beside.undo()
        return entry.document

    def redo(self, now: Document) -> Document:
        """The document after the edit undone last; *now* itself when there is none."""
        self._merge = None
        if not self._redo:
            return now
        entry = self._redo.pop()
        self._push(_Entry(entry.label, now, entry.beside))
        if entry.beside is not None:
            entry.beside.redo()
        return entry.document

    def everywhere(self, how: Callable[[Document], Document]) -> None:
        """Change all remembered documents alike: what was restored from disk is not undone with an edit."""
        self._held = _Held()
        undo, self._undo = self._undo, []
        for entry in undo:
            self._push(replace(entry, document=how(entry.document)))
        self._redo = [replace(entry, document=how(entry.document)) for entry in self._redo]

    def settle(self, how: Callable[[Document], Document], now: Document) -> None:
        """`everywhere`, and forget the edits up to *now* that have changed nothing else than *how* levels."""
        self.everywhere(how)
        undo, later = [], how(now)
        for entry in reversed(self._undo):
            if entry.beside is not None or not _alike(entry.document, later):
                undo.append(entry)
            later = entry.document
        redo, earlier = [], how(now)
        for entry in reversed(self._redo):
            if entry.beside is not None or not _alike(entry.document, earlier):
                redo.append(entry)
            earlier = entry.document
        self._undo, self._redo, self._held = [], redo[::-1], _Held()
        for entry in reversed(undo):
            self._push(entry)

    def clear(self) -> None:
        """Forget everything."""
        self._undo.clear()
        self._redo.clear()
        self._held = _Held()
        self._merge = None

    def _push(self, entry: _Entry) -> None:
        self._undo.append(entry)
        self._held.add(entry.document)


def _alike(one: Document, other: Document) -> bool:
    """Whether two documents share everything; those that an edit has made equal again do not count."""
    return one.readings is other.readings and one.grid == other.grid


class _Held:
    """The memory of the label slices in some documents, each slice counted once however many share it."""

    def __init__(self) -> None:
        self.bytes = 0
        self._shares: Counter[int] = Counter()

    def add(self, document: Document) -> None:
        for values in _slices(document):
            if not self._shares[id(values)]:
                self.bytes += values.nbytes
            self._shares[id(values)] += 1

    def drop(self, document: Document) -> None:
        for values in _slices(document):
            self._shares[id(values)] -= 1
            if not self._shares[id(values)]:
                self.bytes -= values.nbytes
                del self._shares[id(values)]


def _slices(document: Document) -> Iterator[NDArray[np.uint8]]:
    for reading in document.readings.values():
        for group in reading.groups:
            yield from (values for values in group.slices if values is not None)
