"""Undo and redo: whole documents with a label. Documents share their parts, so one costs what was changed."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from medviewer.session.state import Document

MOST_STEPS = 500
MOST_BYTES = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Entry:
    label: str
    document: Document
    """the document before (undo) or after (redo) the edit"""
    merge: Hashable | None = None


class History:
    """What can be undone and done again. Consecutive edits with one merge key are one step."""

    def __init__(self, most_steps: int = MOST_STEPS, most_bytes: int = MOST_BYTES) -> None:
        self._undo: list[_Entry] = []
        self._redo: list[_Entry] = []
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

    def remember(self, label: str, before: Document, merge: Hashable | None = None) -> None:
        """Keep the document as it was before an edit."""
        self._redo.clear()
        if merge is not None and self._undo and self._undo[-1].merge == merge:
            return
        self._undo.append(_Entry(label, before, merge))
        self._shrink()

    def undo(self, now: Document) -> Document:
        """The document before the last edit; *now* itself when there is none."""
        return self._step(self._undo, self._redo, now)

    def redo(self, now: Document) -> Document:
        """The document after the edit undone last; *now* itself when there is none."""
        return self._step(self._redo, self._undo, now)

    def clear(self) -> None:
        """Forget everything."""
        self._undo.clear()
        self._redo.clear()

    def _step(self, source: list[_Entry], target: list[_Entry], now: Document) -> Document:
        if not source:
            return now
        entry = source.pop()
        target.append(_Entry(entry.label, now))
        return entry.document

    def _shrink(self) -> None:
        while len(self._undo) > self._most_steps or (
            len(self._undo) > 1 and self._bytes() > self._most_bytes
        ):
            self._undo.pop(0)

    def _bytes(self) -> int:
        """The memory of all remembered label slices, each counted once."""
        slices = {
            id(values): values.nbytes
            for entry in self._undo
            for reading in entry.document.readings.values()
            if reading.labels is not None
            for values in reading.labels.slices
            if values is not None
        }
        return sum(slices.values())
