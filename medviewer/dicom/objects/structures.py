"""Structure sets of radiotherapy: regions as outlines (PS3.3 C.8.8.5, C.8.8.6, C.8.8.8)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from medviewer.core.object_kind import ObjectKind
from medviewer.core.objects import StudyObject
from medviewer.core.structures import Contour, Region, StructureSet
from medviewer.core.volume import read_only
from medviewer.dicom.objects.colors import rgb_of_numbers
from medviewer.dicom.objects.dataset import code, items, numbers, person, pictures, text

MOST_POINTS = 20_000_000
"""Of all outlines together: 480 MB; real sets stay below two million."""
MOST_REGIONS = 2_000
_CLOSED = ("CLOSED_PLANAR", "CLOSEDPLANAR_XOR", "CLOSED_PLANAR_XOR")
_KINDS = (*_CLOSED, "OPEN_PLANAR", "OPEN_NONPLANAR", "POINT")


def read_structures(data: Any) -> StudyObject:
    """What a structure set says. Raises what pydicom raises on damage."""
    remarks: dict[str, None] = {}
    contours = {int(numbers(one, "ReferencedROINumber", 1)[0]): one for one in _numbered(data)}
    kinds = {
        int(number[0]): one
        for one in items(data, "RTROIObservationsSequence")
        if len(number := numbers(one, "ReferencedROINumber", 1))
    }
    left = [MOST_POINTS]
    regions = []
    for item in items(data, "StructureSetROISequence")[:MOST_REGIONS]:
        number = numbers(item, "ROINumber", 1)
        if len(number):
            at = int(number[0])
            regions.append(_region(item, at, contours.get(at), kinds.get(at), left, remarks))
    named = (one for region in regions for contour in region.contours for one in contour.sources)
    label = text(data, "StructureSetLabel", 64) or text(data, "StructureSetName", 64)
    who = person(data, "OperatorsName") or text(data, "ManufacturerModelName", 64)
    return StudyObject(
        uid=text(data, "SOPInstanceUID"),
        kind=ObjectKind.STRUCTURES,
        label=label or text(data, "SeriesDescription", 64) or "Structure set",
        when=text(data, "StructureSetDate") or text(data, "SeriesDate"),
        time=text(data, "StructureSetTime"),
        made_by=who,
        is_automatic=bool(regions) and all(one.how == "AUTOMATIC" for one in regions),
        pictures=tuple(dict.fromkeys((*named, *_in_general(data)))),
        frame_of_reference=next((one.frame_of_reference for one in regions), ""),
        content=StructureSet(tuple(regions)),
        remarks=tuple(remarks),
    )


def _numbered(data: Any) -> Iterator[Any]:
    return (one for one in items(data, "ROIContourSequence") if len(numbers(one, "ReferencedROINumber", 1)))


def _region(
    item: Any, number: int, drawn: Any, observed: Any, left: list[int], remarks: dict[str, None]
) -> Region:
    color = numbers(drawn, "ROIDisplayColor", 3) if drawn is not None else np.empty(0)
    found = tuple(_contours(drawn, left, remarks)) if drawn is not None else ()
    return Region(
        number=number,
        name=text(item, "ROIName", 64) or f"Region {number}",
        color=rgb_of_numbers(color.tolist()) if len(color) == 3 else "",
        frame_of_reference=text(item, "ReferencedFrameOfReferenceUID", 64),
        contours=found,
        how=text(item, "ROIGenerationAlgorithm", 16).upper(),
        kind="" if observed is None else text(observed, "RTROIInterpretedType", 32),
        meaning=None if observed is None else code(observed, "RTROIIdentificationCodeSequence"),
    )


def _contours(drawn: Any, left: list[int], remarks: dict[str, None]) -> Iterator[Contour]:
    for one in items(drawn, "ContourSequence"):
        kind = text(one, "ContourGeometricType", 32).upper()
        if kind not in _KINDS:
            remarks[f"Outlines of the kind {kind[:20] or '(none)'} are not drawn."] = None
            continue
        if left[0] <= 0:
            remarks[f"There are more than {MOST_POINTS:,} points; what comes after them is left out."] = None
            return
        values = numbers(one, "ContourData", 3 * left[0])
        points = values[: len(values) // 3 * 3].reshape(-1, 3)
        claimed = numbers(one, "NumberOfContourPoints", 1)
        if len(claimed) and int(claimed[0]) != len(points):
            remarks["Some outlines do not have as many points as they claim."] = None
        if not len(points):
            continue
        left[0] -= len(points)
        closed = kind in _CLOSED and len(points) > 2
        yield Contour(read_only(points), closed, tuple(pictures(one, "ContourImageSequence")))


def _in_general(data: Any) -> Iterator[tuple[str, int]]:
    for frame in items(data, "ReferencedFrameOfReferenceSequence"):
        for study in items(frame, "RTReferencedStudySequence"):
            for series in items(study, "RTReferencedSeriesSequence"):
                yield from pictures(series, "ContourImageSequence")
