"""Undo and redo: whole documents with a label. Documents share their parts, so one costs what was changed.

There is no limit but memory: what is held for undo and redo together. Where it is reached the steps that are
farthest from now go first, and the last one always stays.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable
from dataclasses import replace
from itertools import chain
from operator import is_not
from typing import Any

from medviewer.core.annotation import Annotation
from medviewer.core.finding import Finding
from medviewer.core.labels import LabelMap
from medviewer.kit.frozen import frozen
from medviewer.session.state import Document, Reading

MOST_BYTES = 512 * 1024 * 1024
STEP_BYTES = 600
"""of an entry, its document and its label"""
PART_BYTES = 200
"""of a small value: an annotation, a finding, a label, the name of a picture"""
POINT_BYTES = 96
SLOT_BYTES = 8
"""of a place in a tuple or in a table"""


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

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._undo: deque[_Entry] = deque()
        self._redo: deque[_Entry] = deque()
        """in both the last one is the nearest"""
        self._held = _Held()
        self._merge: Hashable | None = None
        self._most_bytes = most_bytes

    @property
    def bytes(self) -> int:
        """About how much memory the documents hold that can be gone back to and forth to."""
        return self._held.bytes

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
        while self._redo:
            self._held.drop(self._redo.pop().document)
        continues = merge is not None and merge == self._merge and bool(self._undo)
        self._merge = merge
        if continues:
            return
        self._push(self._undo, _Entry(label, before, beside))
        self._bound()

    def undo(self, now: Document) -> Document:
        """The document before the last edit; *now* itself when there is none."""
        self._merge = None
        if not self._undo:
            return now
        entry = self._undo.pop()
        self._held.drop(entry.document)
        self._push(self._redo, _Entry(entry.label, now, entry.beside))
        self._bound()
        if entry.beside is not None:
            entry.beside.undo()
        return entry.document

    def redo(self, now: Document) -> Document:
        """The document after the edit undone last; *now* itself when there is none."""
        self._merge = None
        if not self._redo:
            return now
        entry = self._redo.pop()
        self._held.drop(entry.document)
        self._push(self._undo, _Entry(entry.label, now, entry.beside))
        self._bound()
        if entry.beside is not None:
            entry.beside.redo()
        return entry.document

    def everywhere(self, how: Callable[[Document], Document]) -> None:
        """Change all remembered documents alike: what was restored from disk is not undone with an edit."""
        undo, redo = (
            [_exchanged(entry, how(entry.document)) for entry in entries]
            for entries in (self._undo, self._redo)
        )
        if any(map(is_not, (*undo, *redo), (*self._undo, *self._redo))):
            self._hold(undo, redo)

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
        self._hold(reversed(undo), reversed(redo))

    def clear(self) -> None:
        """Forget everything."""
        self._hold((), ())
        self._merge = None

    def _hold(self, undo: Iterable[_Entry], redo: Iterable[_Entry]) -> None:
        self._undo, self._redo, self._held = deque(), deque(), _Held()
        for entry in undo:
            self._push(self._undo, entry)
        for entry in redo:
            self._push(self._redo, entry)
        self._bound()

    def _push(self, entries: deque[_Entry], entry: _Entry) -> None:
        entries.append(entry)
        self._held.add(entry.document)

    def _bound(self) -> None:
        """Let go of what is farthest away until the rest may be held."""
        for entries in (self._undo, self._redo):
            while len(entries) > 1 and self._held.bytes > self._most_bytes:
                self._held.drop(entries.popleft().document)


def _exchanged(entry: _Entry, document: Document) -> _Entry:
    return entry if document is entry.document else replace(entry, document=document)


def _alike(one: Document, other: Document) -> bool:
    """Whether two documents share everything; those that an edit has made equal again do not count."""
    return one.readings is other.readings and one.grid == other.grid


class _Held:
    """About the memory of some documents, each part counted once however many share it.

    A part that is held already is not looked into: an edit costs what it has changed.
    """

    def __init__(self) -> None:
        self.bytes = 0
        self._shares: dict[int, int] = {}

    def add(self, document: Document) -> None:
        self.bytes += _step_bytes(document)
        for part in document.readings.values():
            self._add(part)

    def drop(self, document: Document) -> None:
        self.bytes -= _step_bytes(document)
        for part in document.readings.values():
            self._drop(part)

    def _add(self, part: Any) -> None:
        shares = self._shares.get(id(part), 0)
        self._shares[id(part)] = shares + 1
        if not shares:
            self.bytes += _bytes(part)
            for inner in _inner(part):
                self._add(inner)

    def _drop(self, part: Any) -> None:
        shares = self._shares[id(part)] - 1
        if shares:
            self._shares[id(part)] = shares
            return
        del self._shares[id(part)]
        self.bytes -= _bytes(part)
        for inner in _inner(part):
            self._drop(inner)


def _step_bytes(document: Document) -> int:
    return STEP_BYTES + 3 * SLOT_BYTES * len(document.readings)


def _inner(part: Any) -> Iterable[Any]:
    """What a reading, or a label map, shares with others of its kind."""
    if isinstance(part, Reading):
        return chain(part.annotations, part.findings, part.groups)
    if isinstance(part, LabelMap):
        return (values for values in part.slices if values is not None)
    return ()


def _bytes(part: Any) -> int:
    """About the memory of a part without what it shares."""
    if isinstance(part, Reading):
        tuples = (part.annotations, part.findings, part.pictures, part.key_pictures, part.scales, part.seeds)
        return PART_BYTES + SLOT_BYTES * sum(len(one) for one in tuples)
    if isinstance(part, LabelMap):
        return PART_BYTES * (1 + len(part.labels)) + SLOT_BYTES * len(part.slices)
    if isinstance(part, Annotation):
        return PART_BYTES + POINT_BYTES * len(part.points) + len(part.text)
    return PART_BYTES if isinstance(part, Finding) else int(part.nbytes)
