"""What the index remembers during one scan, folder by folder, and what it will be told."""

from __future__ import annotations

import logging
import os

from medviewer.kit.errors import IndexTrouble
from medviewer.studies.index import Index
from medviewer.studies.rows import Entry
from medviewer.studies.walk import Place

log = logging.getLogger(__name__)


TURN = 512
"""Files written in one transaction."""


class Memory:
    """What the index knows, folder by folder; a scan goes on without an index that fails."""

    def __init__(self, index: Index | None) -> None:
        self._index = index
        self._folder = ""
        self._known: dict[tuple[str, str], Entry] = {}
        self._members: dict[str, list[Entry]] = {}
        self._fresh: list[Entry] = []
        self.known = 0

    def find(self, place: Place) -> list[Entry]:
        """What is known of an unchanged file: one entry, several for an archive, none to read it."""
        self._load(os.path.dirname(place.path))
        entry = self._known.get((place.path, ""))
        if entry is None or (entry.size, entry.mtime_ns) != (place.size, place.mtime_ns):
            return []
        if entry.header is not None or entry.reason:
            self.known += 1
            return [entry]
        members = self._members.get(place.path, [])
        fresh = [one for one in members if (one.size, one.mtime_ns) == (place.size, place.mtime_ns)]
        self.known += len(fresh)
        return fresh

    def keep(self, entry: Entry) -> None:
        """Put what was read aside, to be written with the next batch, unless it may be otherwise tomorrow."""
        if self._index is not None and entry.size >= 0:
            self._fresh.append(entry)

    def write(self, is_last: bool = False) -> None:
        """Write what was put aside, when it is worth a turn of the disk."""
        if self._index is None or not self._fresh or not (is_last or len(self._fresh) >= TURN):
            return
        fresh, self._fresh = self._fresh, []
        try:
            self._index.remember(fresh)
        except IndexTrouble:
            log.warning("the index cannot be written; the scan goes on without it")
            self._index = None

    def _load(self, folder: str) -> None:
        if folder == self._folder or self._index is None:
            return
        try:
            self._known = self._index.known(folder)
        except IndexTrouble:
            log.warning("the index cannot be read; the scan goes on without it")
            self._index, self._known = None, {}
        self._folder, self._members = folder, {}
        for entry in self._known.values():
            if entry.member:
                self._members.setdefault(entry.path, []).append(entry)
