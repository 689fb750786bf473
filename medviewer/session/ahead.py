"""Decoding the neighbours of a shown picture before anybody goes there."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from medviewer.core.study import Series, SeriesKey
from medviewer.kit.errors import MedviewerError
from medviewer.kit.task import Lane, Task, TaskContext
from medviewer.session.dimension import block, place_of

if TYPE_CHECKING:
    from medviewer.session.session import Session

AHEAD, BEHIND = 6, 2
"""How many neighbours are fetched in the direction of travel, and the other way."""

FIRST_S = 0.03
"""So long a viewport has for drawing its first picture before its neighbours ask for the processor."""


class Ahead:
    """Fetches for each viewport; when it goes elsewhere, what was not yet fetched is dropped."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._seen: dict[int, tuple[SeriesKey, int]] = {}
        self._complete: tuple[SeriesKey, int, int] | None = None
        """(series, index, index before) of the last look around that found everything there"""

    def fetch(self, number: int, key: SeriesKey, index: int) -> None:
        """Decode what lies around picture *index*, more of it in the direction of travel."""
        last = self._seen.get(number)
        if last == (key, index):
            return
        self._seen[number] = (key, index)
        before = last[1] if last is not None and last[0] == key else index
        if self._complete == (key, index, before):
            return  # a linked viewport has just looked there
        wanted = self._missing(key, index, before)
        self._complete = None if wanted else (key, index, before)
        if wanted:
            work = partial(self._decode, key, wanted, 0.0 if last is not None else FIRST_S)
            self._session.submit(Task(work, lane=Lane.SOON, replaces=("ahead", number)))

    def _missing(self, key: SeriesKey, index: int, before: int) -> list[int]:
        series = self._session.series(key)
        if series is None or not 0 <= index < series.count:
            return []
        way = self._way(series, index, before)
        at = way.index(index)
        sign = -1 if before > index else 1
        steps = [sign * step for step in range(1, AHEAD + 1)] + [
            -sign * step for step in range(1, BEHIND + 1)
        ]
        near = (way[at + step] for step in steps if 0 <= at + step < len(way))
        return self._session.frames.missing(key, near)

    def _way(self, series: Series, index: int, before: int) -> range:
        """What somebody goes through: the places of one value, or the values at one place."""
        if index != before and place_of(series, index) == place_of(series, before):
            return range(place_of(series, index), series.count, series.places)
        return block(series, index)

    def _decode(self, key: SeriesKey, wanted: list[int], delay: float, context: TaskContext) -> None:
        context.rest(delay)
        for at in wanted:
            context.check()
            try:
                self._session.frames.load(key, at)
            except MedviewerError:
                return  # whoever goes there is told
