"""An object is checked before it is saved: read again, complete, and pointing only at what is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from highdicom._standard_utils import check_required_attributes, get_iod_module_map, get_sop_class_iod_map

from medviewer.dicom.object_file import decoded, differing, encoded
from medviewer.dicom.quiet import quietly
from medviewer.export.dicom.making import Pictured, Targets
from medviewer.export.dicom.segmentation import Segmented
from medviewer.kit.errors import ExportTrouble
from medviewer.kit.files import write_atomically

_UID = re.compile(r"[0-9]+(\.[0-9]+)*")
SAME_PLACE_MM = 1e-3


_DEPENDING = ("functional-groups", "sr-document-content", "key-object-document")
"""Modules that ask one thing of one item and another of the next, which no list of attributes tells."""


def checked(data: Any, study_uid: str, known: Targets) -> bytes:
    """The file of *data*, once what is read from it is what was meant. Raises ExportTrouble.

    *known* are the objects of the open study, by their SOP Instance UIDs, and what is saved beside this one.
    """
    with quietly():
        content = encoded(data)
        again = decoded(content, "The new object")
        different = differing(data, again)
        if different:
            raise _refused(f"{', '.join(different[:3])} is not what it was")
        if str(again.StudyInstanceUID) != study_uid:
            raise _refused("it belongs to another study")
        _check_required(again)
        for place, uid in _uids(again):
            if len(uid) > 64 or not _UID.fullmatch(uid):
                raise _refused(f"{place} is no UID")
        for one in _references(again):
            _check_reference(one, known)
    return content


def check_masks(made: Segmented, content: bytes) -> None:
    """Raise ExportTrouble unless every frame holds the pixels of its label on its picture."""
    with quietly():
        data = decoded(content, "The new segmentation")
        pixels = data.pixel_array.reshape(-1, data.Rows, data.Columns)
    full = int(data.get("MaximumFractionalValue", 1) or 1)
    left = {
        (at, number)
        for at, masks in enumerate(made.masks)
        for number, mask in enumerate(masks, 1)
        if mask.any()
    }
    for item, stored, at in zip(data.PerFrameFunctionalGroupsSequence, pixels, made.frames, strict=True):
        _check_place(item, made.pictures[at])
        for number in _segments_of(data, item, made):
            wanted = made.masks[at][number - 1]
            is_there = stored == (number if data.SegmentationType == "LABELMAP" else full)
            if not np.array_equal(is_there, wanted):
                raise _refused("a label has other pixels")
            left.discard((at, number))
    if left:
        raise _refused("a label is missing")


def save(content: bytes, path: Path) -> None:
    """Put a checked object on the disk, never over another file. Raises ExportTrouble, OSError."""
    if path.exists():
        raise ExportTrouble(f"{path.name} is there already.", "Choose another folder.")
    write_atomically(path, content)
    if path.read_bytes() != content:
        raise ExportTrouble(f"{path.name} cannot be read back as it was written.", "Check the disk.")


def _segments_of(data: Any, item: Any, made: Segmented) -> Iterator[int]:
    if data.SegmentationType == "LABELMAP":
        yield from range(1, len(made.masks[0]) + 1)
        return
    group = item if "SegmentIdentificationSequence" in item else data.SharedFunctionalGroupsSequence[0]
    yield int(group.SegmentIdentificationSequence[0].ReferencedSegmentNumber)


def _check_place(item: Any, picture: Pictured) -> None:
    source = item.DerivationImageSequence[0].SourceImageSequence[0]
    told_frame = source.get("ReferencedFrameNumber")
    if (source.ReferencedSOPInstanceUID, told_frame) != (picture.sop_instance, picture.frame):
        raise _refused("a frame belongs to another picture")
    if "PlanePositionSequence" not in item:
        return
    told = [float(one) for one in item.PlanePositionSequence[0].ImagePositionPatient]
    if not np.allclose(told, picture.plane.origin, atol=SAME_PLACE_MM, rtol=0):
        raise _refused("a frame lies elsewhere")


def _check_required(data: Any) -> None:
    """What every module that the object must have asks for (PS3.3, as highdicom keeps it)."""
    iod = get_sop_class_iod_map().get(str(data.SOPClassUID), "")
    for module in get_iod_module_map().get(iod, ()):
        if module["usage"] == "M" and not module["key"].endswith(_DEPENDING):
            try:
                check_required_attributes(data, module["key"])
            except AttributeError as trouble:
                raise _refused(f"{module['key']}: {trouble}") from None


def _uids(data: Any) -> Iterator[tuple[str, str]]:
    for element in data:
        if element.VR == "SQ":
            for item in element.value:
                yield from _uids(item)
        elif element.VR == "UI" and element.value:
            values = [element.value] if isinstance(element.value, str) else element.value
            yield from ((element.keyword, str(one)) for one in values)


def _references(data: Any) -> Iterator[Any]:
    """Every item that points at an object."""
    for element in data:
        if element.VR != "SQ":
            continue
        for item in element.value:
            if "ReferencedSOPInstanceUID" in item:
                yield item
            yield from _references(item)


def _check_reference(item: Any, known: Targets) -> None:
    target = known.get(str(item.ReferencedSOPInstanceUID))
    if target is None:
        raise _refused("it points at an object that is not open")
    if str(item.ReferencedSOPClassUID) != target.sop_class:
        raise _refused("it takes an object for one of another kind")
    frames = item.get("ReferencedFrameNumber")
    numbers = [] if frames is None else list(frames) if hasattr(frames, "__iter__") else [frames]
    if any(not 1 <= int(one) <= target.frames for one in numbers):
        raise _refused("it points at a frame that there is not")


def _refused(what: str) -> ExportTrouble:
    return ExportTrouble(
        f"Nothing was saved: the new object is not right ({what}).", "This is our mistake; please report it."
    )
