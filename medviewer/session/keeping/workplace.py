"""The workplace on disk: written soon after it changes, so that it can be gone back to after any end."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from medviewer.core.study import Series, Study
from medviewer.kit.errors import FileTrouble
from medviewer.kit.files import write_atomically
from medviewer.kit.frozen import frozen
from medviewer.kit.locks import FileLock
from medviewer.kit.paths import user_data
from medviewer.kit.task import Lane, Task
from medviewer.session.alignment import pictures_of
from medviewer.session.keeping.session_file import not_saved
from medviewer.session.keeping.workplace_file import Seen, paths_of, plain_seen, read_seen
from medviewer.session.state import Cells, LastTime, Picture, State, View, Viewport

if TYPE_CHECKING:
    from medviewer.session.session import Session

AFTER_S = 1.0


@frozen
class _Now:
    """What the workplace is made of; frozen values that a worker may look at."""

    view: View
    studies: tuple[Study, ...]
    cells: Cells


class Workplace:
    """Where the reader is, in a file. Only the first of several windows writes it."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._path = user_data() / "workplace.json"
        self._lock = FileLock(self._path.with_name("workplace.lock"))
        self._now: _Now | None = None
        self._is_waiting = False
        self._is_told = False
        self._is_written = False
        self._is_ours = False
        self.last: Seen | None = None
        """where the reader was when the program ended last"""
        self._left: Seen | None = None
        """where the reader was last of all, should nothing be open any more"""

    def begin(self) -> None:
        """Find out what was there the last time, and follow the session from now on."""
        self._is_ours = self._lock.take()
        if not self._is_ours:
            return
        try:
            self.last = self._left = read_seen(self._path)
        except FileTrouble as trouble:
            self._session.notify(trouble, is_error=False)
        if self.last is not None and self.last.paths:
            how = LastTime.CLOSED if self.last.ended else LastTime.INTERRUPTED
            self._session.store.set(replace(self._session.state, last_time=how))
            if how is LastTime.INTERRUPTED and self._session.state.studies:
                self._offer()
        self._session.watch(_now_of, self._changed)
        if self._session.state.studies:
            self._changed(_now_of(self._session.state))

    def plain(self) -> dict[str, Any]:
        """Where the reader is, for a session file."""
        return plain_seen(self._seen(_now_of(self._session.state), ended=True))

    def end(self) -> None:
        """The program is closed as it should be: nobody has to be offered anything."""
        if not self._is_ours:
            return
        now = _now_of(self._session.state)
        with suppress(OSError):  # there is nobody left to tell
            if not self._session.settings.remember_studies:
                self._path.unlink(missing_ok=True)
            elif now.studies:
                self._write(now, ended=True)
            elif self._left is not None:
                self._write_seen(replace(self._left, ended=True))
        self._lock.release()

    def _offer(self) -> None:
        self._session.notify(
            "medviewer ended unexpectedly; your work is kept.",
            is_error=False,
            offer="workplace.restore",
        )

    def _changed(self, now: _Now) -> None:
        """Let a worker write it, soon; a preference study that runs is nobody's workplace."""
        if now.view.blind is not None or not self._session.settings.remember_studies:
            return
        self._now = now
        if self._is_waiting:  # not put off again and again while pictures run
            return
        self._is_waiting = True
        self._session.submit(
            Task(
                lambda _: self._write_newest(),
                failed=self._refused,
                lane=Lane.SOON,
                replaces="workplace",
                after=AFTER_S if self._is_written else 0.0,  # from now on it counts as interrupted
            )
        )

    def _write_newest(self) -> None:
        """Write what was there last. A worker calls it. Raises ExportTrouble."""
        self._is_waiting, now = False, self._now
        if now is None:
            return
        try:
            if now.studies:
                self._write(now, ended=False)
            elif self._left is not None:
                self._write_seen(replace(self._left, ended=True))
        except OSError as trouble:
            raise not_saved(trouble) from None

    def _write(self, now: _Now, ended: bool) -> None:
        self._left = self._seen(now, ended)
        self._write_seen(self._left)
        self._is_written = True

    def _write_seen(self, seen: Seen) -> None:
        write_atomically(self._path, json.dumps(plain_seen(seen)).encode())

    def _refused(self, trouble: Exception) -> None:
        self._is_waiting = False
        if not self._is_told:
            self._session.notify(trouble)
        self._is_told = True

    def _seen(self, now: _Now, ended: bool) -> Seen:
        series = {one.key: one for study in now.studies for one in study.series}
        pictures = tuple(_picture(one, series) for one in now.view.viewports)
        return Seen(now.view, pictures, now.cells, paths_of(now.studies, self._session.opened_from), ended)


def arranged(session: Session, seen: Seen) -> View:
    """The view that was seen, on the series and pictures that are open now; others stay empty."""
    view = seen.view
    while (before := view.before_grid) is not None and not seen.cells:
        view = view.arranged_as(before)
    now = session.view
    view = replace(view, corner_text=now.corner_text, overlay_color=now.overlay_color)
    return _placed_view(session, view, seen.pictures)


def is_there(session: Session, seen: Seen) -> bool:
    """Whether every series that was shown is open, and every picture of it that was."""
    if any(session.series(key) is None for key in wanted_series(seen)):
        return False
    shown = zip(seen.view.viewports, seen.pictures, strict=False)
    return all(
        place in pictures_of(series)
        for one, place in shown
        if place is not None and (series := session.series(one.series)) is not None
    )


def wanted_series(seen: Seen) -> frozenset[str]:
    """The series that the viewports showed."""
    return frozenset(one.series for one in seen.view.viewports if one.series is not None)


def _placed_view(session: Session, view: View, pictures: tuple[Picture | None, ...] = ()) -> View:
    places = (*pictures, *(None,) * len(view.viewports))
    befores: dict[str, Any] = {
        name: None if (before := getattr(view, name)) is None else _placed_view(session, before)
        for name in ("before_compare", "before_planes", "before_grid")
    }
    viewports = tuple(
        _placed(session, one, place) for one, place in zip(view.viewports, places, strict=False)
    )
    return replace(view, viewports=viewports, **befores)


def _placed(session: Session, viewport: Viewport, place: Any) -> Viewport:
    series = session.series(viewport.series)
    if series is None or not series.count:
        return Viewport()
    pictures = pictures_of(series)
    index = pictures.index(place) if place in pictures else min(viewport.index, series.count - 1)
    has_stack = session.frames.geometry(series) is not None
    fusion, against = viewport.fusion, viewport.against
    if fusion is not None and session.series(fusion.series) is None:
        fusion = None
    if against is not None and against.series and session.series(against.series) is None:
        against = None
    states = {one.uid for one in session.state.presentations}
    return replace(
        viewport,
        index=index,
        cut=viewport.cut if has_stack else None,
        view3d=viewport.view3d if has_stack else None,
        fusion=fusion,
        against=against,
        presentation=viewport.presentation if viewport.presentation in states else "",
    )


def _picture(viewport: Viewport, series: dict[str, Series]) -> tuple[str, int] | None:
    shown = None if viewport.series is None else series.get(viewport.series)
    if shown is None or not 0 <= viewport.index < shown.count:
        return None
    address = shown.frames[viewport.index]
    return shown.instances[address.instance].sop_instance, address.frame


def _now_of(state: State) -> _Now:
    return _Now(state.view, state.studies, state.document.grid)
