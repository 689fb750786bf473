"""The rows of annotations for a list that changes with each step of a drag; what stays is not sought anew."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

from medviewer.core.annotation import Annotation, names
from medviewer.core.study import SeriesKey
from medviewer.session.dimension import value_of
from medviewer.session.found.tracked import in_force
from medviewer.session.measuring.table import Row, row

if TYPE_CHECKING:
    from medviewer.session.session import Session


class Listed:
    """Finds out where annotations lie, and remembers it until something has changed that decides it."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[str, tuple[Hashable, Row]] = {}

    def rows(self, keys: Sequence[SeriesKey]) -> tuple[Row, ...]:
        """The annotations of series, in the order in which they were drawn.

        What a hidden object holds in another state is left out, as it is in what leaves.
        """
        found = []
        for key in keys:
            reading = self._session.state.document.reading(key)
            called, deciding = names(reading.annotations), self._deciding(key)
            drawn = in_force(reading, self._session.view.hidden_objects).annotations
            found += [self._row(one, called[one.id], key, deciding) for one in drawn]
        self._known = {one.annotation.id: self._known[one.annotation.id] for one in found}
        return tuple(found)

    def _row(self, one: Annotation, name: str, key: SeriesKey, deciding: Hashable) -> Row:
        asked = (one, name, deciding)
        known = self._known.get(one.id)
        if known is not None and known[0] == asked and not self._is_shown(known[1]):
            return known[1]
        found = row(self._session, self._session.series(key), one, name, key)
        self._known[one.id] = (asked, found)
        return found

    def _deciding(self, key: SeriesKey) -> Hashable:
        """What decides on which picture an annotation of a series lies, and how it is measured there."""
        view, series = self._session.view, self._session.series(key)
        shown = [view.viewports[number] for number in view.shown]
        ways = tuple(
            (one.cut, one.view3d is None, 0 if series is None else value_of(series, one.index))
            for one in (view.current, *shown)
            if one.series == key
        )
        return id(series), self._session.state.document.reading(key).scales, ways

    def _is_shown(self, known: Row) -> bool:
        """Whether its picture is on the screen: how that is rendered may be another by now."""
        view, there = self._session.view, known.there
        return there is not None and any(
            (one.series, one.index, one.cut) == (there.series, there.index, there.cut)
            for one in (view.viewports[number] for number in view.shown)
        )
