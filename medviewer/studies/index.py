"""What is known of the files and studies on this disk: a cache of their headers, in SQLite.

It holds names of patients, so the file is private to the user, what is deleted is overwritten, and it can be
kept in memory only. One writer behind a lock; readers have connections of their own. Threads may share it.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from medviewer.core.study import SeriesKey, Study, StudyKey
from medviewer.kit.errors import IndexTrouble
from medviewer.kit.log import described
from medviewer.studies import rows, schema
from medviewer.studies.packing import Template, maker, packed
from medviewer.studies.rows import Entry, Remembered, Stored

log = logging.getLogger(__name__)


class Index:
    """The index at *path*, or one that lives as long as the program when *path* is None.

    A database that is broken is set aside as ``.bad``; one that a later version made is left alone and this
    one lives in memory. *trouble* then says so in a sentence. Methods raise IndexTrouble.
    """

    def __init__(self, path: Path | None) -> None:
        self.trouble = ""
        self._lock = Lock()
        self._idle: list[sqlite3.Connection] = []
        self._closed = False
        self._templates: dict[int, Template | None] = {}
        self._path = path
        self._writer = self._open(path) if path is not None else self._in_memory()

    @property
    def is_kept(self) -> bool:
        """Whether what is remembered is still there at the next start."""
        return self._path is not None

    def stored(self, folder: str, check: Callable[[], object] = bool) -> Iterator[Stored]:
        """The rows of the files right in *folder*; `entry` makes entries of them. *check* may end it."""
        query = f"SELECT {rows.STORED} FROM file WHERE folder = ?"
        with self._reading() as connection:
            found = connection.execute(query, (os.fsencode(folder),))
            while some := found.fetchmany(rows.AT_ONCE):
                check()
                yield from some

    def entry(self, row: Stored, path: str) -> Entry | None:
        """The file at *path* as its row has it; None when the row is damaged and the file has to be read."""
        return rows.entry_of(row, path, self._templates.get(row[5]) or self._template(row[5]))

    def known(self, folder: str) -> dict[tuple[str, str], Entry]:
        """What is known of the files right in *folder*, by (path, member)."""
        stored = list(self.stored(folder))
        found = [self.entry(row, os.path.join(folder, os.fsdecode(row[0]))) for row in stored]
        return {(entry.path, entry.member): entry for entry in found if entry is not None}

    def headers(self, study: StudyKey) -> tuple[Entry, ...]:
        """The files of a study as they were when it was opened last."""
        with self._reading() as connection:
            query = f"SELECT folder, {rows.STORED} FROM file WHERE study = ?"
            stored = connection.execute(query, (study,)).fetchall()
        found = [
            self.entry(row, os.path.join(os.fsdecode(folder), os.fsdecode(row[0]))) for folder, *row in stored
        ]
        return tuple(entry for entry in found if entry is not None)

    def places(self, study: StudyKey) -> tuple[str, ...]:
        """Where the files of a study lie, each once, in order."""
        with self._reading() as connection:
            query = "SELECT DISTINCT folder, name FROM file WHERE study = ?"
            stored = connection.execute(query, (study,)).fetchall()
        return tuple(sorted(os.path.join(os.fsdecode(folder), os.fsdecode(name)) for folder, name in stored))

    def studies(self, most: int = 200) -> tuple[Remembered, ...]:
        """The studies opened before, the last one first."""
        return self.select("", (), most)

    def select(self, condition: str, values: Sequence[str], most: int) -> tuple[Remembered, ...]:
        """Studies by a condition on the table `study`, written by this package and never by a user."""
        where = f"WHERE {condition}" if condition else ""
        query = f"SELECT {rows.LISTED} FROM study {where} ORDER BY opened DESC, key LIMIT ?"
        with self._reading() as connection:
            found = connection.execute(query, (*values, most)).fetchall()
            roots = {row[0]: rows.roots(connection, row[0]) for row in found}
        return tuple(rows.remembered(row, roots[row[0]]) for row in found)

    def remember(self, entries: Iterable[Entry]) -> None:
        """Keep what some files were found to be, in place of what was known of them."""
        every = list(entries)
        headers = iter(packed([entry.header for entry in every if entry.header is not None]))
        both = [(entry, next(headers) if entry.header is not None else None) for entry in every]
        shared = {header.shared for _, header in both if header is not None}
        with self._writing() as connection:
            connection.executemany(
                "INSERT OR IGNORE INTO shared VALUES (?, ?)", [(rows.key_of(text), text) for text in shared]
            )
            connection.executemany(
                "INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
                [rows.row_of(entry, header) for entry, header in both],
            )

    def remember_studies(
        self,
        studies: Iterable[Study],
        paths: Sequence[str | Path] = (),
        check: Callable[[], object] = bool,
    ) -> None:
        """Keep studies as opened now from *paths*, for the list at the next start. *check* may end it."""
        now = time.time()
        with self._writing() as connection:
            for number, study in enumerate(studies):
                opened_from = [os.path.abspath(path) for path in paths]
                rows.keep_study(connection, study, opened_from, now - number * 1e-3, check)

    def gone(self, places: Iterable[tuple[str, str]]) -> None:
        """Forget files that are no longer there, each as (path, member)."""
        keys = [(*rows.split(path), member) for path, member in places]
        with self._writing() as connection:
            connection.executemany("DELETE FROM file WHERE folder = ? AND name = ? AND member = ?", keys)

    def forget(self, study: StudyKey) -> None:
        """Remove a study, and overwrite what was known of it."""
        with self._writing() as connection:
            connection.execute("DELETE FROM study WHERE key = ?", (study,))
            # headers that no study claimed may belong to the same patient; they are only a cache
            connection.execute("DELETE FROM file WHERE study IS NULL AND header != ''")
            connection.execute("DELETE FROM shared WHERE key NOT IN (SELECT shared FROM file)")
        self._templates.clear()
        self._overwrite()

    def forget_all(self) -> None:
        """Remove everything, and overwrite it."""
        with self._writing() as connection:
            for table in ("file", "shared", "root", "series", "study"):
                connection.execute(f"DELETE FROM {table}")
        self._templates.clear()
        self._overwrite()
        if self._path is not None:
            self._path.with_name(self._path.name + ".bad").unlink(missing_ok=True)

    def series_keys(self, study: StudyKey) -> tuple[SeriesKey, ...]:
        """The series of a remembered study, for instance to drop their thumbnails."""
        with self._reading() as connection:
            return tuple(
                row[0] for row in connection.execute("SELECT key FROM series WHERE study = ?", (study,))
            )

    def close(self) -> None:
        """Let go of the database."""
        with self._lock:
            self._closed = True
            for connection in (*self._idle, self._writer):
                connection.close()
            self._idle.clear()

    def __enter__(self) -> Index:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open(self, path: Path) -> sqlite3.Connection:
        try:
            try:
                return self._renewed(schema.opened(path))
            except schema.Broken:
                schema.set_aside(path)
                log.warning("the index was damaged; it was set aside and a new one begun")
                self.trouble = (
                    "The list of studies was damaged and begins anew; no image is lost. "
                    f"The damaged list is kept as {path.name}.bad."
                )
                return self._renewed(schema.opened(path))
        except schema.Newer:
            self.trouble = (
                "The list of studies was made by a newer version of medviewer. It is left as it is; "
                "studies opened now are not remembered."
            )
        except (sqlite3.Error, OSError, schema.Broken) as trouble:
            log.warning("no index on disk: %s", described(trouble))
            self.trouble = (
                f"The list of studies ({path.name}) cannot be kept on this disk ({trouble}); "
                "studies opened now are not remembered."
            )
        self._path = None
        return self._in_memory()

    def _renewed(self, connection: sqlite3.Connection) -> sqlite3.Connection:
        try:
            schema.renew(connection, maker())
        except BaseException:
            connection.close()
            raise
        return connection

    def _in_memory(self) -> sqlite3.Connection:
        connection = schema.connect(None, writes=True)
        schema.fill(connection)
        return connection

    def _template(self, key: int) -> Template | None:
        """What makes headers of the rows that share the text with this number; None when it is damaged."""
        if key not in self._templates:
            with self._reading() as connection:
                found = connection.execute("SELECT content FROM shared WHERE key = ?", (key,)).fetchone()
            self._templates[key] = rows.template_of(key, found[0]) if found is not None else None
        return self._templates[key]

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """The writer's connection inside a transaction."""
        with self._lock:
            self._check_open()
            try:
                self._writer.execute("BEGIN IMMEDIATE")
                yield self._writer
                self._writer.execute("COMMIT")
            except sqlite3.Error as trouble:
                self._roll_back()
                raise IndexTrouble(
                    f"The list of studies could not be written ({trouble}).",
                    "The images are not affected; check the free space on the disk of your user folder.",
                ) from None
            except BaseException:
                self._roll_back()
                raise

    def _roll_back(self) -> None:
        try:
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
        except sqlite3.Error as trouble:
            log.warning("the index could not roll back: %s", described(trouble))

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """A connection to read from; the writer's own, behind its lock, when all is in memory."""
        try:
            if self._path is None:
                with self._lock:
                    self._check_open()
                    yield self._writer
                return
            connection = self._borrowed()
            try:
                yield connection
            finally:
                self._returned(connection)
        except sqlite3.Error as trouble:
            raise IndexTrouble(
                f"The list of studies cannot be read ({trouble}).",
                "Open the images from their folder; the list is built anew at the next start.",
            ) from None

    def _borrowed(self) -> sqlite3.Connection:
        with self._lock:
            self._check_open()
            if self._idle:
                return self._idle.pop()
        assert self._path is not None
        return schema.connect(self._path, writes=False)

    def _returned(self, connection: sqlite3.Connection) -> None:
        with self._lock:
            if not self._closed:
                self._idle.append(connection)
                return
        connection.close()

    def _check_open(self) -> None:
        if self._closed:
            raise IndexTrouble("The list of studies is closed.", "")

    def _overwrite(self) -> None:
        """Empty the write-ahead log too: deleted rows stay readable in it otherwise."""
        with self._lock:
            try:
                busy = self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            except sqlite3.Error:
                busy = 1
        if busy:
            raise IndexTrouble(
                "What was removed from the list of studies is not overwritten yet.",
                "Close the other windows of medviewer and remove it again.",
            )
