"""How pictures of an order are seen: presentation states, and the screen itself."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from medviewer.core.study import Instance, Series
from medviewer.core.volume import Frame
from medviewer.dicom.derived_source import Originals
from medviewer.export.dicom.capture import capture
from medviewer.export.dicom.graphics import Note
from medviewer.export.dicom.presentation import Seen, presentation_state
from medviewer.imaging.grayscale import effective_voi
from medviewer.imaging.measure import Measurement
from medviewer.imaging.request import RenderRequest
from medviewer.kit.task import TaskContext
from medviewer.session.dicom_out.reports import drawn_of
from medviewer.session.dicom_out.taking import Part
from medviewer.session.dicom_out.writer import Writer
from medviewer.session.measuring.table import Row, measured
from medviewer.session.noted import layout_note
from medviewer.session.pictures import compose_layout

Alike = tuple[object, ...]


def write_presentations(writer: Writer, part: Part, context: TaskContext) -> None:
    """How the pictures of a series are seen, with what is drawn on them.

    One state has one size of pictures and one rescaling. Where pictures differ in these, each kind that holds
    the shown picture or something drawn gets its own; the others are left to their files.
    """
    series = part.series
    notes = [note for row in part.rows for note in _notes(writer, part, row, context)]
    current = min(part.viewport.index, series.count - 1)
    shown = series.instances[series.frames[current].instance].sop_instance
    wanted = {shown, *(one.drawn.picture.sop_instance for one in notes if one.drawn.picture is not None)}
    kinds = _kinds(series, context)
    for number, instances in enumerate(kinds, 1):
        uids = {one.sop_instance for one in instances}
        if not uids & wanted:
            continue
        index = current if shown in uids else _first(series, uids & wanted)
        own = [
            one for one in notes if one.drawn.picture is not None and one.drawn.picture.sop_instance in uids
        ]
        pictures = [writer.stand_in(series, one) for one in instances]
        entry = replace(writer.entry(series, "Presentation"), instance_number=number)
        seen = _seen(writer, part, index, context)
        writer.put(presentation_state(writer.owner(series), pictures, seen, own, entry), "presentation")


def write_capture(writer: Writer, context: TaskContext) -> None:
    """What is on the screen, with everything that is drawn over it."""
    taken = writer.taken
    if taken.screen is None or not taken.shown:
        return
    pixels = compose_layout(writer.session.rendering, taken.screen, context)
    pictures = [writer.pictured(series, index) for series, index in taken.shown]
    series = taken.shown[0][0]
    words = layout_note(writer.session.rendering, taken.screen)
    data = capture(writer.owner(series), pixels, pictures, writer.entry(series, "Screen picture"), words)
    writer.put(data, "picture")


def _notes(writer: Writer, part: Part, row: Row, context: TaskContext) -> list[Note]:
    drawn = drawn_of(writer, part, row)
    if drawn is None or drawn.picture is None:
        return []
    found: Measurement | None = measured(writer.session, row, context)
    return [Note(drawn, () if found is None else found.text)]


def _kinds(series: Series, context: TaskContext) -> list[list[Instance]]:
    """The objects of a series, those together that one state can speak of."""
    found: dict[Alike, list[Instance]] = defaultdict(list)
    originals = Originals()
    try:
        for instance in series.instances:
            context.check()
            data, _ = originals.read(instance)
            rescale = tuple(
                str(data.get(one, "")) for one in ("RescaleSlope", "RescaleIntercept", "RescaleType")
            )
            samples = int(data.get("SamplesPerPixel", 1) or 1)
            found[instance.rows, instance.columns, samples, rescale].append(instance)
    finally:
        originals.close()
    return list(found.values())


def _first(series: Series, uids: set[str]) -> int:
    return next(
        index
        for index, one in enumerate(series.frames)
        if series.instances[one.instance].sop_instance in uids
    )


def _seen(writer: Writer, part: Part, index: int, context: TaskContext) -> Seen:
    rendering, viewport = writer.session.rendering, part.viewport
    request = RenderRequest(series=part.series.key, index=index, voi=viewport.voi)
    frame: Frame = rendering.load(request, context)
    plane = part.series.frames[index].plane
    is_whole = viewport.cut is not None
    seen = Seen(
        plane,
        area=None if is_whole else part.area,
        rotation=0 if is_whole else viewport.rotation,
        flipped=False if is_whole else viewport.flipped,
        is_color=frame.is_color,
    )
    if frame.is_color:
        return seen
    voi = effective_voi(frame, rendering.decided(request))
    inverted, rescale = frame.inverted != voi.inverted, frame.rescale
    if rescale.factor != 1 and voi.lut is None:
        # values of the file are seen through the window that means the same there
        voi = voi.scaled(1 / rescale.factor)
        line = (rescale.slope / rescale.factor, rescale.intercept / rescale.factor)
        rescale = replace(rescale, slope=line[0], intercept=line[1], unit=rescale.file_unit, factor=1.0)
    return replace(seen, rescale=rescale, window=voi, inverted=inverted)
