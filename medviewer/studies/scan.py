"""Reading the headers of everything under some paths, in batches, with a reason for each file without one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

from medviewer.core.study import StudyKey, Unreadable
from medviewer.dicom.dicomdir import referenced_files
from medviewer.dicom.read import Header, read_header
from medviewer.kit.errors import FileTrouble
from medviewer.kit.frozen import frozen
from medviewer.kit.task import TaskContext
from medviewer.studies.contents import Many, Read, archived, label, looked_at, refused
from medviewer.studies.index import Index
from medviewer.studies.memory import Memory
from medviewer.studies.rows import Entry
from medviewer.studies.walk import Place, files

BATCH = 64
BATCH_S = 0.15
CHUNK = 32
READERS = 4


@frozen
class Found:
    """What was read since the last batch."""

    headers: tuple[Header, ...]
    unreadable: tuple[Unreadable, ...]
    seen: int
    """files looked at since the scan began"""


@frozen
class ScanResult:
    """Everything that a scan found, in the order of paths and names."""

    headers: tuple[Header, ...]
    unreadable: tuple[Unreadable, ...]
    seen: int
    """files and members of archives looked at"""
    known: int
    """how many of them the index knew, so that they were not read"""


def scan(
    paths: Sequence[Path | str],
    context: TaskContext,
    index: Index | Callable[[], Index] | None = None,
    found: Callable[[Found], object] | None = None,
    read: Read = read_header,
) -> ScanResult:
    """Read the headers under *paths*: files, folders, DICOMDIRs, ZIP archives (and those inside, one level).

    *found* gets the first readable header at once and then a batch every fraction of a second, on the calling
    thread. Files that *index* knows by path, size and time are not read again; one that is yet to be opened
    is opened after the first file. Raises Cancelled.
    """
    basket = _Basket(context, found, Memory(index, context.check))
    for entry in _entries(files(paths), basket.memory, read, context):
        basket.take(entry)
    return basket.emptied()


def reopen(
    study: StudyKey,
    context: TaskContext,
    index: Index,
    found: Callable[[Found], object] | None = None,
    read: Read = read_header,
) -> ScanResult:
    """The files of one remembered study, wherever they lie; those that changed are read again.

    Raises Cancelled, or IndexTrouble when the index cannot be read.
    """
    return scan(index.places(study), context, index, found, read)


class _Basket:
    """Collects entries and hands them on in batches."""

    def __init__(self, context: TaskContext, found: Callable[[Found], object] | None, memory: Memory) -> None:
        self.memory = memory
        self._context = context
        self._found = found
        self._headers: list[Header] = []
        self._unreadable: list[Unreadable] = []
        self._seen = 0
        self._told = (0, 0)
        self._last = time.monotonic()

    def take(self, entry: Entry) -> None:
        """Keep one entry; tell when a batch is full or somebody waits."""
        self._seen += 1
        if entry.header is not None:
            self._headers.append(entry.header)
        elif entry.reason:
            self._unreadable.append(Unreadable(label(entry), entry.reason))
        else:
            self._seen -= 1  # the mark that an archive was read to its end
        waiting = len(self._headers) - self._told[0]
        is_first = waiting and not self._told[0]
        if is_first or waiting >= BATCH or time.monotonic() - self._last >= BATCH_S:
            self._tell()

    def emptied(self) -> ScanResult:
        """Hand on the rest and give everything."""
        self._tell()
        self.memory.write(is_last=True)
        return ScanResult(tuple(self._headers), tuple(self._unreadable), self._seen, self.memory.known)

    def _tell(self) -> None:
        headers = tuple(self._headers[self._told[0] :])
        unreadable = tuple(self._unreadable[self._told[1] :])
        self._told = (len(self._headers), len(self._unreadable))
        if self._found is not None and (headers or unreadable):
            self._found(Found(headers, unreadable, self._seen))
        self.memory.write()
        self._context.report(None, f"{self._seen:,} files, {len(self._headers):,} of them DICOM")
        self._last = time.monotonic()


def _entries(places: Iterator[Place], memory: Memory, read: Read, context: TaskContext) -> Iterator[Entry]:
    """One entry for each file and each member of an archive."""
    pool = ThreadPoolExecutor(READERS, thread_name_prefix="medviewer-headers")
    try:
        size, slow = 1, False
        while chunk := list(islice(places, size)):
            context.check()
            started = (time.perf_counter(), time.thread_time())
            yield from _chunk(chunk, memory, read, context, pool if slow else None)
            slow = slow or _waited(started)
            size = CHUNK
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _waited(started: tuple[float, float]) -> bool:
    """Whether the time since *started* went into waiting for the disk; only then do threads help."""
    wall, work = time.perf_counter() - started[0], time.thread_time() - started[1]
    return wall > 2 * work + 0.01


def _chunk(
    places: list[Place], memory: Memory, read: Read, context: TaskContext, pool: ThreadPoolExecutor | None
) -> Iterator[Entry]:
    known = [memory.find(place) if not place.reason else [] for place in places]
    if all(known):
        for entries in known:
            yield from entries
        return
    unknown = [place for place, entries in zip(places, known, strict=True) if not entries]

    def look(place: Place) -> Entry | Many:
        context.check()
        return looked_at(place, read)

    fresh = iter(list(pool.map(look, unknown)) if pool is not None else map(look, unknown))
    for place, entries in zip(places, known, strict=True):
        if entries:
            yield from entries
            continue
        new = next(fresh)
        if new is Many.DIRECTORY:
            yield from _referred_to(place, memory, read, context)
            continue
        for entry in [new] if isinstance(new, Entry) else archived(place, read, context):
            memory.keep(entry)
            yield entry


def _referred_to(directory: Place, memory: Memory, read: Read, context: TaskContext) -> Iterator[Entry]:
    """The files that a DICOMDIR refers to, when it was named itself; always those it refers to in vain.

    The files of one that lies in a scanned folder are found there anyway.
    """
    try:
        paths, problems = referenced_files(directory.path)
    except FileTrouble as trouble:
        yield refused(directory, trouble.message)
        return
    yield from (refused(directory, problem) for problem in problems)
    if directory.given:
        # none of them counts as named itself, so a DICOMDIR that lists itself is not read for ever
        places = (place._replace(given=False) for place in files(paths))
        yield from _entries(places, memory, read, context)
