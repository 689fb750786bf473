"""Key pictures of an object as marks in the reader's work, and whether they are there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from medviewer.core.objects import StudyObject
from medviewer.kit.errors import BadValue
from medviewer.session.state import Document, Picture, State

if TYPE_CHECKING:
    from medviewer.session.session import Session


def are_marked(state: State, found: StudyObject) -> bool:
    """Whether all of its pictures that are open are marked: another selection may name some of them."""
    marked = {one for reading in state.document.readings.values() for one in reading.key_pictures}
    left = {one for one in found.pictures if not _is_marked(one, marked)}
    if len(left) == len(set(found.pictures)):
        return False
    every = (series for study in state.studies for series in study.series)
    opened = (
        (series.instances[one.instance].sop_instance, one.frame) for series in every for one in series.frames
    )
    return not left or not any(_is_named(one, left) for one in opened)


def mark(session: Session, found: StudyObject) -> None:
    """Mark the pictures of a selection that are open. Raises BadValue where none is."""
    places = session.objects.places
    meant = places.of(found.pictures)
    if not meant:
        raise BadValue(
            f"None of the pictures of {found.label} is open.", session.objects.missing_words(found)
        )

    def with_marks(document: Document) -> Document:
        for key in dict.fromkeys(key for key, _ in meant):
            series, reading = places.series[key], document.reading(key)
            marks: list[Picture] = []
            for one in (index for other, index in meant if other == key):
                address = series.frames[one]
                marks.append((series.instances[address.instance].sop_instance, address.frame))
            every = tuple(dict.fromkeys((*reading.key_pictures, *marks)))
            document = document.with_reading(replace(reading, key_pictures=every))
        return document

    session.edit(f"Mark {found.label}", with_marks)


def unmark(session: Session, found: StudyObject) -> None:
    """Take the marks from the pictures of a selection."""
    named = set(found.pictures)

    def without_marks(document: Document) -> Document:
        for key, reading in document.readings.items():
            left = tuple(one for one in reading.key_pictures if not _is_named(one, named))
            if left != reading.key_pictures:
                document = document.with_reading(replace(document.reading(key), key_pictures=left))
        return document

    session.edit(f"Unmark {found.label}", without_marks)


def _is_named(picture: Picture, named: set[tuple[str, int]]) -> bool:
    return picture in named or (picture[0], -1) in named


def _is_marked(named: tuple[str, int], marked: set[Picture]) -> bool:
    return named in marked or (named[1] == -1 and any(one[0] == named[0] for one in marked))
