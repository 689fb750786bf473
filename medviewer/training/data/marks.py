"""Masks out of objects of a study and out of label files, on the pictures that are learnt from.

Segmentations and structure sets are laid onto the pictures that they name or on which they lie; label maps
in NIfTI or NRRD files by their place in the patient.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.geometry import Plane
from medviewer.core.objects import StudyObject
from medviewer.core.segments import Segmentation, SegmentType
from medviewer.core.structures import StructureSet
from medviewer.core.study import Instance, Series
from medviewer.imaging.files.onto import onto_planes
from medviewer.imaging.masks import filled, is_same_grid, onto_plane
from medviewer.kit.errors import DamagedFile, FileTrouble, TrainingTrouble
from medviewer.training.data.dataset import Example
from medviewer.training.data.gather import Gathered, Source

MOST_LABELS = 255
MOST_OUTSIDE = 0.05
"""With more than this share of a mask beside its pictures, it belongs to others."""
LONE_MM = 5.0
"""How thick a frame is taken to be where neither it nor its neighbours say so."""
ON_STEP = 0.49
"""An outline so near to a slice, as a share of the way between slices, is drawn on it."""

Marker = tuple[Instance, StudyObject]


def marked_examples(found: Gathered) -> tuple[tuple[Example, ...], tuple[str, ...], tuple[str, ...]]:
    """The sources that an object marks, the names of the labels, and what could not be used.

    Labels are told apart by their names, whatever their order in each file; the first in the alphabet is 1.
    Raises TrainingTrouble with more than 255 names.
    """
    markers, excluded = _markers(found)
    names = tuple(sorted({name for _, content in markers for name in _names(content)}, key=str.lower))
    if len(names) > MOST_LABELS:
        raise TrainingTrouble(f"The objects name {len(names)} things.", "At most 255 can be learnt.")
    values = {name: at for at, name in enumerate(names, 1)}
    of_series: dict[str, list[Marker]] = {}
    examples, lacking = [], 0
    for source in found.sources:
        series = source.series
        if series is None:
            continue
        if series.key not in of_series:
            of_series[series.key] = [one for one in markers if _is_about(one[1], series)]
        if not of_series[series.key]:
            lacking += 1
            continue
        read = partial(_mask, series, source.frame, tuple(of_series[series.key]), values)
        examples.append(Example(source.name, source.read, -1, read, source.group))
    if lacking:
        excluded.append(f"{lacking} of {len(found.sources)} have no segmentation and no structure set.")
    return tuple(examples), names, tuple(excluded)


def file_mask(path: Path, source: Source) -> NDArray[np.uint8]:
    """A label map file on a picture or a series of known place. Raises FileTrouble."""
    from medviewer.imaging.files.grid_file import read_grid  # noqa: PLC0415  SimpleITK is slow to import

    assert source.series is not None
    header, values = read_grid(path)
    if header.times > 1 or header.components > 1:
        raise FileTrouble(f"{path.name} holds several times or layers.", "Give a label map of one.")
    whole = np.rint(values[0])
    if not np.array_equal(whole, values[0]) or whole.min() < 0 or whole.max() > MOST_LABELS:
        raise DamagedFile(f"{path.name} is no mask: its numbers are no whole ones from 0 to 255.")
    planes = _planes(source.series, source.frame)
    laid = onto_planes(whole.astype(np.uint8), header.geometry, planes)
    if source.frame < 0 and laid.share_outside > MOST_OUTSIDE:
        share = f"{laid.share_outside:.0%}"
        raise DamagedFile(f"{share} of what {path.name} marks lies beside the pictures.")
    return _stacked([np.zeros(plane.shape, np.uint8) if one is None else one
                     for one, plane in zip(laid.slices, planes, strict=True)], source.frame)  # fmt: skip


def _markers(found: Gathered) -> tuple[list[Marker], list[str]]:
    from medviewer.dicom.objects.read import read_object  # noqa: PLC0415  pydicom is slow to import

    markers, excluded = [], []
    for instance, _ in found.objects:
        try:
            content = read_object(instance)
        except FileTrouble as trouble:
            excluded.append(f"{Path(instance.path).name}: {trouble.message}")
            continue
        if isinstance(content.content, (Segmentation, StructureSet)):
            markers.append((instance, content))
    return markers, excluded


def _names(found: StudyObject) -> list[str]:
    match found.content:
        case Segmentation() as segmentation:
            return [one.name for one in segmentation.segments]
        case StructureSet() as structures:
            return [one.name for one in structures.regions if any(line.closed for line in one.contours)]
    return []


def _is_about(found: StudyObject, series: Series) -> bool:
    """Whether it names one of the pictures, or where it names none lies among them."""
    if found.pictures:
        uids = {one.sop_instance for one in series.instances}
        return any(uid in uids for uid, _ in found.pictures)
    return bool(found.frame_of_reference) and (
        found.frame_of_reference == series.frames[0].plane.frame_of_reference
    )


def _planes(series: Series, frame: int) -> list[Plane]:
    """Of one frame, or with -1 of all that `series_frames` gives."""
    numbers = range(series.places) if frame < 0 else (frame,)
    return [series.frames[number].plane for number in numbers]


def _mask(series: Series, frame: int, markers: Sequence[Marker], values: dict[str, int]) -> NDArray[np.uint8]:
    planes = _planes(series, frame)
    result = [np.zeros(plane.shape, np.uint8) for plane in planes]
    for instance, found in markers:
        if isinstance(found.content, Segmentation):
            _lay_segments(instance, found.content, series, frame, values, result)
        elif isinstance(found.content, StructureSet):
            _lay_outlines(found.content, planes, _reach(series), values, result)
    return _stacked(result, frame)


def _stacked(planes: Sequence[NDArray[np.uint8]], frame: int) -> NDArray[np.uint8]:
    return planes[0] if frame >= 0 else np.stack(planes)


def _lay_segments(
    instance: Instance,
    found: Segmentation,
    series: Series,
    frame: int,
    values: dict[str, int],
    result: list[NDArray[np.uint8]],
) -> None:
    from medviewer.dicom.decode import InProcessDecoder  # noqa: PLC0415  as above
    from medviewer.dicom.objects.segmentation import SegmentPixels  # noqa: PLC0415

    planes = _planes(series, frame)
    label_of = {one.number: values[one.name] for one in found.segments}
    with closing(SegmentPixels(instance, found, InProcessDecoder())) as pixels:
        for number, names in _by_segment(found).items():
            apart: list[tuple[Plane, NDArray[Any]]] = []
            for at in names:
                plane = found.frames[at].plane
                sources = found.frames[at].sources
                same = [
                    place
                    for place, one in enumerate(planes)
                    if _is_same(one, plane) and (plane.placed or _is_named(series, frame, place, sources))
                ]
                if same:
                    for place in same:
                        _put(result[place], pixels.read(at), number, label_of, found.type)
                elif plane.placed and plane.frame_of_reference == planes[0].frame_of_reference:
                    apart.append((plane, pixels.read(at)))
            if apart:
                for place, one in enumerate(planes):
                    laid = onto_plane(apart, one, found.thickness or LONE_MM)
                    if laid is not None:
                        _put(result[place], laid, number, label_of, found.type)


def _by_segment(found: Segmentation) -> dict[int, list[int]]:
    numbers: dict[int, list[int]] = {}
    for at, frame in enumerate(found.frames):
        numbers.setdefault(frame.segment, []).append(at)
    return numbers


def _is_same(one: Plane, other: Plane) -> bool:
    """Whether pixels coincide; where nobody knows any place, whether the sizes are equal."""
    if not one.placed and not other.placed:
        return one.shape == other.shape
    return is_same_grid(one, other)


def _is_named(series: Series, frame: int, place: int, sources: Sequence[tuple[str, int]]) -> bool:
    """Whether the picture is one of *sources*, or there are none."""
    address = series.frames[place if frame < 0 else frame]
    uid = series.instances[address.instance].sop_instance
    return not sources or any(one == uid and at in (-1, address.frame) for one, at in sources)


def _put(
    into: NDArray[np.uint8],
    found: NDArray[Any],
    segment: int,
    label_of: dict[int, int],
    kind: SegmentType,
) -> None:
    if kind is not SegmentType.LABELMAP:
        if segment in label_of:
            into[found != 0] = label_of[segment]
        return
    for number, label in label_of.items():
        into[found == number] = label


def _lay_outlines(
    found: StructureSet,
    planes: Sequence[Plane],
    reach: float,
    values: dict[str, int],
    result: list[NDArray[np.uint8]],
) -> None:
    """Outlines on the slice on which they were drawn; several of one region cut holes into each other."""
    for region in found.regions:
        if region.name not in values:
            continue
        for place, plane in enumerate(planes):
            lines = [
                [plane.to_image(tuple(point)) for point in one.points]
                for one in region.contours
                if one.closed and abs(plane.distance(tuple(one.points.mean(axis=0)))) <= reach
            ]
            mask = filled(lines, plane.shape) if lines else None
            if mask is not None:
                result[place][mask] = values[region.name]


def _reach(series: Series) -> float:
    """How far from a slice an outline may lie (mm) that is drawn on it."""
    planes = _planes(series, -1)
    steps = np.abs(np.diff([planes[0].distance(one.origin) for one in planes]))
    steps = steps[steps > 0]
    return ON_STEP * float(np.median(steps)) if len(steps) else LONE_MM / 2
