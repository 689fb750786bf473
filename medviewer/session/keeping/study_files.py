"""The files of one open study: a checkpoint, and the journal of what was done since."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from threading import Lock

from medviewer.core.study import SeriesKey, StudyKey
from medviewer.kit.errors import ExportTrouble, FileTrouble
from medviewer.kit.frozen import frozen
from medviewer.kit.locks import FileLock
from medviewer.kit.paths import user_folder
from medviewer.session.keeping import journal as journals
from medviewer.session.keeping.changes import Readings, applied, difference
from medviewer.session.keeping.journal import Journal
from medviewer.session.keeping.plain import DAMAGE
from medviewer.session.keeping.session_file import SessionFile, not_saved, read, write
from medviewer.session.state import Reading

MOST_GROWN = 16 << 20
"""Bytes of the journal after which a checkpoint no longer waits until nothing changes any more."""
MOST_WINDOWS = 100

Stamp = tuple[tuple[str, int, int, int], ...]


@frozen
class Kept:
    """What the files of a study say."""

    readings: Readings
    number: int = 0
    """of the last change"""
    checkpoint: int = 0
    """of the last change that the checkpoint holds"""
    troubles: tuple[FileTrouble, ...] = ()
    """what could not be read"""
    stamp: Stamp = ()
    """tells one state of the files from the next"""


class StudyFiles:
    """The files of a study, of which this program has the only right to write.

    The first window with a study has the files of that study. Another one that opens it meanwhile has files
    of its own, which are offered when the study is opened the next time: neither can destroy the other's
    work.
    """

    def __init__(self, study: StudyKey, apart: bool = False) -> None:
        """Files of the study, or *apart* from those. Raises ExportTrouble."""
        self._stem, self._lock = _own(study, 2 if apart else 1)
        self.is_first = self._stem == stem(study)
        self._journal = Journal(self._stem)
        self._brief = Lock()
        """held while a record is written; never while the disk is waited for"""
        self._disk = Lock()
        self._base: Readings = {}
        """what the files say"""
        self._restored: Readings = {}
        """what the files of the first window said, where this is another one"""
        self._number = 0
        self._checkpoint = 0
        self._wanted: Readings | None = None
        """what is to be written since the disk refused a record: only a checkpoint helps then"""

    @property
    def is_kept(self) -> bool:
        """Whether nothing is waiting for the disk to take it."""
        return self._wanted is None

    @property
    def is_settled(self) -> bool:
        """Whether all is in the checkpoint."""
        return self._wanted is None and self._number == self._checkpoint

    @property
    def series(self) -> frozenset[SeriesKey]:
        """The series of which the files say something; not all of them need be open."""
        return frozenset(self._base)

    @property
    def has_grown(self) -> bool:
        """Whether the journal is so long that a checkpoint should not wait."""
        return self._journal.grown > MOST_GROWN

    def begin(self, kept: Kept) -> None:
        """Go on from what was read; what could not be read is kept aside. Raises ExportTrouble."""
        if not self.is_first:
            self._restored = kept.readings
            return
        with self._brief:
            self._base, self._number, self._checkpoint = kept.readings, kept.number, kept.checkpoint
        if kept.troubles:
            self._set_aside()

    def keep(self, readings: Readings) -> bool:
        """Append to the journal what has changed; whether anything has. Raises ExportTrouble."""
        with self._brief:
            return self._keep(readings)

    def checkpoint(self) -> None:
        """Write all into one file, and cut the journal. Any thread may call. Raises ExportTrouble."""
        with self._disk:
            with self._brief:
                readings, number = self._base, self._number
                if self._wanted is not None:
                    readings, number = self._wanted, number + 1
                if number == self._checkpoint:
                    return
                self._journal.rotate()
            write(self._file, SessionFile(tuple(readings.values()), number))
            with self._brief:
                self._checkpoint = number
                newest, self._wanted = self._wanted, None
                if newest is not None:
                    self._base, self._number = readings, number
                    self._keep(newest)
            with suppress(OSError):  # what is left there is passed over by its numbers
                journals.cut(self._stem, number)

    def sync(self) -> None:
        """Make the journal outlive the system. Any thread may call. Raises ExportTrouble."""
        with self._brief:
            handle = self._journal.handle()
        if handle is not None:
            try:
                journals.sync(handle)
            except OSError as trouble:
                raise not_saved(trouble) from None

    def close(self) -> None:
        """Leave the files to others."""
        with self._disk, self._brief:
            self._journal.rotate()
            self._lock.release()

    @property
    def _file(self) -> Path:
        return self._stem.with_name(f"{self._stem.name}.json")

    def _keep(self, readings: Readings) -> bool:
        if self._wanted is not None:
            self._wanted = readings
            return True
        if not (self.is_first or self._number) and difference(self._restored, readings) is None:
            return False
        said = difference(self._base, readings)
        if said is not None:
            try:
                self._journal.append(self._number + 1, said)
            except OSError as trouble:
                self._wanted = readings
                raise not_saved(trouble) from None
            self._number += 1
        self._base = readings
        return said is not None

    def _set_aside(self) -> None:
        """Keep what cannot be read under other names, when what can be is safe without it."""
        if not self._is_readable():
            _put_aside(self._file)
        damaged = journals.segments(self._stem).values()
        with self._disk, self._brief:
            if self._base:
                self._wanted = self._base  # until it is written
                write(self._file, SessionFile(tuple(self._base.values()), self._number + 1))
                self._number, self._wanted = self._number + 1, None
            else:
                self._number = 0
            self._checkpoint = self._number
        for path in damaged:
            _put_aside(path)

    def _is_readable(self) -> bool:
        with suppress(FileTrouble):
            read(self._file)
            return True
        return not self._file.exists()


def stem(study: StudyKey, window: int = 1) -> Path:
    """What the names of a study's files begin with, a hash: a folder listing tells nothing about patients."""
    name = hashlib.sha256(study.encode(errors="surrogatepass")).hexdigest()[:32]
    return user_folder("readings") / (name if window == 1 else f"{name}-{window}")


def read_kept(own: Path) -> Kept:
    """What the files that begin with *own* say. Any thread may call. Raises OSError."""
    stamp = stamp_of(own)
    file = own.with_name(f"{own.name}.json")
    content, troubles = SessionFile(), []
    try:
        if file.exists():
            content = read(file)
    except FileTrouble as trouble:
        troubles.append(trouble)
    readings: dict[SeriesKey, Reading] = {one.series: one for one in content.readings}
    number = content.number
    # records after a checkpoint that is not known cannot be understood, but from the beginning
    records = journals.read(own, number)
    damaged = records.damaged
    for at, said in records.records:
        try:
            readings, number = applied(readings, said), at
        except DAMAGE:
            damaged = True
            break
    if damaged:
        troubles.append(_later_trouble(bool(readings)))
    return Kept(readings, number, content.number, tuple(troubles), stamp)


def stamp_of(own: Path) -> Stamp:
    """Tells one state of the files from the next."""
    found = []
    for path in (own.with_name(f"{own.name}.json"), *journals.segments(own).values()):
        with suppress(OSError):
            status = path.stat()
            found.append((path.name, status.st_ino, status.st_mtime_ns, status.st_size))
    return tuple(found)


def others(study: StudyKey) -> Mapping[Path, FileLock]:
    """What other windows have left behind about a study; taken, so that nobody else has it too."""
    first = stem(study)
    found = {}
    stems = {path.name.split(".")[0] for path in first.parent.glob(f"{first.name}-*.*")}
    for name in sorted(stems):
        lock = _lock_of(first.with_name(name))
        if any(stamp_of(first.with_name(name))) and lock.take():
            found[first.with_name(name)] = lock
    return found


def put_away(own: Path) -> None:
    """Files that begin with *own* are no longer offered; they stay under other names."""
    for path in (own.with_name(f"{own.name}.json"), *journals.segments(own).values()):
        if path.exists():
            _put_aside(path, ".taken")


def _own(study: StudyKey, first: int) -> tuple[Path, FileLock]:
    """The files that this window writes, and the right to do so."""
    for window in range(first, MOST_WINDOWS):
        own = stem(study, window)
        lock = _lock_of(own)
        if (window > 1 and stamp_of(own)) or not lock.take():
            continue
        return own, lock
    raise ExportTrouble("This study is open in too many windows.", "Close some of them.")


def _lock_of(own: Path) -> FileLock:
    return FileLock(own.with_name(f"{own.name}.lock"))


def _later_trouble(is_some: bool) -> FileTrouble:
    what = "The last part of your work" if is_some else "Your work"
    return FileTrouble(f"{what} on this study is damaged.", "The files are kept as they are.")


def _put_aside(path: Path, ending: str = ".bad") -> None:
    """Give a file a name that nothing has, beside those that were kept before."""
    free, numbers = path.with_name(f"{path.name.removesuffix('.json')}{ending}"), itertools.count(2)
    while free.exists():
        free = path.with_name(f"{path.name.removesuffix('.json')}.{next(numbers)}{ending}")
    with suppress(OSError):
        path.replace(free)
