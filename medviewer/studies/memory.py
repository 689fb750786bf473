"""What the index remembers during one scan, folder by folder, and what it will be told."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable

from medviewer.kit.errors import IndexTrouble
from medviewer.studies.index import Index
from medviewer.studies.rows import Entry, Stored
from medviewer.studies.walk import Place

log = logging.getLogger(__name__)


TURN = 512
"""Files written in one transaction."""


class Memory:
    """What the index knows, folder by folder; a scan goes on without an index that fails."""

    def __init__(self, index: Index | Callable[[], Index] | None, check: Callable[[], object]) -> None:
        """*check* is called while the index is read, and may raise.

        An index that is yet to be opened is opened after the first file: reading that one is quicker.
        """
        self._unopened = None if index is None or isinstance(index, Index) else index
        self._index = index if isinstance(index, Index) else None
        self._is_first = True
        self._check = check
        self._folder = ""
        self._files: dict[str, Stored] = {}
        self._members: dict[str, list[Stored]] = {}
        self._fresh: list[Entry] = []
        self.known = 0

    def find(self, place: Place) -> list[Entry]:
        """What is known of an unchanged file: one entry, several for an archive, none to read it."""
        is_first, self._is_first = self._is_first, False
        if self._unopened is not None and not is_first:
            self._index, self._unopened = self._unopened(), None
        if self._index is None:
            return []
        folder, _, name = place.path.rpartition(os.sep)
        if folder != self._folder:
            self._load(folder)
        row = self._files.get(name)
        if row is None or row[2] != place.size or row[3] != place.mtime_ns:
            return []
        rows = [row]
        if not (row[4] or row[7]):
            members = self._members.get(name, [])
            rows = [one for one in members if (one[2], one[3]) == (place.size, place.mtime_ns)]
        found = self._entries(rows, place.path)
        self.known += len(found)
        return found

    def keep(self, entry: Entry) -> None:
        """Put what was read aside, to be written with the next batch, unless it may be otherwise tomorrow."""
        if (self._index is not None or self._unopened is not None) and entry.size >= 0:
            self._fresh.append(entry)

    def write(self, is_last: bool = False) -> None:
        """Write what was put aside, when it is worth a turn of the disk."""
        if not self._fresh or not (is_last or len(self._fresh) >= TURN):
            return
        if self._unopened is not None:
            self._index, self._unopened = self._unopened(), None
        if self._index is None:
            return
        fresh, self._fresh = self._fresh, []
        try:
            self._index.remember(fresh)
        except IndexTrouble:
            log.warning("the index cannot be written; the scan goes on without it")
            self._index = None

    def _entries(self, rows: list[Stored], path: str) -> list[Entry]:
        """The rows as entries; none when one of them is damaged, so that the file is read again."""
        assert self._index is not None
        found = []
        try:
            for row in rows:
                entry = self._index.entry(row, path)
                if entry is None:
                    return []
                found.append(entry)
        except IndexTrouble:
            self._give_up()
            return []
        return found

    def _load(self, folder: str) -> None:
        assert self._index is not None
        self._folder, self._files, self._members = folder, {}, {}
        try:
            for row in self._index.stored(folder or os.sep, self._check):
                name = os.fsdecode(row[0])
                if row[1]:
                    self._members.setdefault(name, []).append(row)
                else:
                    self._files[name] = row
        except IndexTrouble:
            self._give_up()

    def _give_up(self) -> None:
        log.warning("the index cannot be read; the scan goes on without it")
        self._index, self._files, self._members = None, {}, {}
