"""What was measured as rows: taken on the main thread, measured by a worker, written as a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal

from medviewer.core.annotation import Annotation, Shape, names
from medviewer.core.geometry import Plane
from medviewer.core.study import Series, SeriesKey
from medviewer.core.volume import Frame
from medviewer.imaging.measure import RULE, Measurement, measure
from medviewer.imaging.request import RenderRequest
from medviewer.kit.errors import MedviewerError
from medviewer.kit.frozen import frozen
from medviewer.kit.task import TaskContext
from medviewer.session.drawn import lying_on
from medviewer.session.facts import plane_words
from medviewer.session.found.tracked import in_force
from medviewer.session.state import Viewport

if TYPE_CHECKING:
    from medviewer.session.session import Session

Scope = Literal["series", "all"]
Cell = str | int | float | None
COLUMNS = (
    "Name",
    "Kind",
    "Meaning",
    "Code",
    "Modality",
    "Series",
    "Picture",
    "Quantity",
    "Value",
    "Unit",
    "Remark",
    "Rule",
)
IDENTITY = ("Patient name", "Patient ID", "Study date", "Series description")
ON_NO_PICTURE = "lies on no picture that can be shown"


@frozen
class Row:
    """An annotation with all that a worker needs to measure it."""

    annotation: Annotation
    name: str
    series: SeriesKey
    plane: Plane | None
    """of the picture on which it lies, with what the reader has calibrated; None where there is none"""
    picture: str
    """its number in the series from 1, or which plane it is; "" where there is none"""
    there: Viewport | None = None
    """what shows it"""
    request: RenderRequest | None = None
    """asks for its values, where those are needed"""

    @property
    def needs_values(self) -> bool:
        """Whether its numbers are of the pixels under it."""
        return self.annotation.shape.is_area or self.annotation.shape is Shape.POINT


def rows(session: Session, keys: Sequence[SeriesKey]) -> tuple[Row, ...]:
    """The annotations of series, in the order in which they were drawn."""
    found: list[Row] = []
    for key in keys:
        reading = session.state.document.reading(key)
        series = session.series(key)
        called = names(reading.annotations)
        drawn = in_force(reading, session.view.hidden_objects).annotations
        found += [row(session, series, one, called[one.id], key) for one in drawn]
    return tuple(found)


def row(session: Session, series: Series | None, one: Annotation, name: str, key: SeriesKey) -> Row:
    """One annotation of a series with its place."""
    there = None if series is None else lying_on(session, series, one)
    if series is None or there is None:
        return Row(one, name, key, None, "")
    request = session.rendering.request_of(there, None, overlay=False)
    return Row(one, name, key, session.rendering.plane(there), _picture(there), there, request)


def keys_of(session: Session, scope: Scope) -> tuple[SeriesKey, ...]:
    """The active series, or all open ones on which something was drawn."""
    if scope == "series":
        now = session.view.current.series
        return () if now is None else (now,)
    readings = session.state.document.readings
    return tuple(
        one.key
        for study in session.state.studies
        for one in study.series
        if one.key in readings and readings[one.key].annotations
    )


def measured(session: Session, row: Row, context: TaskContext | None = None) -> Measurement | None:
    """What a row measures, its values decoded where need be; workers call it. Raises FileTrouble."""
    if row.plane is None:
        return None
    frame: Frame | None = None
    if row.needs_values and row.request is not None:
        frame = session.rendering.load(row.request, context)
    return measure(row.annotation, row.plane, frame)


def table(
    session: Session, taken: Sequence[Row], identity: bool, context: TaskContext
) -> Iterator[tuple[Cell, ...]]:
    """The cells below `COLUMNS`, after those of `IDENTITY` if asked for: a row for each number."""
    for at, one in enumerate(taken):
        context.report(at / max(len(taken), 1), f"{at + 1} of {len(taken)}")
        try:
            found = measured(session, one, context)
        except MedviewerError as trouble:
            found, remark = None, trouble.message
        else:
            remark = "" if found is not None else ON_NO_PICTURE
        head = (*(_who(session, one) if identity else ()), *_head(session, one))
        if found is None or not found.quantities:
            yield (*head, "", None, "", remark, "")
            continue
        rule = RULE if one.annotation.shape.is_area else ""
        for quantity in found.quantities:
            is_size = quantity.unit in (found.unit, found.unit.rstrip("²"))
            yield (
                *head,
                quantity.name,
                quantity.value,
                quantity.unit,
                found.remark if is_size else "",
                "length of the line" if quantity.name == "perimeter" else rule,
            )


def _head(session: Session, one: Row) -> tuple[Cell, ...]:
    series, code = session.series(one.series), one.annotation.meaning
    return (
        one.name,
        one.annotation.shape.word,
        "" if code is None else code.meaning,
        "" if code is None else f"{code.value} {code.scheme}",
        "" if series is None else series.modality,
        None if series is None else series.number,
        int(one.picture) if one.picture.isdigit() else one.picture,
    )


def _who(session: Session, one: Row) -> tuple[Cell, ...]:
    study, series = session.study_of(one.series), session.series(one.series)
    if study is None or series is None:
        return ("",) * len(IDENTITY)
    return study.patient.called, study.patient.id, study.date, series.description


def _picture(there: Viewport) -> str:
    return str(there.index + 1) if there.cut is None else plane_words(there.cut)
