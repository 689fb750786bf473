"""Any object of a study to what it says. Raises FileTrouble, each with the exact reason."""

from __future__ import annotations

from dataclasses import replace

from medviewer.core.object_kind import ObjectKind
from medviewer.core.objects import StudyObject
from medviewer.core.study import Instance
from medviewer.dicom.objects.about import short
from medviewer.dicom.objects.classes import explained, kind_of
from medviewer.dicom.objects.dataset import FAILURES, content_of, pictures, read_dataset, text
from medviewer.dicom.objects.enclosed import read_enclosed
from medviewer.dicom.objects.maps import read_map
from medviewer.dicom.objects.raw import ITEMS, OBJECT, Raw
from medviewer.dicom.objects.report import read_report
from medviewer.dicom.objects.segmentation import read_segmentation
from medviewer.dicom.objects.structures import read_structures
from medviewer.dicom.opening import called, open_picture
from medviewer.dicom.quiet import quietly
from medviewer.kit.errors import DamagedFile


def read_object(instance: Instance) -> StudyObject:
    """What the object in a file says, without its pixels. Raises FileTrouble."""
    name = called((instance.path, instance.member))
    try:
        with quietly():
            found = _read(instance)
    except FAILURES as trouble:
        raise DamagedFile(
            f"{name} is damaged and cannot be used ({type(trouble).__name__}).", "Copy the file again."
        ) from None
    return replace(found, uid=found.uid or instance.sop_instance, path=instance.path, member=instance.member)


def _read(instance: Instance) -> StudyObject:
    kind = kind_of(instance.sop_class)
    if kind in (ObjectKind.SEGMENTATION, ObjectKind.MAP):
        content = content_of(instance) if instance.member else None
        opened = open_picture(instance.path, instance.member, content, OBJECT, ITEMS)
        raw = Raw(opened.walked.elements)
        return read_map(raw) if kind is ObjectKind.MAP else read_segmentation(instance, raw, content)
    data = read_dataset(instance)
    if kind in (ObjectKind.REPORT, ObjectKind.KEY_PICTURES):
        return read_report(data)
    if kind is ObjectKind.STRUCTURES:
        return read_structures(data)
    if kind is ObjectKind.DOCUMENT:
        return read_enclosed(data)
    words = explained(instance.sop_class)
    named = [one for series in data.get("ReferencedSeriesSequence") or [] for one in _named(series)]
    return StudyObject(
        uid=text(data, "SOPInstanceUID"),
        kind=ObjectKind.OTHER,
        label=text(data, "SeriesDescription", 64) or words[0].upper() + words[1:],
        when=text(data, "ContentDate"),
        time=text(data, "ContentTime"),
        made_by=short(text(data, "ManufacturerModelName", 64) or text(data, "Manufacturer", 64)),
        pictures=tuple(dict.fromkeys(named)),
        what=words[0].upper() + words[1:],
        remarks=(f"The file holds {words}: medviewer shows its header and does not draw it.",),
    )


def _named(series: object) -> list[tuple[str, int]]:
    return [
        *pictures(series, "ReferencedInstanceSequence"),
        *pictures(series, "ReferencedImageSequence"),
    ]
