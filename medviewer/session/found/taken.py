"""Whether something of an object is part of the reader's work, and whether its outlines are wanted."""

from __future__ import annotations

from dataclasses import replace

from medviewer.core.study import SeriesKey
from medviewer.session.state import Document


def is_taken(document: Document, uid: str) -> bool:
    """Whether something of an object is part of the reader's work already."""
    return groups_taken(document, uid) or are_annotations_taken(document, uid)


def groups_taken(document: Document, uid: str) -> bool:
    """Whether label maps of an object are part of it."""
    return any(one.source == uid for reading in document.readings.values() for one in reading.groups)


def are_annotations_taken(document: Document, uid: str) -> bool:
    """Whether annotations of an object are part of it."""
    return any(one.source == uid for reading in document.readings.values() for one in reading.annotations)


def wanted_outlines(document: Document) -> tuple[str, ...]:
    """The SOP Instance UIDs of the objects whose outlines are to be seen."""
    return tuple(dict.fromkeys(uid for one in document.readings.values() for uid in one.outlined))


def with_outlines(document: Document, key: SeriesKey, uid: str) -> Document:
    """With the outlines of an object wanted, kept with the work on a series of pictures."""
    if uid in wanted_outlines(document):
        return document
    reading = document.reading(key)
    return document.with_reading(replace(reading, outlined=(*reading.outlined, uid)))


def without_outlines(document: Document, uid: str) -> Document:
    """With the outlines of an object wanted nowhere."""
    for reading in document.readings.values():
        if uid in reading.outlined:
            left = tuple(one for one in reading.outlined if one != uid)
            document = document.with_reading(replace(reading, outlined=left))
    return document
