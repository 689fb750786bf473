"""Writes the objects of an order into a new folder, each checked, all of them or none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from medviewer.dicom.quiet import quietly
from medviewer.dicom.unusual import FAILURES
from medviewer.export.dicom.checked import check_masks
from medviewer.export.dicom.making import Target
from medviewer.export.dicom.segmentation import Form, Segmented, segmentations
from medviewer.export.folder import whole_folder
from medviewer.kit.errors import ExportTrouble
from medviewer.kit.frozen import frozen
from medviewer.kit.task import TaskContext
from medviewer.session.dicom_out.reports import write_keys, write_report
from medviewer.session.dicom_out.seen import write_capture, write_presentations
from medviewer.session.dicom_out.taking import Part, Taken
from medviewer.session.dicom_out.writer import Made, Writer
from medviewer.session.session_type import Session

FOLDER = "medviewer"


@frozen
class Saved:
    """What has come of an order."""

    folder: Path
    objects: tuple[str, ...]
    """each in a word: "segmentation", "measurements", ..."""
    uids: tuple[str, ...] = ()
    """their SOP Instance UIDs"""


def write(session: Session, taken: Taken, context: TaskContext) -> Saved:
    """Carry an order out. Slow: workers call it. Raises ExportTrouble, FileTrouble, SeriesTrouble, Cancelled.

    Cancelled or failed, nothing of it is left.
    """
    target = _free(taken.folder.absolute())
    sources = {instance.path for series in taken.study.series for instance in series.instances}
    with whole_folder(target, spared=sources) as folder:
        writer = Writer(session, taken, folder)
        try:
            with quietly():
                _write_all(writer, context)
        except FAILURES as trouble:
            if isinstance(trouble, OSError):
                raise
            raise ExportTrouble(
                f"What was drawn cannot be written as DICOM ({type(trouble).__name__}).",
                "Nothing was saved. Save one kind after the other to find out which.",
            ) from trouble
        if not writer.objects:
            raise ExportTrouble(
                "There is nothing of this to save.", "Draw, measure or mark something first, or choose more."
            )
        context.check()
    return Saved(target, tuple(writer.objects), tuple(writer.uids))


def _write_all(writer: Writer, context: TaskContext) -> None:
    order, parts = writer.taken.order, writer.taken.parts
    segmented: list[Made] = []
    for at, part in enumerate(parts):
        context.report(0.4 * at / len(parts), "Segmentations")
        segmented += _segment(writer, part, context)
    if order.measurements:
        write_report(writer, segmented, context.part(0.4, 0.8))
    for part in parts if order.presentation else ():
        context.report(0.85, "Presentation")
        write_presentations(writer, part, context)
    if order.key_pictures:
        write_keys(writer)
    if order.picture:
        context.report(0.95, "Picture")
        write_capture(writer, context)


def _segment(writer: Writer, part: Part, context: TaskContext) -> Iterator[Made]:
    order, form = writer.taken.order, Form(writer.taken.order.form)
    if not part.groups:
        return
    for groups in [part.groups] if order.together else [(one,) for one in part.groups]:
        name = groups[0].name if len(groups) == 1 else "Labels"
        entry = writer.entry(part.series, name or "Labels")
        owner = writer.owner(part.series)
        for one in segmentations(owner, part.series, groups, form, entry, writer.targets, context):
            content = writer.put(one.data, "segmentation")
            check_masks(one, content)
            _remember(writer, one)
            yield Made(part, groups, one)


def _remember(writer: Writer, made: Segmented) -> None:
    """Reports may point at a segmentation that is saved beside them."""
    data = made.data
    uid = str(data.SOPInstanceUID)
    writer.targets[uid] = Target(str(data.SOPClassUID), str(data.SeriesInstanceUID), int(data.NumberOfFrames))
    writer.evidence[uid] = data


def _free(folder: Path) -> Path:
    """A new folder in *folder* whose name says nothing of the patient."""
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
    found, number = folder / f"{FOLDER}-{stamp}", 2
    while found.exists():
        found, number = folder / f"{FOLDER}-{stamp}-{number}", number + 1
    return found
