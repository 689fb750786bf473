"""The reader's work on disk: kept by itself after each change, found again when the study is opened."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from medviewer.core.study import SeriesKey, Study
from medviewer.kit.errors import BadValue, ExportTrouble, FileTrouble
from medviewer.kit.paths import user_folder
from medviewer.kit.task import Lane, Task, TaskContext
from medviewer.session.saved_file import read, write
from medviewer.session.state import Document, Reading

if TYPE_CHECKING:
    from medviewer.session.session import Session

_Stamp = tuple[int, int, int]


class Keeper:
    """Writes each open study's readings to a file of its own, soon after a change and when the window closes.

    File names are hashes, so that a folder listing tells nothing about patients.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._written: dict[str, tuple[Reading, ...]] = {}
        self._pending: dict[str, tuple[Reading, ...]] = {}
        """what was asked to be written and is not known to be; a newer batch holds all of an older one"""
        self._lock = Lock()
        self._count = 0
        self._newest: dict[str, int] = {}
        self._on_disk: dict[str, tuple[SeriesKey, ...]] = {}
        """the series in each study's file; some may not be open now, and their work stays in the file"""
        self._ahead: dict[str, tuple[_Stamp, tuple[Reading, ...]]] = {}
        """what was read of the files of studies that are being opened, and of which state of the file"""

    @property
    def is_saved(self) -> bool:
        """Whether everything that was done is on the disk."""
        return not self._pending and not self._changed()

    def touched(self) -> None:
        """Something has changed: write it in the background."""
        if self._gather():
            batch, number = dict(self._pending), self._number()
            self._session.submit(
                Task(
                    work=lambda context: self._write_all(batch, number, context),
                    done=self._wrote,
                    failed=self._session.notify,
                    lane=Lane.SOON,  # a model that runs for minutes in the long lane must not hold this up
                    replaces="readings",
                )
            )

    def save_now(self) -> None:
        """Write what is not yet on disk before going on."""
        self._gather()
        try:
            self._wrote(self._write_all(dict(self._pending), self._number(), TaskContext()))
        except ExportTrouble as trouble:
            self._session.notify(trouble)

    def read_ahead(self, studies: Iterable[Study]) -> None:
        """Read what was kept about studies that are being opened: labels take their time. Workers call it."""
        for study in studies:
            path = _path(study.key)
            with suppress(OSError, FileTrouble, BadValue):  # whoever restores it is told
                if study.key not in self._ahead and path.is_file():
                    self._ahead[study.key] = (_stamp(path), read(path))

    def _read(self, study: str, path: Path) -> tuple[Reading, ...]:
        """What was kept about a study, read here and now if need be. Raises FileTrouble, BadValue."""
        stamp, readings = self._ahead.pop(study, (None, ()))
        with suppress(OSError):
            if stamp is not None and stamp == _stamp(path):
                return readings
        return read(path)

    def restore(self, studies: Iterable[Study]) -> None:
        """Bring back what was kept about studies that have just been opened."""
        for study in studies:
            path = _path(study.key)
            if not path.is_file():
                continue
            try:
                readings = self._read(study.key, path)
                self._on_disk[study.key] = tuple(one.series for one in readings)
                self._add(readings)
            except (FileTrouble, BadValue) as trouble:
                _set_aside(path)
                self._session.notify(trouble)
            self._written[study.key] = self._readings(study)

    def export(self, path: Path) -> None:
        """Write the readings of all open studies to one session file. Raises ExportTrouble."""
        readings = tuple(one for study in self._session.state.studies for one in self._readings(study))
        write(path, readings)

    def load(self, path: Path) -> None:
        """Add the readings in a session file; one undo. Raises FileTrouble."""
        readings = read(path)
        known = {series.key for study in self._session.state.studies for series in study.series}
        if not any(one.series in known for one in readings):
            raise FileTrouble(
                f"{path.name} belongs to other studies than those that are open.", "Open them first."
            )
        self._session.edit(
            "Load reading", lambda document: self._session.aligned(_joined(document, readings))
        )

    def _number(self) -> int:
        self._count += 1
        return self._count

    def _write_all(
        self, changed: Mapping[str, tuple[Reading, ...]], number: int, context: TaskContext
    ) -> dict[str, tuple[Reading, ...]]:
        """Write readings, study by study; an older state never follows a newer one."""
        for key, readings in changed.items():
            context.check()
            with self._lock:
                if number > self._newest.get(key, 0):
                    write(_path(key), readings)
                    self._newest[key] = number
        return dict(changed)

    def _add(self, readings: tuple[Reading, ...]) -> None:
        def joined(document: Document) -> Document:
            return self._session.aligned(_joined(document, readings))

        self._session.history.everywhere(joined)
        state = self._session.state
        self._session.store.set(replace(state, document=joined(state.document)))

    def _readings(self, study: Study) -> tuple[Reading, ...]:
        document = self._session.state.document
        keys = dict.fromkeys((*(one.key for one in study.series), *self._on_disk.get(study.key, ())))
        kept = (document.readings.get(key) for key in keys)
        return tuple(one for one in kept if one is not None)

    def _gather(self) -> bool:
        """Note what has to be written; whether there is anything new."""
        changed = self._changed()
        self._pending.update(changed)
        return bool(changed)

    def _changed(self) -> dict[str, tuple[Reading, ...]]:
        """What differs from what is on disk or on its way there.

        An undo while its edit is being written is a difference too: what counts is what was asked for last.
        """
        now = {study.key: self._readings(study) for study in self._session.state.studies}
        asked = {**self._written, **self._pending}
        return {key: value for key, value in now.items() if value != asked.get(key, ())}

    def _wrote(self, batch: dict[str, tuple[Reading, ...]]) -> None:
        self._written.update(batch)
        for key, readings in batch.items():
            if self._pending.get(key) is readings:
                del self._pending[key]


def _stamp(path: Path) -> _Stamp:
    """Tells one state of a file from the next: each is written as a file of its own."""
    found = path.stat()
    return found.st_ino, found.st_mtime_ns, found.st_size


def _path(study: str) -> Path:
    name = hashlib.sha256(study.encode(errors="surrogatepass")).hexdigest()[:32]
    return user_folder("readings") / f"{name}.json"


def _set_aside(path: Path) -> None:
    """Keep a file that cannot be read, beside those that were kept before."""
    bad, numbers = path.with_suffix(".bad"), itertools.count(2)
    while bad.exists():
        bad = path.with_suffix(f".{next(numbers)}.bad")
    with suppress(OSError):
        path.replace(bad)


def _joined(document: Document, readings: Iterable[Reading]) -> Document:
    for reading in readings:
        document = document.with_reading(reading)
    return document
