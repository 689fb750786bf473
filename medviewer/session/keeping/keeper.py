"""The reader's work on disk: kept by itself as it is done, found again when the study is opened."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from medviewer.core.study import SeriesKey, Study, StudyKey
from medviewer.export.exporter import trouble as not_written
from medviewer.kit.errors import BadValue, ExportTrouble, FileTrouble
from medviewer.kit.task import Lane, Task
from medviewer.session.keeping import study_files
from medviewer.session.keeping.changes import Readings
from medviewer.session.keeping.session_file import SessionFile, read, write
from medviewer.session.keeping.study_files import Kept, StudyFiles, read_kept, stamp_of, stem
from medviewer.session.state import Document, Reading

if TYPE_CHECKING:
    from medviewer.session.session import Session

SYNC_AFTER_S = 0.25
CHECKPOINT_AFTER_S = 3.0
"""So long nothing changes any more, or very much has changed, before all is written into one file."""
AGAIN_AFTER_S = 10.0
"""So long after the disk has refused it is asked again."""
ARM_EVERY_S = 0.5


class Keeper:
    """Writes what is done to each open study into its own files, each change before its command is over."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._open: dict[StudyKey, StudyFiles] = {}
        self._ahead: dict[StudyKey, Kept] = {}
        """what was read of the files of studies that are being opened"""
        self._studies: tuple[Study, ...] = ()
        self._owners: dict[SeriesKey, StudyKey] = {}
        """the study of each series that is open, or was when something was done to it"""
        self._armed = 0.0
        self._is_syncing = False
        self._is_refused = False
        """whether the reader was told that the disk refuses, and it has not taken anything since"""

    @property
    def is_saved(self) -> bool:
        """Whether everything that was done is on the disk."""
        return all(files.is_kept for files in self._open.values())

    def touched(self) -> None:
        """Something has changed: it is on the disk, as far as that takes it, when this is back."""
        changed = self._keep()
        if changed:
            self._arm()

    def save_now(self) -> None:
        """Bring every study's file up to date before going on."""
        self._keep()
        try:
            self._checkpoint(tuple(self._open.values()))
        except ExportTrouble as trouble:
            self._refused(trouble)

    def close(self, study: StudyKey = "") -> None:
        """Save, and leave the files of a study, or of all, to others."""
        self.save_now()
        for key in (study,) if study else tuple(self._open):
            if (files := self._open.pop(key, None)) is not None:
                files.close()

    def read_ahead(self, studies: Iterable[Study]) -> None:
        """Read what was kept about studies that are being opened: labels take their time. Workers call it."""
        for study in studies:
            with suppress(OSError):  # whoever restores it is told
                if study.key not in self._ahead and stamp_of(stem(study.key)):
                    self._ahead[study.key] = read_kept(stem(study.key))

    def restore(self, studies: Iterable[Study]) -> None:
        """Bring back what was kept about studies that have just been opened."""
        for study in studies:
            kept = self._begin(study.key)
            if kept.readings:
                self._add(kept.readings)
            for trouble in kept.troubles:
                self._session.notify(trouble)
            self._offer_others(study.key)

    def show(self, studies: Iterable[Study]) -> None:
        """Bring back what was kept about studies that others may be working on; their files stay theirs."""
        for study in studies:
            with suppress(OSError):
                if readings := self._read(study.key).readings:
                    self._add(readings)

    def take_others(self) -> None:
        """Take over what other windows have done to the open studies; one undo. Raises BadValue."""
        found: dict[SeriesKey, Reading] = {}
        for study in self._session.state.studies:
            for own, lock in study_files.others(study.key).items():
                with suppress(OSError):
                    found.update(read_kept(own).readings)
                    study_files.put_away(own)
                lock.release()
        if not found:
            raise BadValue("No other window has left any work on these studies.", "Close that window first.")
        self._session.edit("Take over the other window's work", _joining(self._session, found.values()))

    def content(self, workplace: object = None) -> SessionFile:
        """The readings of all open studies as they are now, for `export`."""
        readings = [one for study in self._session.state.studies for one in self._of(study.key).values()]
        return SessionFile(tuple(readings), workplace=workplace)

    def export(self, path: Path, content: SessionFile) -> None:
        """Write a session file that the reader names. Slow; any thread may call. Raises ExportTrouble."""
        write(path, content, lambda trouble: not_written(path, trouble))

    def read(self, path: Path) -> SessionFile:
        """What is in a session file. Raises FileTrouble."""
        return read(path)

    def add(self, content: SessionFile, name: str) -> None:
        """Add the readings of a session file called *name*; one undo. Raises FileTrouble."""
        known = {series.key for study in self._session.state.studies for series in study.series}
        if content.readings and not any(one.series in known for one in content.readings):
            raise FileTrouble(
                f"{name} belongs to other studies than those that are open.", "Open them first."
            )
        if content.readings:
            self._session.edit("Open session", _joining(self._session, content.readings))

    def _begin(self, study: StudyKey) -> Kept:
        """What was kept about a study, whose files are ours from now on."""
        known = self._open.get(study)
        if known is not None:  # opened once more: nobody else has written anything meanwhile
            return Kept({})
        kept = Kept({})
        try:
            files = self._open[study] = StudyFiles(study)
            kept = self._read(study)
            files.begin(kept)
            self._owners.update(dict.fromkeys(kept.readings, study))
        except ExportTrouble as trouble:
            self._refused(trouble)
        except OSError as trouble:
            self._session.notify(
                FileTrouble(
                    f"Your work on this study cannot be read: {trouble.strerror}.",
                    "It is left as it is; what you do now is kept apart.",
                )
            )
            self._open.pop(study).close()
            self._open[study] = StudyFiles(study, apart=True)
        return kept

    def _read(self, study: StudyKey) -> Kept:
        """What was kept about a study, read here and now if need be. Raises OSError."""
        kept = self._ahead.pop(study, None)
        now = stamp_of(stem(study))
        if kept is not None and kept.stamp == now:
            return kept
        return read_kept(stem(study)) if now else Kept({})

    def _offer_others(self, study: StudyKey) -> None:
        files = self._open.get(study)
        if files is None:
            return
        if not files.is_first:
            self._session.notify(
                "This study is open in another window; your work here is kept apart.",
                "It is offered when the study is opened the next time.",
                is_error=False,
            )
            return
        left = study_files.others(study)
        for lock in left.values():
            lock.release()
        if left:
            self._session.notify(
                "This study was worked on in a second window too; that work was kept apart.",
                is_error=False,
                offer="study.take_over",
            )

    def _keep(self) -> bool:
        """Append what has changed to the journals; whether anything has."""
        changed = False
        for study in self._session.state.studies:
            if study.key not in self._open:  # nobody has restored it: what is kept of other series stays
                there = self._session.state.document.readings
                kept = self._begin(study.key).readings
                self._add({key: one for key, one in kept.items() if key not in there})
            files = self._open.get(study.key)
            try:
                changed |= files is not None and files.keep(self._of(study.key))
            except ExportTrouble as trouble:
                self._refused(trouble)
        return changed

    def _of(self, study: StudyKey) -> dict[SeriesKey, Reading]:
        """The readings of an open study; of series, too, that are not open now."""
        state = self._session.state
        if state.studies is not self._studies:
            self._studies = state.studies
            self._owners |= {series.key: one.key for one in state.studies for series in one.series}
        return {key: one for key, one in state.document.readings.items() if self._owners.get(key) == study}

    def _arm(self) -> None:
        """Let a worker do what takes time, soon."""
        now = time.monotonic()
        if not self._is_syncing:
            self._is_syncing = True
            self._soon(self._sync, SYNC_AFTER_S, "the journal is synced")
        has_grown = any(files.has_grown for files in self._open.values())
        if has_grown or now - self._armed > ARM_EVERY_S:
            self._armed = now
            self._soon(self._checkpoint, 0.0 if has_grown else CHECKPOINT_AFTER_S, "readings")

    def _soon(self, what: Callable[[tuple[StudyFiles, ...]], object], after: float, name: str) -> None:
        files = tuple(self._open.values())
        self._session.submit(
            Task(
                lambda _: what(files),
                failed=self._refused,
                lane=Lane.SOON,  # a model that runs for minutes in the long lane must not hold this up
                replaces=name,
                after=after,
            )
        )

    def _sync(self, files: tuple[StudyFiles, ...]) -> None:
        """Make the journals outlive the system. Any thread may call. Raises ExportTrouble."""
        self._is_syncing = False
        for one in files:
            one.sync()

    def _checkpoint(self, files: tuple[StudyFiles, ...]) -> None:
        """Write the file of each study that has changed. Any thread may call. Raises ExportTrouble."""
        for one in files:
            if not one.is_settled:
                one.checkpoint()
                self._is_refused = False

    def _refused(self, trouble: Exception) -> None:
        """Tell the reader once that the disk refuses, and ask it again after a while."""
        if not self._is_refused:
            self._session.notify(trouble)
        self._is_refused = True
        self._soon(self._checkpoint, AGAIN_AFTER_S, "readings")

    def _add(self, readings: Readings) -> None:
        joined = _joining(self._session, readings.values())
        self._session.history.everywhere(joined)
        state = self._session.state
        self._session.store.set(replace(state, document=joined(state.document)))


def _joining(session: Session, readings: Iterable[Reading]) -> Callable[[Document], Document]:
    """What puts readings into a document, on the pictures as they are numbered now."""
    kept = tuple(readings)

    def joined(document: Document) -> Document:
        for reading in kept:
            document = document.with_reading(reading)
        return session.aligned(document)

    return joined
