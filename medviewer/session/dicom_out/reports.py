"""Measurements and key pictures of an order as reports."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.finding import Finding
from medviewer.core.geometry import Calibration, Plane
from medviewer.core.study import Series
from medviewer.export.dicom.groups import Measured, MeasuredLabel, Stated
from medviewer.export.dicom.key_objects import key_objects
from medviewer.export.dicom.making import Pictured
from medviewer.export.dicom.quantities import Number
from medviewer.export.dicom.report import measurement_report
from medviewer.export.dicom.spatial import Drawn
from medviewer.imaging.measure import Measurement
from medviewer.imaging.segment.statistics import PartStatistics
from medviewer.kit.task import TaskContext
from medviewer.session.dicom_out.taking import Part
from medviewer.session.dicom_out.writer import Made, Writer
from medviewer.session.measuring.table import Row, measured
from medviewer.session.segmenting.numbers import numbers

ON_PICTURE_MM = 0.01
"""So far from a picture something may lie to be told in its columns and rows."""
_RULES = {
    Calibration.PATIENT: "",
    Calibration.FIDUCIAL: "Pixel Spacing, calibrated with an object of known size in the picture",
    Calibration.GEOMETRY: "Pixel Spacing, corrected for magnification from the geometry of the machine",
    Calibration.DETECTOR: "Imager Pixel Spacing: true at the detector, larger than in the patient",
    Calibration.REGIONS: "Sequence of Ultrasound Regions",
    Calibration.MANUAL: "Calibrated by hand by the reader; no file says how large a pixel is",
    Calibration.NONE: "Uncalibrated: in widths of a pixel",
}


def write_report(writer: Writer, segmented: Sequence[Made], context: TaskContext) -> None:
    """One report of what was drawn and labelled, and of what models said; none where there is nothing."""
    parts = writer.taken.parts
    drawn = [(part, row) for part in parts for row in part.rows]
    annotations = []
    for at, (part, row) in enumerate(drawn):
        context.report(at / max(len(drawn), 1), f"Measurement {at + 1} of {len(drawn)}")
        found = _measured(writer, part, row, context)
        if found is not None:
            annotations.append(found)
    labels = [one for made in segmented for one in _labels(writer, made, context)]
    stated = [_stated(writer, part.series, one) for part in parts for one in part.findings]
    if not (annotations or labels or stated):
        return
    first = next((part for part in parts if part.rows or part.groups or part.findings), parts[0])
    _need_picture(writer, first.series)
    data = measurement_report(
        writer.owner(first.series),
        list(writer.evidence.values()),
        writer.entry(first.series, "Measurements"),
        annotations,
        labels,
        stated,
    )
    writer.put(data, "measurements")


def write_keys(writer: Writer) -> None:
    """One selection of all key pictures; none where nothing is marked."""
    order, parts = writer.taken.order, [one for one in writer.taken.parts if one.keys]
    if not parts:
        return
    pictures = [writer.pictured(part.series, index) for part in parts for index in part.keys]
    data = key_objects(
        writer.owner(parts[0].series),
        pictures,
        writer.evidence,
        writer.entry(parts[0].series, "Key images"),
        order.title,
        order.note,
    )
    writer.put(data, "key images")


def drawn_of(writer: Writer, part: Part, row: Row) -> Drawn | None:
    """A row with the picture it lies on, None where it lies on none and nowhere in the patient."""
    if row.plane is None or row.there is None:
        return None
    picture = None
    if row.there.cut is None:
        index = min(row.there.index, part.series.count - 1)
        own = part.series.frames[index].plane
        if not own.placed or row.annotation.lies_on(own, ON_PICTURE_MM):
            picture = writer.pictured(part.series, index)
    if picture is None and not _is_uid(row.plane.frame_of_reference):
        return None
    return Drawn(row.annotation, row.plane, picture)


def told(found: Measurement | None) -> tuple[Number, ...]:
    """The numbers of a measurement as reports take them."""
    if found is None:
        return ()
    name = {"angle": "cobb angle"} if found.shape.word == "cobb" else {}
    return tuple(Number(name.get(one.name, one.name), one.value, one.unit) for one in found.quantities)


def _measured(writer: Writer, part: Part, row: Row, context: TaskContext) -> Measured | None:
    drawn = drawn_of(writer, part, row)
    if drawn is None:
        return None
    found = measured(writer.session, row, context)
    is_size = found is not None and any(one.unit.rstrip("²") in ("mm", "px") for one in found.quantities)
    rule = _rule(drawn.plane, found) if is_size else ""
    return Measured(drawn, told(found), rule, part.series.modality)


def _rule(plane: Plane, found: Measurement | None) -> str:
    """What the scale follows; a remark of the measurement itself goes before."""
    remark = "" if found is None else found.remark
    if remark == Calibration.MANUAL.remark:
        return _RULES[Calibration.MANUAL]
    words = _RULES[plane.calibration]
    return f"{words} ({remark})" if remark and remark != plane.calibration.remark else words


def _labels(writer: Writer, made: Made, context: TaskContext) -> Iterator[MeasuredLabel]:
    """The labels of a segmentation in numbers, each with the segment that it is there."""
    series, data = made.part.series, made.segmented.data
    wanted = [(group, label) for group in made.groups for label in group.labels]
    pictures = made.segmented.pictures
    index = _index(writer, series, pictures)
    counted = numbers(writer.session, series, index, wanted, context, made.part.scales)
    for number, ((group, label), one) in enumerate(zip(wanted, counted, strict=True), 1):
        if not one.found.voxels:
            continue
        yield MeasuredLabel(
            label.name or f"Label {label.value}",
            label.meaning,
            str(data.SegmentSequence[_at(data, number)].TrackingUID),
            str(data.SOPClassUID),
            str(data.SOPInstanceUID),
            number,
            tuple(_evident(writer, series, pictures, made.segmented.masks, number)),
            tuple(_of_label(one.found)),
            series.modality,
            group.provenance,
        )


def _at(data: Any, number: int) -> int:
    """The place of a segment in its sequence: label maps may begin with what is nobody's."""
    return next(at for at, one in enumerate(data.SegmentSequence) if int(one.SegmentNumber) == number)


def _of_label(found: PartStatistics) -> Iterator[Number]:
    if found.volume_ml is not None:
        yield Number("volume", found.volume_ml, "ml")
    elif len(found.areas) == 1:
        yield Number("area", found.areas[0][1], found.areas[0][2])
    values = {"mean": found.mean, "SD": found.sd, "minimum": found.minimum, "maximum": found.maximum}
    yield from (Number(name, value, found.unit) for name, value in values.items() if value is not None)


def _evident(
    writer: Writer,
    series: Series,
    pictures: Sequence[Pictured],
    masks: Sequence[Sequence[NDArray[np.bool_]]],
    number: int,
) -> Iterator[Pictured]:
    for picture, mask in zip(pictures, masks, strict=True):
        if mask[number - 1].any():
            instance = next(one for one in series.instances if one.sop_instance == picture.sop_instance)
            writer.stand_in(series, instance)
            yield picture


def _index(writer: Writer, series: Series, pictures: Sequence[Pictured]) -> int:
    """The number of the first picture of a segmentation, which tells the value of its dimension."""
    first = pictures[0]
    for index, one in enumerate(series.frames):
        instance = series.instances[one.instance]
        frame = None if writer.targets[instance.sop_instance].frames == 1 else one.frame + 1
        if (instance.sop_instance, frame) == (first.sop_instance, first.frame):
            return index
    return 0


def _stated(writer: Writer, series: Series, finding: Finding) -> Stated:
    if finding.frame is None or not 0 <= finding.frame < series.count:
        _need_picture(writer, series)
        return Stated(finding, ())
    return Stated(finding, (writer.pictured(series, finding.frame),))


def _need_picture(writer: Writer, series: Series) -> None:
    """A report about a whole series has one of its pictures as evidence."""
    writer.stand_in(series, series.instances[0])


def _is_uid(frame: str) -> bool:
    return bool(frame) and all(part.isdigit() for part in frame.split("."))
