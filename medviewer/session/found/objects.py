"""What the open studies hold of objects about pictures: read in the background, told once when unreadable."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from medviewer.core.object_kind import ObjectKind
from medviewer.core.objects import StudyObject
from medviewer.core.presentation import PresentationState
from medviewer.core.study import Instance, Series, Study
from medviewer.dicom.objects.classes import kind_of
from medviewer.dicom.objects.read import read_object
from medviewer.kit.errors import BadValue, FileTrouble
from medviewer.kit.task import Lane, Task, TaskContext
from medviewer.session.found.outlining import draw_kept_lines, follow, place_again
from medviewer.session.found.places import Places
from medviewer.session.found.switching import hide_older_states
from medviewer.session.found.taken import is_taken, wanted_outlines
from medviewer.session.found.tracked import tracked_by, tracked_in
from medviewer.session.state import Document

if TYPE_CHECKING:
    from medviewer.session.session import Session

File = tuple[str, str, str]
"""Path, member, series"""


class Objects:
    """Reads what is open now; the newest request wins."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[File, StudyObject | None] = {}
        self._places: tuple[tuple[Study, ...], Places] = ((), Places(()))
        self._missing: dict[str, str] = {}
        """what was said of each object; it is asked for at every turn"""
        self._follows: dict[str, frozenset[str]] = {}
        """the Tracking UIDs in each object"""
        self._tracked: tuple[Document | None, dict[str, str]] = (None, {})
        self._fresh: set[str] = set()
        """the objects of which nobody knows yet whether the kept work holds any"""
        self.placing: dict[str, str] = {}
        """the jobs that place outlines again, by the UIDs of the objects"""
        self.written: frozenset[str] = frozenset()
        """the objects that were written from here, by their SOP UIDs"""
        self._states: tuple[tuple[object, object] | None, tuple[StudyObject, ...]] = (None, ())
        session.watch(lambda state: wanted_outlines(state.document), lambda _: follow(session))

    def refresh(self) -> None:
        """Read the objects of what is open now; those that cannot be read are told once."""
        if self._session.state.outlined and self._places[0] is not self._session.state.studies:
            place_again(self._session)
        wanted = {(one.path, one.member, series.key): (one, series) for one, series in self._instances()}
        known = {file: found for file, found in self._known.items() if file in wanted}
        missing = [(file, *one) for file, one in wanted.items() if file not in known]

        def work(context: TaskContext) -> tuple[dict[File, StudyObject | None], list[FileTrouble]]:
            read: dict[File, StudyObject | None] = {}
            troubles = []
            for file, instance, series in missing:
                context.check()
                try:
                    read[file] = replace(read_object(instance), series=series.key)
                except FileTrouble as trouble:
                    read[file] = None
                    troubles.append(trouble)
            return read, troubles

        def done(result: tuple[dict[File, StudyObject | None], list[FileTrouble]]) -> None:
            for trouble in result[1]:
                self._session.notify(trouble, is_error=False)
            self._tell({**known, **result[0]})

        if missing:
            self._session.submit(Task(work, done, lane=Lane.SOON, replaces="objects"))
        elif known != self._known:
            self._tell(known)

    def of(self, uid: str) -> StudyObject:
        """An open object by its UID. Raises BadValue."""
        found = next((one for one in self.every if one.uid == uid), None)
        if found is None:
            raise BadValue("This object is not open.", "Open the study that holds it.")
        return found

    @property
    def every(self) -> tuple[StudyObject, ...]:
        """All of them, presentation states among them."""
        state = self._session.state
        now = (state.studies, state.presentations)
        if self._states[0] is None or any(a is not b for a, b in zip(self._states[0], now, strict=True)):
            self._states = (now, tuple(_of_state(self._session, one) for one in state.presentations))
        return (*state.objects, *self._states[1])

    def instance(self, found: StudyObject) -> Instance:
        """The file of an object. Raises BadValue."""
        series = self._session.series(found.series)
        for one in () if series is None else series.instances:
            if (one.path, one.member) == (found.path, found.member):
                return one
        raise BadValue("This object is no longer open.", "Open the study that holds it.")

    def is_own(self, found: StudyObject) -> bool:
        """Whether all that an object holds is part of the reader's work already, and not read from it."""
        sources = self._sources(found)
        if not sources or None in sources or found.uid in sources:
            return False
        return "" in sources or found.uid in self.written

    def other_versions(self, found: StudyObject) -> frozenset[str]:
        """The objects from which all that this one holds was read, in an earlier or later state."""
        sources = self._sources(found)
        if None in sources or "" in sources or found.uid in sources:
            return frozenset()
        return frozenset(one for one in sources if one)

    def follows(self, found: StudyObject) -> frozenset[str]:
        """The Tracking UIDs of all that an object draws; empty where something has none."""
        if found.uid not in self._follows:
            self._follows[found.uid] = tracked_in(found)
        return self._follows[found.uid]

    def _sources(self, found: StudyObject) -> frozenset[str | None]:
        """Where the work has from what this object holds: UIDs, "" for the reader, None for nothing yet."""
        document = self._session.state.document
        if self._tracked[0] is not document:
            self._tracked = (document, tracked_by(document))
        return frozenset(self._tracked[1].get(uid) for uid in self.follows(found))

    def settle(self) -> None:
        """Let what was kept of objects that were just opened be seen as it was, once both are there."""
        fresh = [one for one in self._session.state.objects if one.uid in self._fresh]
        taken = [one for one in fresh if is_taken(self._session.state.document, one.uid)]
        # while a study is being opened, what an object speaks of may come after it
        self._fresh -= {one.uid for one in taken if not self.places.missing(one.pictures)}
        hide_older_states(self._session, taken)
        draw_kept_lines(self._session, taken)
        follow(self._session)

    def touched(self, uid: str) -> None:
        """The reader has shown or hidden an object: from now on that is as the reader wants it."""
        self._fresh.discard(uid)

    @property
    def places(self) -> Places:
        """The open pictures by their UIDs."""
        studies = self._session.state.studies
        if self._places[0] is not studies:
            self._places = (studies, Places(studies))
            self._missing = {}
        return self._places[1]

    def missing_words(self, found: StudyObject) -> str:
        """How many of the pictures that it refers to are not open, "" for none."""
        places = self.places
        if found.uid not in self._missing:
            others = {one.uid for one in self._session.state.objects}
            self._missing[found.uid] = _missing_words(found, places, others)
        return self._missing[found.uid]

    def _instances(self) -> Iterator[tuple[Instance, Series]]:
        for study in self._session.state.studies:
            for series in study.series:
                for one in series.instances:
                    if kind_of(one.sop_class) not in (None, ObjectKind.PRESENTATION):
                        yield one, series

    def _tell(self, known: dict[File, StudyObject | None]) -> None:
        self._known, self._follows, self._missing = known, {}, {}
        before = {one.uid for one in self._session.state.objects}
        # an object whose frames make several stacks is one object all the same
        found = {one.uid or one.path: one for one in reversed(list(known.values())) if one is not None}
        self._session.store.set(replace(self._session.state, objects=tuple(reversed(found.values()))))
        self._fresh |= found.keys() - before
        self.settle()


def _of_state(session: Session, state: PresentationState) -> StudyObject:
    every = (series for study in session.state.studies for series in study.series)
    own = ((series, one) for series in every for one in series.instances if one.sop_instance == state.uid)
    series, instance = next(own, (None, None))
    return StudyObject(
        state.uid,
        ObjectKind.PRESENTATION,
        state.description or state.label,
        when=state.when,
        time=state.time,
        pictures=tuple(sorted({one for look in state.looks for one in look.pictures})),
        remarks=state.remarks,
        series="" if series is None else series.key,
        path="" if instance is None else instance.path,
        member="" if instance is None else instance.member,
    )


def _missing_words(found: StudyObject, places: Places, others: set[str]) -> str:
    """What is not there of an object's pictures; *others* are objects, at which reports point as well."""
    if found.kind is ObjectKind.DOCUMENT:
        return ""
    pictures = tuple(one for one in found.pictures if one[0] not in others)
    named = len({uid for uid, _ in pictures})
    missing = places.missing(pictures)
    if not missing:
        return ""
    if missing == named:
        return "Its picture is not open." if named == 1 else f"None of its {named:,} pictures is open."
    return f"{missing:,} of its {named:,} pictures are not open."
