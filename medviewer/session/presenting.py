"""Presentation states of the open studies: which there are, and pictures as the chosen one wants them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from medviewer.core.presentation import Look, PresentationState
from medviewer.core.study import Instance, Series, SeriesKey
from medviewer.core.volume import Frame
from medviewer.dicom.presentation import CLASSES, read_presentation
from medviewer.imaging.presented import presented
from medviewer.kit.errors import FileTrouble
from medviewer.kit.task import Lane, Task, TaskContext
from medviewer.session.alignment import pictures_of

if TYPE_CHECKING:
    from medviewer.session.session import Session

Place = tuple[str, str]


class Presenting:
    """Reads presentation states in the background and applies the one that a viewport has chosen."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[Place, PresentationState] = {}
        self._applied: WeakKeyDictionary[Frame, dict[str, Frame]] = WeakKeyDictionary()

    def refresh(self) -> None:
        """Read the states of what is open now; those that cannot be read are told once."""
        wanted = {(one.path, one.member): one for one in self._instances()}
        known = {place: state for place, state in self._known.items() if place in wanted}
        missing = [one for place, one in wanted.items() if place not in known]

        def work(context: TaskContext) -> tuple[dict[Place, PresentationState], list[FileTrouble]]:
            found, troubles = {}, []
            for one in missing:
                context.check()
                try:
                    found[one.path, one.member] = read_presentation(one)
                except FileTrouble as trouble:
                    troubles.append(trouble)
            return found, troubles

        def done(result: tuple[dict[Place, PresentationState], list[FileTrouble]]) -> None:
            for trouble in result[1]:
                self._session.notify(trouble)
            self._tell({**known, **result[0]})

        if missing:
            self._session.submit(Task(work, done, lane=Lane.SOON, replaces="presentations"))
        elif known != self._known:
            self._tell(known)

    def of_series(self, series: Series | None) -> tuple[PresentationState, ...]:
        """The states that say something about pictures of a series, the newest first."""
        if series is None:
            return ()
        pictures = pictures_of(series)
        found = [
            state
            for state in self._known.values()
            if any(state.look(instance, frame) for instance, frame in pictures)
        ]
        return tuple(sorted(found, key=lambda state: (state.when, state.uid), reverse=True))

    def look(self, key: SeriesKey | None, index: int, uid: str) -> Look | None:
        """What the state *uid* says of picture *index* of a series, None when it says nothing."""
        series = self._session.series(key)
        state = self.state(uid)
        if state is None or series is None or not series.count:
            return None
        address = series.frames[min(index, series.count - 1)]
        return state.look(series.instances[address.instance].sop_instance, address.frame)

    def state(self, uid: str) -> PresentationState | None:
        """A state by its UID, None when it is not open."""
        return next((state for state in self._known.values() if state.uid == uid), None)

    def presented(self, frame: Frame, key: SeriesKey, index: int, uid: str) -> Frame:
        """*frame*, picture *index* of a series, as the state *uid* wants it: always the same one.

        Itself where no state is chosen, or where it says nothing of this picture.
        """
        look = self.look(key, index, uid) if uid else None
        state = self.state(uid)
        if look is None or state is None:
            return frame
        by_state = self._applied.setdefault(frame, {})
        if uid not in by_state:
            by_state[uid] = presented(frame, look, state.label)
        return by_state[uid]

    def _instances(self) -> Iterator[Instance]:
        for study in self._session.state.studies:
            for series in study.series:
                if not series.count:
                    yield from (one for one in series.instances if one.sop_class in CLASSES)

    def _tell(self, known: dict[Place, PresentationState]) -> None:
        self._known = known
        states = tuple(known.values())
        self._session.store.set(replace(self._session.state, presentations=states))
