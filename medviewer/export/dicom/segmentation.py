"""Label maps as Segmentation objects: every labelled frame with its place and its source (PS3.3 A.51, A.93).

highdicom sees each labelled picture as a small stand-in with the plane that medviewer shows it on, so that
one way serves every source: single pictures, enhanced and other objects of several frames, tiles of a mosaic,
slices with a tilted gantry. References are then turned from the stand-ins to the pictures themselves.
Pictures without a frame of reference have no plane to tell: their frames only say which picture they are of.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from enum import Enum
from typing import Any

import highdicom as hd
import numpy as np
from numpy.typing import NDArray

from medviewer.core.geometry import Plane
from medviewer.core.labels import LabelMap
from medviewer.core.study import Instance, Series
from medviewer.dicom.derived_content import decimal
from medviewer.dicom.derived_words import LONGEST_NAME, cut, new_uid, one_line
from medviewer.dicom.stand_in import complete, placed, stand_in
from medviewer.export.dicom.making import (
    Entry,
    Pictured,
    Targets,
    contributors,
    equipment,
    identity,
    pictured,
)
from medviewer.export.dicom.references import refer_to
from medviewer.export.dicom.segments import descriptions
from medviewer.kit.errors import ExportTrouble
from medviewer.kit.frozen import frozen
from medviewer.kit.task import TaskContext

MOST_BYTES = 1 << 30
"""How much memory overlapping labels may take while they are put into one object."""
_CT = "1.2.840.10008.5.1.4.1.1.2"
"""What stand-ins are, whatever they stand in for: a kind of picture that has a plane."""


_UNKNOWN = "1"
"""Slice Thickness of stand-ins where the source has none; it is taken away again."""


class Form(Enum):
    """How labels are encoded."""

    BINARY = "binary"
    """one bit for each pixel and label: what every program reads, and labels may overlap"""
    FRACTIONAL = "fractional"
    """the share of a pixel that belongs to a label, 0 to 255"""
    LABELMAP = "labelmap"
    """one number for each pixel: small, and new; few programs read it yet"""


@frozen(eq=False)
class Segmented:
    """One Segmentation object and what it holds, for checking it."""

    data: Any
    pictures: tuple[Pictured, ...]
    masks: tuple[tuple[NDArray[np.bool_], ...], ...]
    """for each picture, where each segment is, in the order of segment numbers"""
    frames: tuple[int, ...]
    """which of the pictures each frame of the object is about"""


def segmentations(
    owner: Any,
    series: Series,
    groups: Sequence[LabelMap],
    form: Form,
    entry: Entry,
    targets: Targets,
    context: TaskContext,
) -> Iterator[Segmented]:
    """One object for the labels of *groups*, or several where their pictures cannot share one.

    Pictures share an object when they have one size, one direction and one spacing, and stand at one time.
    Raises ExportTrouble where nothing is labelled, or where overlapping labels cannot be told in this *form*.
    """
    labelled = [at for at in range(series.count) if any(_slice(one, at) is not None for one in groups)]
    if not labelled:
        raise ExportTrouble("Nothing is labelled yet.", "Draw a label, or let a model read the series.")
    if len(groups) > 1 and form is Form.LABELMAP:
        raise ExportTrouble(
            "Groups of labels may overlap, and a label map has one label for each pixel.",
            "Save one object for each group, or choose binary.",
        )
    parts: dict[object, list[int]] = defaultdict(list)
    seen: dict[object, int] = defaultdict(int)
    for at in labelled:
        alike = _alike(series, at)
        # two pictures at one place need an object each: places are what frames of one object are told by
        plane = series.frames[at].plane
        place = (alike, round(plane.distance((0.0, 0.0, 0.0)), 4)) if _is_in_patient(plane) else (alike, at)
        parts[alike, seen[place]].append(at)
        seen[place] += 1
    for number, indices in enumerate(parts.values(), entry.instance_number):
        context.check()
        pictures = tuple(pictured(series, at, targets) for at in indices)
        entry = replace(entry, instance_number=number)
        yield _object(owner, series, groups, form, entry, indices, pictures)


def _object(
    owner: Any,
    series: Series,
    groups: Sequence[LabelMap],
    form: Form,
    entry: Entry,
    indices: list[int],
    pictures: tuple[Pictured, ...],
) -> Segmented:
    described = descriptions(groups)
    planes = [one.plane for one in pictures]
    is_placed = _is_in_patient(planes[0])
    frame = planes[0].frame_of_reference if is_placed else new_uid()
    sources = [_stand_in(owner, series, plane, frame, at) for at, plane in enumerate(planes)]
    pixels = _pixels(groups, indices, planes[0].shape)
    data = hd.seg.Segmentation(
        source_images=sources,
        pixel_array=pixels,
        segmentation_type=form.name,
        segment_descriptions=described,
        fractional_type="OCCUPANCY" if form is Form.FRACTIONAL else None,
        content_label="SEGMENTATION",
        content_description=cut(one_line(entry.description), LONGEST_NAME),
        content_creator_name=entry.reader or None,
        contributing_equipment=contributors([one.provenance for one in groups]),
        **identity(entry),
        **equipment(entry),
    )
    if owner.get("BodyPartExamined"):
        data.BodyPartExamined = owner.BodyPartExamined
    complete(data, owner)
    measures = data.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0]
    if not owner.get("SliceThickness"):
        if series.geometry is not None and is_placed:
            measures.SliceThickness = decimal(series.geometry.spacing[0])
        else:
            del measures.SliceThickness
    frames = refer_to(data, {str(one.SOPInstanceUID): to for one, to in zip(sources, pictures, strict=True)})
    if not is_placed:
        _forget_place(data, planes[0], frames)
    return Segmented(data, pictures, tuple(_masks(groups, at) for at in indices), frames)


def _slice(labels: LabelMap, at: int) -> NDArray[np.uint8] | None:
    found = labels.slices[at] if at < len(labels.slices) else None
    return found if found is not None and found.any() else None


def _alike(series: Series, at: int) -> object:
    """Equal for pictures that one object can hold."""
    plane = series.frames[at].plane
    if not _is_in_patient(plane):
        return plane.shape
    directions = tuple(round(one, 5) for one in (*plane.along_row, *plane.along_column))
    when = 0 if series.dimension is None else at // series.places
    return plane.shape, directions, plane.spacing, plane.frame_of_reference, when


def _is_in_patient(plane: Plane) -> bool:
    """Whether the file says both where the picture lies and in which frame of reference."""
    return plane.placed and all(part.isdigit() for part in plane.frame_of_reference.split("."))


def _stand_in(owner: Any, series: Series, plane: Plane, frame: str, at: int) -> Any:
    rows, columns = plane.shape
    here = Plane(
        (rows, columns),
        plane.origin if _is_in_patient(plane) else (0.0, 0.0, float(at)),
        plane.along_row,
        plane.along_column,
        plane.spacing,
    )
    instance = Instance("", new_uid(), _CT, None, 1, rows, columns, "", here)
    found = stand_in(owner, series.uid, instance)
    for keyword in ("LossyImageCompression", "LossyImageCompressionRatio", "LossyImageCompressionMethod"):
        if keyword in owner:
            found[keyword] = owner[keyword]
    placed(found, here, frame, str(owner.get("PositionReferenceIndicator", "") or ""))
    found.SliceThickness = owner.get("SliceThickness") or _UNKNOWN
    return found


def _pixels(groups: Sequence[LabelMap], indices: list[int], shape: tuple[int, int]) -> NDArray[Any]:
    """(picture, row, column) segment numbers of one group; of several also (..., segment) bits."""
    if len(groups) == 1:
        table = np.zeros(256, np.uint8)
        for number, label in enumerate(groups[0].labels, 1):
            table[label.value] = number
        found = np.zeros((len(indices), *shape), np.uint8)
        for place, at in enumerate(indices):
            values = groups[0].slices[at]
            if values is not None:
                found[place] = table[values]
        return found
    count = sum(len(one.labels) for one in groups)
    if count * len(indices) * shape[0] * shape[1] > MOST_BYTES:
        raise ExportTrouble(
            f"{count} labels on {len(indices)} pictures are too many for one object.",
            "Save one object for each group.",
        )
    bits = np.zeros((len(indices), *shape, count), bool)
    for place, at in enumerate(indices):
        for number, mask in enumerate(_masks(groups, at)):
            bits[place, ..., number] = mask
    return bits.view(np.uint8)


def _masks(groups: Sequence[LabelMap], at: int) -> tuple[NDArray[np.bool_], ...]:
    shapes = [one.slices[at].shape for one in groups if _slice(one, at) is not None]  # type: ignore[union-attr]
    found = []
    for labels in groups:
        values = labels.slices[at] if at < len(labels.slices) else None
        for label in labels.labels:
            found.append(np.zeros(shapes[0], bool) if values is None else values == label.value)
    return tuple(found)


def _forget_place(data: Any, plane: Plane, frames: tuple[int, ...]) -> None:
    """Take away the places that stand-ins were given; a position in a stack tells frames apart instead."""
    for keyword in ("FrameOfReferenceUID", "PositionReferenceIndicator", "DimensionOrganizationType"):
        if keyword in data:
            del data[keyword]
    data.PatientOrientation = list(plane.letters) if all(plane.letters) else None
    shared = data.SharedFunctionalGroupsSequence[0]
    del shared.PlaneOrientationSequence
    del shared.PixelMeasuresSequence
    for item in data.DimensionIndexSequence:
        if item.DimensionIndexPointer == 0x00200032:
            item.DimensionIndexPointer, item.FunctionalGroupPointer = 0x00209057, 0x00209111
            item.DimensionDescriptionLabel = "In-Stack Position Number"
    for item, number in zip(data.PerFrameFunctionalGroupsSequence, frames, strict=True):
        if "PlanePositionSequence" in item:
            del item.PlanePositionSequence
        content = item.FrameContentSequence[0]
        content.StackID, content.InStackPositionNumber = "1", number + 1
        values = content.DimensionIndexValues
        several = isinstance(values, (list, tuple)) or hasattr(values, "append")
        content.DimensionIndexValues = [*list(values)[:-1], number + 1] if several else number + 1
