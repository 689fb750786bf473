"""Outlines on pictures: drawn, taken away, and drawn again as the kept work wants them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from medviewer.core.objects import StudyObject
from medviewer.core.report import Report
from medviewer.core.structures import StructureSet
from medviewer.kit.errors import BadValue
from medviewer.kit.task import TaskContext
from medviewer.session.found.measured import Measured, annotations_of
from medviewer.session.found.outlines import Outlined, outlined
from medviewer.session.found.taken import (
    are_annotations_taken,
    wanted_outlines,
    with_outlines,
    without_outlines,
)

if TYPE_CHECKING:
    from medviewer.session.session import Session

JOB = "object"


def outline(session: Session, found: StudyObject) -> None:
    """Draw the outlines of a structure set where its pictures are, and keep that they are wanted.

    Raises BadValue where none of them is open.
    """
    if session.objects.places.most_meant(found) is None:
        words = f"The pictures that {found.label} was drawn on are not open."
        raise BadValue(words, session.objects.missing_words(found))
    _place(session, found)


def draw_lines(session: Session, found: StudyObject, made: Measured) -> None:
    """Draw the open lines of a report; where it has nothing else, keep that they are wanted."""
    if not made.lines:
        return
    _let_be_seen(session, Outlined(found.uid, MappingProxyType(made.lines)))
    if not are_annotations_taken(session.state.document, found.uid):
        _want(session, found, next(iter(made.lines))[0])


def draw_kept_lines(session: Session, kept: Sequence[StudyObject]) -> None:
    """Draw the open lines of reports whose annotations the work holds: they are none themselves."""
    for one in kept:
        if isinstance(one.content, Report) and one.uid not in session.view.hidden_objects:
            draw_lines(session, one, annotations_of(one, session.objects.places))


def take_away(session: Session, found: StudyObject) -> None:
    """Let the outlines of an object no longer be seen."""
    session.store.set(replace(session.state, outlined=_others(session, found.uid)))
    if found.uid in wanted_outlines(session.state.document):
        session.edit(f"Hide {found.label}", lambda document: without_outlines(document, found.uid))


def follow(session: Session) -> None:
    """Let those outlines be seen that the work wants: after undo, and when a study is opened again."""
    document = session.state.document
    wanted = wanted_outlines(document)
    left = tuple(
        one for one in session.state.outlined if one.uid in wanted or are_annotations_taken(document, one.uid)
    )
    if len(left) != len(session.state.outlined):
        session.store.set(replace(session.state, outlined=left))
    seen = {one.uid for one in left}
    for found in session.state.objects:
        if found.uid in wanted and found.uid not in seen:
            _draw_again(session, found)


def place_again(session: Session) -> None:
    """Put the outlines that are seen where their pictures are, now that these may have other numbers."""
    shown = session.state.outlined
    session.store.set(replace(session.state, outlined=()))
    by_uid = {one.uid: one for one in session.state.objects}
    for found in (by_uid[one.uid] for one in shown if one.uid in by_uid):
        _draw_again(session, found)


def _draw_again(session: Session, found: StudyObject) -> None:
    if isinstance(found.content, StructureSet) and session.objects.places.most_meant(found) is not None:
        _place(session, found, is_again=True)
    elif isinstance(found.content, Report):
        draw_lines(session, found, annotations_of(found, session.objects.places))


def _place(session: Session, found: StudyObject, is_again: bool = False) -> None:
    places = session.objects.places

    def work(context: TaskContext) -> Outlined:
        return outlined(found, places, context)

    def done(made: Outlined) -> None:
        if session.objects.places is not places and session.objects.places.most_meant(found) is not None:
            _place(session, found, is_again)  # pictures have come or gone meanwhile
            return
        if is_again and found.uid not in wanted_outlines(session.state.document):
            return  # undone or hidden meanwhile
        if made.pictures:
            _let_be_seen(session, made)
            _want(session, found, next(iter(made.pictures))[0])
        if is_again:
            return
        if not made.pictures:
            words = f"Nothing of {found.label} lies on an open picture."
            session.notify(BadValue(words, "Open the pictures it refers to."))
        elif made.left_out:
            words = f"{found.label}: {made.left_out:,} of its outlines lie on no open picture."
            session.notify(words, is_error=False)

    if is_again:  # a study that is being opened asks with every part of it
        session.jobs.cancel(session.objects.placing.get(found.uid, ""))
    key = session.jobs.start(f"Placing {found.label}", work, done, kind=JOB)
    if is_again:
        session.objects.placing[found.uid] = key


def _want(session: Session, found: StudyObject, key: str) -> None:
    if found.uid not in wanted_outlines(session.state.document):
        session.edit(f"Show {found.label}", lambda document: with_outlines(document, key, found.uid))


def _let_be_seen(session: Session, made: Outlined) -> None:
    session.store.set(replace(session.state, outlined=(*_others(session, made.uid), made)))


def _others(session: Session, uid: str) -> tuple[Outlined, ...]:
    return tuple(one for one in session.state.outlined if one.uid != uid)
