"""What was drawn, measured for a report as it is measured on the screen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from medviewer.core.annotation import Annotation
from medviewer.core.geometry import Calibration, Plane
from medviewer.export.report.content import Table, cell
from medviewer.imaging.measure import Measurement, measure, with_minus
from medviewer.imaging.request import RenderRequest
from medviewer.kit.frozen import frozen
from medviewer.kit.task import TaskContext
from medviewer.session.reporting.facts import told
from medviewer.session.reporting.order import Identity
from medviewer.session.reporting.pictures import Drawn, Taken, letter_of, words_of

if TYPE_CHECKING:
    from medviewer.session.session import Session

HEADS = ("No.", "What", "Value", "Rule, remark and statistics", "Picture")
SHARES = (0.8, 3.0, 2.4, 5.2, 4.0)
NOTE = (
    "Measured on modality values of the file, never on greys. Regions count pixels whose centre lies inside; "
    "SD is that of a population."
)
RULES = {
    Calibration.PATIENT: "in the patient",
    Calibration.FIDUCIAL: "calibrated with an object of known size",
    Calibration.GEOMETRY: "corrected for magnification",
    Calibration.DETECTOR: "at the detector, in the patient it is smaller",
    Calibration.REGIONS: "by the calibrated region of the picture",
    Calibration.MANUAL: "calibrated by hand by the reader",
    Calibration.NONE: "uncalibrated",
}
NOWHERE = "it lies on no picture of its series"


@frozen
class MeasureWork:
    """One annotation, and where it is measured."""

    annotation: Annotation
    name: str
    """what it is called on its picture"""
    picture: str
    """in words, with its letter in the report"""
    plane: Plane | None
    request: RenderRequest | None


def measure_work(
    session: Session, drawn: tuple[Drawn, ...], pictures: tuple[Taken, ...], identity: Identity
) -> tuple[MeasureWork, ...]:
    """What is to be measured. Main thread; nothing is decoded."""
    found = []
    for one in drawn:
        letter = letter_of(pictures, one.viewport)
        words = words_of(session, told(one.series, identity), one.viewport)
        viewport, rendering = one.viewport, session.rendering
        plane = None if viewport is None else rendering.plane(viewport)
        request = None if viewport is None else rendering.request_of(viewport, None, overlay=False)
        where = ": ".join(filter(None, (letter, words)))
        found.append(MeasureWork(one.annotation, one.name, where, plane, request))
    return tuple(found)


def measurement_table(session: Session, work: tuple[MeasureWork, ...], context: TaskContext) -> Table | None:
    """The table of all that was drawn, None where there is nothing; slow. Raises FileTrouble."""
    rows = []
    for number, one in enumerate(work, 1):
        context.check()
        rows.append((str(number), *_row(session, one, context)))
    return Table("Measurements", HEADS, tuple(rows), SHARES, NOTE) if rows else None


def _row(session: Session, one: MeasureWork, context: TaskContext) -> tuple[str, str, str, str]:
    annotation, meaning = one.annotation, one.annotation.meaning
    kind = annotation.shape.word if annotation.text else ""
    what = cell("\n".join(filter(None, (one.name, kind, "" if meaning is None else meaning.meaning))))
    if one.plane is None or one.request is None:
        return what, "", NOWHERE, cell(one.picture)
    found = measured(session, one, one.plane, one.request, context)
    value, rest = said(found, annotation)
    told = found.unit.startswith("mm") or found.unit == "°"
    rule = RULES[one.plane.ruler[1]] if told else found.remark
    return what, cell(value), cell("\n".join(filter(None, (rule if value else "", *rest)))), cell(one.picture)


def measured(
    session: Session, one: MeasureWork, plane: Plane, request: RenderRequest, context: TaskContext
) -> Measurement:
    """The very numbers that stand beside the annotation on the screen. Raises FileTrouble."""
    rendering = session.rendering
    frame = rendering.load(request, context)
    final = replace(request, voi=rendering.decided(request))
    made = rendering.drawing.made(frame, final) if final.pipeline.active else None
    return measure(one.annotation, plane, frame, made)


def said(found: Measurement, annotation: Annotation) -> tuple[str, tuple[str, ...]]:
    """The value with its unit, and the lines that follow it."""
    lines = [with_minus(line) for line in found.text if line != annotation.text]
    if not lines:
        return "", ()
    first = lines[0].removesuffix(f" ({found.remark})") if found.remark else lines[0]
    return first, tuple(lines[1:])
