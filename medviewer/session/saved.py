"""The reader's work on disk: kept by itself after each change, found again when the study is opened."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import zlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.annotation import Annotation
from medviewer.core.finding import Finding, Provenance, State
from medviewer.core.labels import Label, LabelMap
from medviewer.core.pipeline import Pipeline
from medviewer.core.study import SeriesKey, Study
from medviewer.core.volume import read_only
from medviewer.kit.errors import BadValue, ExportTrouble, FileTrouble
from medviewer.kit.files import write_atomically
from medviewer.kit.paths import user_folder
from medviewer.kit.task import Lane, Task, TaskContext
from medviewer.session.state import Document, Reading

if TYPE_CHECKING:
    from medviewer.session.session import Session

FORMAT = 1
LARGEST_FILE = 512 * 1024 * 1024
LARGEST_LABELS = 2 << 30
"""Bytes of all label slices of a series together: 2,000 slices of 1,024 x 1,024."""

_DAMAGE = (BadValue, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError)
"""What a file that is not as we wrote it leads to while it is read."""

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
        _write(path, readings)

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
                    _write(_path(key), readings)
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


def read(path: Path) -> tuple[Reading, ...]:
    """The readings in a session file. Raises FileTrouble."""
    try:
        size = path.stat().st_size
    except OSError as trouble:
        raise FileTrouble(
            f"{path.name} cannot be read: {trouble.strerror}.", "Check that it is there."
        ) from None
    try:
        if size > LARGEST_FILE:
            raise FileTrouble(f"{path.name} is too large for a session file.", "")
        found = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(found, dict) or found.get("medviewer_readings") != FORMAT:
            raise FileTrouble(f"{path.name} is not a session file of this version of medviewer.", "")
        return tuple(_reading(item) for item in found["readings"])
    except (OSError, zlib.error, *_DAMAGE):
        raise FileTrouble(
            f"The session file {path.name} is damaged.", "It is kept as it is, and nothing of it is used."
        ) from None


def _write(path: Path, readings: tuple[Reading, ...]) -> None:
    content = {"medviewer_readings": FORMAT, "readings": [_plain(one) for one in readings]}
    try:
        write_atomically(path, json.dumps(content, indent=1).encode())
    except OSError as trouble:
        raise ExportTrouble(
            f"Your work could not be saved: {trouble.strerror or 'the disk refused'}.",
            "Make room on the disk; it stays in the window meanwhile.",
        ) from None


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


def _plain(reading: Reading) -> dict[str, Any]:
    return {
        "series": reading.series,
        "pipeline": reading.pipeline.to_json(),
        "stack_chosen": reading.stack_chosen,
        "annotations": [one.to_dict() for one in reading.annotations],
        "findings": [_plain_finding(one) for one in reading.findings],
        "labels": None if reading.labels is None else _plain_labels(reading.labels),
        "pictures": [list(one) for one in reading.pictures],
    }


def _reading(found: Mapping[str, Any]) -> Reading:
    series: SeriesKey = str(found["series"])
    pipeline = Pipeline.from_json(found["pipeline"])
    return Reading(
        series,
        pipeline,
        tuple(Annotation.from_dict(one) for one in found["annotations"]),
        None if found["labels"] is None else _labels(found["labels"]),
        tuple(_finding(one) for one in found["findings"]),
        tuple((str(instance), int(frame)) for instance, frame in found.get("pictures", ())),
        # files from before there were defaults hold nothing that the reader has not chosen
        bool(found.get("stack_chosen", pipeline.steps)),
    )


def _plain_finding(finding: Finding) -> dict[str, Any]:
    return {
        "what": finding.what,
        "score": finding.score,
        "threshold": finding.threshold,
        "frame": finding.frame,
        "state": finding.state.value,
        "provenance": _plain_provenance(finding.provenance),
    }


def _finding(found: Mapping[str, Any]) -> Finding:
    return Finding(
        str(found["what"]),
        float(found["score"]),
        float(found["threshold"]),
        _provenance(found["provenance"]),
        None if found["frame"] is None else int(found["frame"]),
        State(found["state"]),
    )


def _plain_provenance(provenance: Provenance) -> dict[str, Any]:
    return {
        "model": provenance.model,
        "version": provenance.version,
        "sha256": provenance.sha256,
        "when": provenance.when,
        "values": [list(pair) for pair in provenance.values],
    }


def _provenance(found: Mapping[str, Any]) -> Provenance:
    values = tuple((str(name), str(value)) for name, value in found.get("values", ()))
    return Provenance(
        str(found["model"]), str(found["version"]), str(found["sha256"]), str(found["when"]), values
    )


def _plain_labels(labels: LabelMap) -> dict[str, Any]:
    return {
        "labels": [[one.value, one.name, one.color, one.visible] for one in labels.labels],
        "opacity": labels.opacity,
        "state": labels.state.value,
        "provenance": None if labels.provenance is None else _plain_provenance(labels.provenance),
        "slices": [None if one is None else _packed(one) for one in labels.slices],
    }


def _labels(found: Mapping[str, Any]) -> LabelMap:
    provenance = found["provenance"]
    sides = [one["shape"] for one in found["slices"] if one is not None]
    if sum(int(rows) * int(columns) for rows, columns in sides) > LARGEST_LABELS:
        raise ValueError("the label slices claim an impossible size")
    return LabelMap(
        tuple(None if one is None else _unpacked(one) for one in found["slices"]),
        tuple(Label(int(v), str(name), str(color), bool(shown)) for v, name, color, shown in found["labels"]),
        None if provenance is None else _provenance(provenance),
        State(found["state"]),
        float(found["opacity"]),
    )


def _packed(values: NDArray[np.uint8]) -> dict[str, Any]:
    packed = base64.b64encode(zlib.compress(np.ascontiguousarray(values).tobytes(), 1)).decode()
    return {"shape": list(values.shape), "zlib": packed}


def _unpacked(found: Mapping[str, Any]) -> NDArray[np.uint8]:
    rows, columns = (int(side) for side in found["shape"])
    if rows < 1 or columns < 1:
        raise ValueError("a label slice claims an impossible size")
    # the buffer may not grow beyond what the shape says, whatever the compressed data claim
    plain = zlib.decompressobj().decompress(base64.b64decode(found["zlib"]), rows * columns)
    return read_only(np.frombuffer(plain, np.uint8).reshape(rows, columns))
