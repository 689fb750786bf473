"""Files and studies as rows of the index, and back."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import unicodedata
import zlib
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from medviewer.core.study import Patient, Study, StudyKey
from medviewer.dicom.read import Header
from medviewer.kit.frozen import frozen
from medviewer.studies.packing import Packed, Template


class Entry(NamedTuple):
    """What one file, or one member of an archive, was found to be: a header, or why there is none."""

    path: str
    member: str
    size: int
    mtime_ns: int
    header: Header | None
    reason: str = ""


@frozen
class Remembered:
    """A study that was opened before, for the list at the start."""

    key: StudyKey
    patient: Patient
    date: str
    time: str
    description: str
    modalities: tuple[str, ...]
    series: int
    pictures: int
    opened: float
    """seconds since 1970, UTC"""
    paths: tuple[str, ...]
    """what was opened, to open it again"""


def normalised(text: str) -> str:
    """*text* for searching: without accents, case or the ^ and = of person names (PS3.5 6.2.1)."""
    plain = unicodedata.normalize("NFKD", text.translate({ord("^"): " ", ord("="): " "}))
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).casefold()


STORED = "name, member, size, mtime_ns, header, shared, checksum, reason"
AT_ONCE = 1024
"""Rows that are read or written without asking whether somebody waits."""
Stored = tuple[bytes, str, int, int, str, int, int, str]
"""A file as it stands in the index, without its folder."""
LISTED = (
    "key, patient_name, patient_id, birth_date, sex, date, time, description, modalities, series, pictures, "
    "opened"
)
_COLUMNS = [
    "key",
    "uid",
    "patient_name",
    "patient_id",
    "birth_date",
    "sex",
    "date",
    "time",
    "description",
    "institution",
    "accession",
    "modalities",
    "series",
    "pictures",
    "opened",
    "words",
]
_KEEP = (
    f"INSERT INTO study ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))}) "
    f"ON CONFLICT (key) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in _COLUMNS[1:])}"
)


def split(path: str) -> tuple[bytes, bytes]:
    """Folder and name as the bytes that the file system has: names need not be text."""
    folder, name = os.path.split(path)
    return os.fsencode(folder), os.fsencode(name)


def key_of(shared: str) -> int:
    """The number of a text that headers share, made from the text, so that damage to it is seen."""
    digest = hashlib.blake2b(shared.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)


def template_of(key: int, shared: str) -> Template | None:
    """What headers share, None when it is damaged."""
    if key_of(shared) != key:
        return None
    try:
        return Template(shared)
    except (ValueError, TypeError, RecursionError):
        return None


def row_of(entry: Entry, header: Packed | None) -> tuple[Any, ...]:
    """*entry* for the table `file`, without its study."""
    own, shared = (header.own, key_of(header.shared)) if header is not None else ("", 0)
    place = (*split(entry.path), _text(entry.member))
    return (*place, entry.size, entry.mtime_ns, own, shared, _checksum(own, shared), _text(entry.reason))


def entry_of(row: Stored, path: str, template: Template | None) -> Entry | None:
    """The file at *path* as kept; None when the row is damaged, so that the file is read again."""
    _, member, size, mtime_ns, own, shared, checksum, reason = row
    if not own:
        return Entry(path, member, size, mtime_ns, None, reason)
    if template is None or _checksum(own, shared) != checksum:
        return None
    found = template.header(own, path, member)
    return Entry(path, member, size, mtime_ns, found) if found is not None else None


def _checksum(own: str, shared: int) -> int:
    return zlib.crc32(own.encode(), shared & 0xFFFFFFFF)


def roots(connection: sqlite3.Connection, study: StudyKey) -> tuple[str, ...]:
    """Where a study was opened."""
    rows = connection.execute("SELECT path FROM root WHERE study = ? ORDER BY path", (study,))
    return tuple(os.fsdecode(row[0]) for row in rows)


def remembered(row: tuple[Any, ...], paths: tuple[str, ...]) -> Remembered:
    """A study from its LISTED columns."""
    key, name, id_, birth_date, sex, date, time_, description, modalities, series, pictures, opened = row
    patient = Patient(name, id_, birth_date, sex)
    listed = tuple(modalities.split("\\")) if modalities else ()
    return Remembered(key, patient, date, time_, description, listed, series, pictures, opened, paths)


def keep_study(
    connection: sqlite3.Connection,
    study: Study,
    paths: Sequence[str],
    now: float,
    check: Callable[[], object],
) -> None:
    """Write a study with its series, where it was opened, and which of the known files are its own."""
    connection.execute("DELETE FROM series WHERE study = ?", (study.key,))
    connection.execute(_KEEP, tuple(map(_text, _study_row(study, now))))
    if paths:
        connection.execute("DELETE FROM root WHERE study = ?", (study.key,))
        connection.executemany(
            "INSERT OR REPLACE INTO root VALUES (?, ?)", [(study.key, os.fsencode(path)) for path in paths]
        )
    series = [
        (one.key, study.key, one.uid, one.modality, one.number, one.description, one.count)
        for one in study.series
    ]
    connection.executemany(
        "INSERT OR REPLACE INTO series VALUES (?, ?, ?, ?, ?, ?, ?)",
        [tuple(map(_text, row)) for row in series],
    )
    places = [(instance.path, instance.member) for one in study.series for instance in one.instances]
    for start in range(0, len(places), AT_ONCE):
        check()
        connection.executemany(
            "UPDATE file SET study = ? WHERE folder = ? AND name = ? AND member = ?",
            [(study.key, *split(path), _text(member)) for path, member in places[start : start + AT_ONCE]],
        )


def _study_row(study: Study, now: float) -> tuple[Any, ...]:
    """The values of _COLUMNS."""
    patient = study.patient
    modalities = tuple(dict.fromkeys(series.modality for series in study.series if series.modality))
    descriptions = (series.description for series in study.series)
    told = (patient.name, patient.id, study.date, _with_dashes(study.date), study.accession, *modalities)
    return (
        *(study.key, study.uid, patient.name, patient.id, patient.birth_date, patient.sex),
        *(study.date, study.time, study.description, study.institution, study.accession),
        *("\\".join(modalities), len(study.series), sum(series.count for series in study.series), now),
        normalised("\n".join((*told, study.description, *descriptions))),
    )


def _text(value: Any) -> Any:
    """Text that SQLite takes: half a surrogate pair, as a bad file may hold, becomes a question mark."""
    return value.encode(errors="replace").decode() if isinstance(value, str) else value


def _with_dashes(date: str) -> str:
    return f"{date[:4]}-{date[4:6]}-{date[6:]}" if len(date) == 8 else date
