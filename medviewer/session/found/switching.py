"""Showing and hiding what an object says: label maps, annotations, marks of key pictures, outlines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from medviewer.core.object_kind import ObjectKind
from medviewer.core.objects import KeyPictures, ParametricMap, StudyObject
from medviewer.core.report import Report
from medviewer.core.segments import Segmentation
from medviewer.core.structures import StructureSet
from medviewer.core.study import SeriesKey
from medviewer.kit.errors import BadValue
from medviewer.kit.task import TaskContext
from medviewer.session.found.groups import Made
from medviewer.session.found.jumping import jump_to
from medviewer.session.found.marking import are_marked, mark, unmark
from medviewer.session.found.measured import Measured, annotations_of
from medviewer.session.found.outlining import JOB, draw_lines, outline, take_away
from medviewer.session.found.segments import groups_of_segments
from medviewer.session.found.structures import groups_of_regions
from medviewer.session.found.taken import groups_taken, is_taken, without_outlines
from medviewer.session.state import Document, State

if TYPE_CHECKING:
    from medviewer.session.session import Session

DRAWN = (ObjectKind.SEGMENTATION, ObjectKind.STRUCTURES, ObjectKind.REPORT, ObjectKind.KEY_PICTURES)


def can_show(found: StudyObject) -> bool:
    """Whether there may be anything to see of an object on pictures."""
    if isinstance(found.content, Report):
        return found.content.has_places
    return found.kind in (*DRAWN, ObjectKind.MAP, ObjectKind.PRESENTATION)


def is_shown(state: State, found: StudyObject) -> bool:
    """Whether what an object says is to be seen on its pictures."""
    if found.uid in state.view.hidden_objects:
        return False
    if found.kind is ObjectKind.PRESENTATION:
        return state.view.current.presentation == found.uid
    if isinstance(found.content, ParametricMap):
        shown = (state.view.viewports[number] for number in state.view.shown)
        return any(one.fusion is not None and one.fusion.series == found.series for one in shown)
    if isinstance(found.content, KeyPictures):
        return are_marked(state, found)
    return any(one.uid == found.uid for one in state.outlined) or is_taken(state.document, found.uid)


def show(session: Session, found: StudyObject) -> None:
    """Show what an object says on its pictures, by reference. Raises BadValue where there is nothing."""
    if session.objects.is_own(found):
        raise BadValue(f"What {found.label} holds is part of your work here already.", "It is shown as that.")
    session.objects.touched(found.uid)
    hidden = (session.view.hidden_objects | session.objects.other_versions(found)) - {found.uid}
    if hidden != session.view.hidden_objects:
        session.change(lambda view: replace(view, hidden_objects=hidden))
    if found.kind is ObjectKind.PRESENTATION:
        _present(session, found)
        return
    if is_shown(session.state, found) and not isinstance(found.content, Report):
        return
    match found.content:
        case Segmentation():
            _make_groups(session, found)
        case StructureSet():
            outline(session, found)
        case Report():
            _annotate(session, found)
        case KeyPictures():
            mark(session, found)
            _tell_missing(session, found)
        case ParametricMap():
            _lay(session, found)
        case _:
            raise BadValue(f"{found.label} has nothing to be drawn on pictures.", "Its header can be read.")


def hide(session: Session, found: StudyObject) -> None:
    """Let nothing of an object be seen; the reader's work keeps what it has of it."""
    session.objects.touched(found.uid)
    if isinstance(found.content, KeyPictures):
        unmark(session, found)
        return
    if found.kind is ObjectKind.PRESENTATION:
        session.run("presentation.off")
        return
    if isinstance(found.content, ParametricMap):
        session.run("fusion.off")
        return
    take_away(session, found)
    if is_taken(session.state.document, found.uid):
        session.change(lambda view: replace(view, hidden_objects=view.hidden_objects | {found.uid}))


def hide_older_states(session: Session, kept: Sequence[StudyObject]) -> None:
    """Of several states of one object that the work holds, let only the newest be seen."""
    newest: dict[frozenset[str], StudyObject] = {}
    older = set()
    for one in sorted(kept, key=lambda one: (one.when, one.time)):
        follows = session.objects.follows(one)
        if follows:
            if follows in newest:
                older.add(newest[follows].uid)
            newest[follows] = one
    if older:
        session.change(lambda view: replace(view, hidden_objects=view.hidden_objects | older))


def remove(session: Session, found: StudyObject) -> None:
    """Take what was read from an object out of the reader's work; undo brings it back."""
    document = session.state.document
    for reading in document.readings.values():
        groups = tuple(one for one in reading.groups if one.source != found.uid)
        drawn = tuple(one for one in reading.annotations if one.source != found.uid)
        if len(groups) != len(reading.groups) or len(drawn) != len(reading.annotations):
            document = document.with_reading(replace(reading, groups=groups, annotations=drawn))
    document = without_outlines(document, found.uid)
    if document is not session.state.document:
        session.edit(f"Remove {found.label}", lambda _: document)


def fill(session: Session, found: StudyObject) -> None:
    """Make label maps of what the outlines of a structure set enclose. Raises BadValue."""
    if not isinstance(found.content, StructureSet):
        raise BadValue(f"{found.label} has no outlines.", "Choose a structure set.")
    if groups_taken(session.state.document, found.uid):
        raise BadValue(f"The regions of {found.label} are label maps already.", "The list names them.")
    places = session.objects.places

    def work(context: TaskContext) -> Made:
        return groups_of_regions(found, places, context)

    def done(made: Made) -> None:
        _take_groups(session, found, made)

    session.jobs.start(f"Filling {found.label}", work, done, kind=JOB)


def _make_groups(session: Session, found: StudyObject) -> None:
    if session.objects.places.most_meant(found) is None:
        words = f"The pictures that {found.label} was made from are not open."
        raise BadValue(words, session.objects.missing_words(found))
    places, instance, decoder = session.objects.places, session.objects.instance(found), session.decoder
    active = session.view.current.series

    def work(context: TaskContext) -> Made:
        return groups_of_segments(found, instance, places, decoder, context, active)

    def done(made: Made) -> None:
        _take_groups(session, found, made)

    _tell_missing(session, found)
    session.jobs.start(f"Reading {found.label}", work, done, kind=JOB)


def _take_groups(session: Session, found: StudyObject, made: Made) -> None:
    """Put label maps into the document, once, whatever was asked for meanwhile."""
    if groups_taken(session.state.document, found.uid):
        return

    def with_groups(document: Document) -> Document:
        for key, groups in made.groups.items():
            reading = document.reading(key)
            document = document.with_reading(replace(reading, groups=(*reading.groups, *groups)))
        return session.aligned(without_outlines(document, found.uid))

    session.edit(f"Show {found.label}", with_groups)
    for words in made.words:
        session.notify(f"{found.label}: {words}", is_error=False)


def _annotate(session: Session, found: StudyObject) -> None:
    made: Measured = annotations_of(found, session.objects.places)
    if not made.annotations and not made.lines:
        missing = session.objects.missing_words(found)
        raise BadValue(
            f"{found.label} marks nothing on an open picture.",
            missing or "Its text can be read all the same.",
        )

    def with_annotations(document: Document) -> Document:
        for key, drawn in made.annotations.items():
            reading = document.reading(key)
            document = document.with_reading(replace(reading, annotations=(*reading.annotations, *drawn)))
        return document

    if made.annotations and not is_taken(session.state.document, found.uid):
        session.edit(f"Show {found.label}", with_annotations)
    draw_lines(session, found, made)
    for words in made.words:
        session.notify(f"{found.label}: {words}", is_error=False)


def _present(session: Session, found: StudyObject) -> None:
    """The pictures of the active viewport as a presentation state wants them, else those that it is about."""
    series = session.series(session.view.current.series)
    if all(state.uid != found.uid for state in session.presenting.of_series(series)):
        jump_to(session, found)
    session.run("presentation.apply", uid=found.uid)


def _lay(session: Session, found: StudyObject) -> None:
    """A parametric map over the series that it was made from."""
    key: SeriesKey | None = session.objects.places.most_meant(found, session.view.current.series)
    if key is None:
        raise BadValue(f"The pictures that {found.label} was made from are not open.", "Open them too.")
    if session.view.current.series != key:
        session.run("view.show", series=key)
    session.run("fusion.set", series=found.series, colors="viridis")
    session.run("fusion.fades", on=False)


def _tell_missing(session: Session, found: StudyObject) -> None:
    words = session.objects.missing_words(found)
    if words:
        session.notify(f"{found.label}: {words}", "Open the whole study to see all of it.", is_error=False)
