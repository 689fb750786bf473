"""The tables of the index, and how a database that is broken, foreign or too new is told from a good one.

The index holds no truth that cannot be read from the files again, so nothing here repairs: what is not
exactly as expected is set aside as ``.bad`` and built anew.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from medviewer.kit.errors import IndexTrouble

APPLICATION_ID = 0x6D656476
VERSION = 2
"""Raised whenever the tables, or what is kept of a header, change."""

_FILES = """
CREATE TABLE shared (key INTEGER PRIMARY KEY, content TEXT NOT NULL);
CREATE TABLE file (
    folder BLOB NOT NULL, name BLOB NOT NULL, member TEXT NOT NULL, size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL, header TEXT NOT NULL, shared INTEGER NOT NULL, checksum INTEGER NOT NULL,
    reason TEXT NOT NULL, study TEXT REFERENCES study (key) ON DELETE CASCADE,
    PRIMARY KEY (folder, name, member)
);
CREATE INDEX file_study ON file (study);
"""
"""A cache of headers: what several have in common, and what each has of its own."""
TABLES = (
    """
CREATE TABLE study (
    key TEXT PRIMARY KEY, uid TEXT NOT NULL, patient_name TEXT NOT NULL, patient_id TEXT NOT NULL,
    birth_date TEXT NOT NULL, sex TEXT NOT NULL, date TEXT NOT NULL, time TEXT NOT NULL,
    description TEXT NOT NULL, institution TEXT NOT NULL, accession TEXT NOT NULL, modalities TEXT NOT NULL,
    series INTEGER NOT NULL, pictures INTEGER NOT NULL, opened REAL NOT NULL, words TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX study_opened ON study (opened);
CREATE TABLE root (
    study TEXT NOT NULL REFERENCES study (key) ON DELETE CASCADE, path BLOB NOT NULL,
    PRIMARY KEY (study, path)
) WITHOUT ROWID;
CREATE TABLE series (
    key TEXT PRIMARY KEY, study TEXT NOT NULL REFERENCES study (key) ON DELETE CASCADE, uid TEXT NOT NULL,
    modality TEXT NOT NULL, number INTEGER, description TEXT NOT NULL, pictures INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX series_study ON series (study);
CREATE TABLE maker (name TEXT NOT NULL);
"""
    + _FILES
)

BUSY_S = 5.0
_LONGEST_CHECK = 5_000
"""Calls of the progress handler, one per 20,000 steps of SQLite's machine: some seconds."""
_NOT_ITS_FAULT = (
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_NOMEM,
)
"""What the machine does to a good database."""
_NETWORK = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "9p", "fuse.sshfs", "ceph", "glusterfs")


class Broken(IndexTrouble):
    """A database that has to be set aside."""


class Newer(IndexTrouble):
    """A database that a later version of medviewer made and that is left alone."""


def connect(path: Path | None, *, writes: bool) -> sqlite3.Connection:
    """A connection with every safety on; None is a database in memory. Raises sqlite3.Error."""
    if path is None:
        connection = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
    else:
        mode = "rw" if writes else "ro"
        address = f"{path.absolute().as_uri()}?mode={mode}"
        connection = sqlite3.connect(
            address, uri=True, timeout=BUSY_S, check_same_thread=False, isolation_level=None
        )
    try:
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA synchronous = FULL")
    except BaseException:
        connection.close()
        raise
    return connection


def opened(path: Path) -> sqlite3.Connection:
    """The writer's connection to the database at *path*, made when it is not there.

    Raises Broken, Newer, sqlite3.Error or OSError.
    """
    if not path.exists():
        _begin(path)
    elif path.stat().st_size == 0:
        raise Broken("The index is an empty file.", "")
    os.chmod(path, 0o600)
    try:
        connection = connect(path, writes=True)
        try:
            _verify(connection)
            connection.execute("PRAGMA journal_mode = " + ("TRUNCATE" if _is_on_network(path) else "WAL"))
        except BaseException:
            connection.close()
            raise
    except sqlite3.DatabaseError as trouble:
        if trouble.sqlite_errorcode & 0xFF in _NOT_ITS_FAULT:
            raise
        raise Broken("", "") from None
    return connection


def set_aside(path: Path) -> None:
    """Keep a broken database as ``.bad`` and make room for a new one. Raises OSError."""
    path.replace(path.with_name(path.name + ".bad"))
    for ending in ("-wal", "-shm", "-journal"):
        path.with_name(path.name + ending).unlink(missing_ok=True)


def renew(connection: sqlite3.Connection, maker: str) -> None:
    """Forget the files that another *maker* has read: it may have seen less in them, or given up on some.

    The list of studies stays. Raises sqlite3.Error.
    """
    if connection.execute("SELECT name FROM maker").fetchall() == [(maker,)]:
        return
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("DELETE FROM file")
    connection.execute("DELETE FROM shared")
    connection.execute("DELETE FROM maker")
    connection.execute("INSERT INTO maker VALUES (?)", (maker,))
    connection.execute("COMMIT")


def fill(connection: sqlite3.Connection) -> None:
    """Make the tables in an empty database."""
    connection.executescript(
        f"BEGIN; PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {VERSION}; {TABLES} COMMIT;"
    )


def _begin(path: Path) -> None:
    """Make the database beside its place, so that a crash half-way leaves none."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    os.close(os.open(fresh, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600))
    try:
        connection = connect(fresh, writes=True)
        try:
            fill(connection)
        finally:
            connection.close()
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def _verify(connection: sqlite3.Connection) -> None:
    """Raise Broken or Newer unless this is the very schema and every page of it is sound.

    The schema comes first: a view under the name of a table can make the first question endless.
    """
    steps = iter(range(_LONGEST_CHECK))
    connection.set_progress_handler(lambda: next(steps, None) is None, 20_000)
    try:
        if _pragma(connection, "application_id") != APPLICATION_ID:
            raise Newer("", "") if _pragma(connection, "user_version") > VERSION else Broken("", "")
        version = _pragma(connection, "user_version")
        if version > VERSION:
            raise Newer("", "")
        if version == VERSION - 1:
            _modernise(connection)
        elif version < VERSION:
            raise Broken("", "")
        if _shape(connection) != _expected():
            raise Broken("", "")
        if connection.execute("PRAGMA quick_check(1)").fetchall() != [("ok",)]:
            raise Broken("", "")
    finally:
        connection.set_progress_handler(None, 0)


def _modernise(connection: sqlite3.Connection) -> None:
    """Make the tables of headers anew in an index of the version before; its list of studies stays."""
    ours, expected = (
        [one for one in shape if one[0] in ("table", "view", "trigger") and one[1] not in ("file", "shared")]
        for shape in (_shape(connection), _expected())
    )
    if ours != expected:
        raise Broken("", "")
    connection.executescript(f"BEGIN; DROP TABLE file; {_FILES} PRAGMA user_version = {VERSION}; COMMIT;")


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def _shape(connection: sqlite3.Connection) -> list[tuple[str, str, str | None]]:
    return connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY type, name").fetchall()


def _expected() -> list[tuple[str, str, str | None]]:
    connection = sqlite3.connect(":memory:")
    try:
        connection.executescript(TABLES)
        return _shape(connection)
    finally:
        connection.close()


def _is_on_network(path: Path) -> bool:
    """Whether *path* lies on a network share, where write-ahead logs do not work (sqlite.org/wal.html)."""
    try:
        mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    where = os.path.realpath(path)
    fields = [line.split(" ") for line in mounts]
    points = [(entry[1], entry[2]) for entry in fields if len(entry) > 2 and _lies_in(where, entry[1])]
    return bool(points) and max(points, key=lambda point: len(point[0]))[1] in _NETWORK


def _lies_in(path: str, folder: str) -> bool:
    return folder == "/" or path == folder or path.startswith(folder + "/")
