"""Finding an annotation in the reader's work, and changing those of a series as one undo."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from medviewer.core.annotation import Annotation, free_number
from medviewer.core.study import SeriesKey
from medviewer.kit.errors import BadValue

if TYPE_CHECKING:
    from medviewer.session.session import Session

How = Callable[[tuple[Annotation, ...]], tuple[Annotation, ...]]


def found(session: Session, chosen: str) -> tuple[SeriesKey, Annotation]:
    """The annotation with this id, or the selected one for "", and its series. Raises BadValue."""
    chosen = chosen or session.view.selected
    if not chosen:
        raise BadValue(
            "No annotation is selected.", "Click one on the picture or in the panel Measure first."
        )
    for series, reading in session.state.document.readings.items():
        for one in reading.annotations:
            if one.id == chosen:
                return series, one
    raise BadValue("This annotation is no longer there.", "Undo may bring it back.")


def exchanged(changed: Annotation) -> How:
    """Put an annotation in the place of the one with the same id."""
    return lambda kept: tuple(changed if one.id == changed.id else one for one in kept)


def appended(added: Sequence[Annotation]) -> How:
    """Put annotations behind the others, each with the next number of its kind."""

    def how(kept: tuple[Annotation, ...]) -> tuple[Annotation, ...]:
        for one in added:
            kept = (*kept, replace(one, number=free_number(kept, one.shape)))
        return kept

    return how


def change(
    session: Session, label: str, series: SeriesKey, how: How, merge: tuple[str, ...] | None = None
) -> None:
    """Change the annotations of a series; consecutive changes of one *merge* are one undo."""
    reading = session.state.document.reading(series)
    changed = replace(reading, annotations=how(reading.annotations))
    session.edit(label, lambda document: document.with_reading(changed), merge=merge)
