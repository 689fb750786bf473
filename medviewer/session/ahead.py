"""Decoding the neighbours of a shown picture before anybody goes there."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from medviewer.core.study import SeriesKey
from medviewer.kit.errors import MedviewerError
from medviewer.kit.task import Lane, Task, TaskContext

if TYPE_CHECKING:
    from medviewer.session.session import Session

AHEAD, BEHIND = 6, 2
"""How many neighbours are fetched in the direction of travel, and the other way."""


class Ahead:
    """Fetches for each viewport; when it goes elsewhere, what was not yet fetched is dropped."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._seen: dict[int, tuple[SeriesKey, int]] = {}

    def fetch(self, number: int, key: SeriesKey, index: int) -> None:
        """Decode what lies around picture *index*, more of it in the direction of travel."""
        last = self._seen.get(number)
        if last == (key, index):
            return
        self._seen[number] = (key, index)
        wanted = self._missing(key, index, is_back=last is not None and last[0] == key and last[1] > index)
        if wanted:
            self._session.submit(
                Task(partial(self._decode, key, wanted), lane=Lane.SOON, replaces=("ahead", number))
            )

    def _missing(self, key: SeriesKey, index: int, is_back: bool) -> list[int]:
        series = self._session.series(key)
        count = 0 if series is None else series.count
        sign = -1 if is_back else 1
        steps = [sign * step for step in range(1, AHEAD + 1)] + [
            -sign * step for step in range(1, BEHIND + 1)
        ]
        places = (index + step for step in steps)
        return [at for at in places if 0 <= at < count and self._session.frames.get(key, at) is None]

    def _decode(self, key: SeriesKey, wanted: list[int], context: TaskContext) -> None:
        for at in wanted:
            context.check()
            try:
                self._session.frames.load(key, at)
            except MedviewerError:
                return  # whoever goes there is told
