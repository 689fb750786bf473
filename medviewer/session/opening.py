"""The background side of opening: scan, group what was found, tell it early and not too often."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from medviewer.core.study import SeriesKey, Study, StudyKey, Unreadable
from medviewer.dicom.group import group
from medviewer.dicom.read import Header
from medviewer.kit.errors import IndexTrouble
from medviewer.kit.frozen import frozen
from medviewer.kit.task import TaskContext, ignore
from medviewer.studies.index import Index
from medviewer.studies.scan import Found, ScanResult, reopen, scan

FIRST_TELL_S = 0.3
"""After the first batch, which is told at once, the next ones follow at growing intervals."""


@frozen
class Opened:
    """What is open after (a part of) a scan."""

    headers: tuple[Header, ...] = ()
    studies: tuple[Study, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    unreadable_here: tuple[Unreadable, ...] = ()
    """of these, what this scan could not read"""
    fresh: frozenset[SeriesKey] = frozenset()
    """the series of which this scan has found instances"""
    index_trouble: str = ""
    """why nothing will be remembered at the next start"""


class Opening:
    """One request to open paths, next to what is open already."""

    def __init__(
        self,
        paths: Sequence[Path],
        before: Opened,
        index: Callable[[], Index],
        study: StudyKey = "",
        prepare: Callable[[Sequence[Study]], object] = ignore,
        rest: Callable[[], object] = lambda: None,
    ) -> None:
        """Open *paths*, or the files of a remembered *study*, wherever they lie.

        *prepare* is called by the worker with studies that were not open, before anybody is told of them;
        *rest* when it has told of what it found first.
        """
        self._paths = paths
        self._study = study
        self._before = before
        self._index = index
        self._prepare = prepare
        self._rest = rest
        self._new: list[Header] = []
        self._unreadable: list[Unreadable] = []
        self._next_tell = 0.0
        self._interval = FIRST_TELL_S
        self.latest = replace(before, fresh=frozenset(), unreadable_here=())
        """what is known so far; a frozen value, replaced by the worker and read by the main thread"""

    def work(self, context: TaskContext) -> Opened:
        """Scan everything. The answer is what is open then."""
        context.check()
        result = self._scanned(context)
        index = self._index()
        self._new, self._unreadable = list(result.headers), list(result.unreadable)
        opened = replace(self._grouped(context), index_trouble=index.trouble)
        kept = tuple(study for study in opened.studies if opened.fresh & {one.key for one in study.series})
        with suppress(IndexTrouble):  # the list at the next start is shorter; everything is open all the same
            index.remember_studies(kept, self._paths, context.check)
        return opened

    def _scanned(self, context: TaskContext) -> ScanResult:
        def found(batch: Found) -> None:
            self._found(batch, context)

        if self._study:
            return reopen(self._study, context, self._index(), found)
        return scan(self._paths, context, self._index, found)

    def _found(self, found: Found, context: TaskContext) -> None:
        self._new.extend(found.headers)
        self._unreadable.extend(found.unreadable)
        now = time.monotonic()
        if now < self._next_tell or not self._new:
            return
        self.latest = self._grouped(context)
        self._interval *= 2
        self._next_tell = time.monotonic() + self._interval
        context.report(None, f"{found.seen:,} files")
        if self._interval == 2 * FIRST_TELL_S:
            self._rest()

    def _grouped(self, context: TaskContext) -> Opened:
        headers = _united(self._before.headers, self._new)
        studies = group(headers, context.check)
        places = {(header.path, header.member) for header in self._new}
        fresh = frozenset(
            series.key
            for study in studies
            for series in study.series
            if any((one.path, one.member) in places for one in series.instances)
        )
        known = {study.key for study in self._before.studies}
        self._prepare([study for study in studies if study.key not in known])
        here = tuple(dict.fromkeys(self._unreadable))
        every = tuple(dict.fromkeys((*self._before.unreadable, *here)))
        return Opened(headers, studies, every, here, fresh)


def _united(before: Sequence[Header], new: Sequence[Header]) -> tuple[Header, ...]:
    """Both, a file that was read again only once."""
    return tuple({(one.path, one.member): one for one in (*before, *new)}.values())
