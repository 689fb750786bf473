"""Segmentations: what the file says of segments and frames (PS3.3 C.8.20), and their pixels."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import numpy as np
from numpy.typing import NDArray

from medviewer.core.object_kind import ObjectKind
from medviewer.core.objects import StudyObject
from medviewer.core.segments import Segment, Segmentation, SegmentFrame, SegmentType
from medviewer.core.study import FrameAddress, Instance, Series
from medviewer.dicom.decode import Decoder
from medviewer.dicom.geometry import planes
from medviewer.dicom.objects.about import made_by, referenced
from medviewer.dicom.objects.colors import rgb_of_lab
from medviewer.dicom.objects.raw import Raw
from medviewer.dicom.opening import called
from medviewer.dicom.read import read_header
from medviewer.dicom.source import SeriesSource
from medviewer.kit.errors import DamagedFile

MOST_FRAMES = 100_000
MOST_SEGMENTS = 65_535


def read_segmentation(instance: Instance, raw: Raw, content: bytes | None) -> StudyObject:
    """What a segmentation is about, without its pixels. Raises FileTrouble."""
    name = called((instance.path, instance.member))
    try:
        type_ = SegmentType(raw.text("SegmentationType").upper())
    except ValueError:
        raise DamagedFile(
            f"The segmentation {name} does not say how its pixels are meant.", "It is not drawn."
        ) from None
    segments = tuple(_segment(item) for item in raw.items("SegmentSequence")[:MOST_SEGMENTS])
    if not segments:
        raise DamagedFile(f"The segmentation {name} names no segments.", "It is not drawn.")
    frames, remarks = _frames(instance, raw, type_, content, {one.number for one in segments})
    who, automatic = made_by(raw)
    named = [one for one in segments if one.how == "AUTOMATIC"]
    algorithm = next((f"{one.algorithm} {one.version}".strip() for one in named if one.algorithm), "")
    return StudyObject(
        uid=raw.text("SOPInstanceUID"),
        kind=ObjectKind.SEGMENTATION,
        label=_label(raw, segments),
        when=raw.text("ContentDate"),
        time=raw.text("ContentTime"),
        made_by=algorithm or who,
        is_automatic=bool(named) or automatic,
        pictures=tuple(dict.fromkeys(_pictures(raw, frames))),
        frame_of_reference=raw.text("FrameOfReferenceUID"),
        content=Segmentation(
            type_, segments, frames, raw.whole("MaximumFractionalValue") or 1, _thickness(raw)
        ),
        remarks=remarks,
    )


class SegmentPixels:
    """The pixels of a segmentation, frame by frame. Workers ask."""

    def __init__(self, instance: Instance, segmentation: Segmentation, decoder: Decoder) -> None:
        self._segmentation = segmentation
        addresses = tuple(FrameAddress(0, one.at, one.plane) for one in segmentation.frames)
        stack = Series("", "", "", instances=(instance,), frames=addresses)
        self._source = SeriesSource(stack, decoder)

    def read(self, number: int) -> NDArray[np.generic]:
        """(row, column): of frame *number* where its segment is, bool; of a label map the segments.

        A fractional segment is where half of the most or more is said. Raises FileTrouble.
        """
        stored = self._source.stored(number)
        match self._segmentation.type:
            case SegmentType.LABELMAP:
                return stored
            case SegmentType.FRACTIONAL:
                return 2 * stored.astype(np.uint32) >= self._segmentation.most
            case _:
                return np.asarray(stored != 0)

    def close(self) -> None:
        """Let go of the file."""
        self._source.close()


def read_masks(
    instance: Instance, segmentation: Segmentation, decoder: Decoder
) -> Iterator[tuple[SegmentFrame, int, NDArray[np.bool_]]]:
    """Every frame of every segment: the frame, the segment, and where it is. Raises FileTrouble."""
    with closing(SegmentPixels(instance, segmentation, decoder)) as pixels:
        known = {one.number for one in segmentation.segments}
        for number, frame in enumerate(segmentation.frames):
            found = pixels.read(number)
            if segmentation.type is not SegmentType.LABELMAP:
                yield frame, frame.segment, found.astype(bool)
                continue
            for segment in np.unique(found).tolist():
                if segment in known and segment:
                    yield frame, segment, found == segment


def _label(raw: Raw, segments: tuple[Segment, ...]) -> str:
    said = raw.text("SeriesDescription") or raw.text("ContentDescription")
    return said or (segments[0].name if len(segments) == 1 else f"{len(segments)} segments")


def _segment(item: Raw) -> Segment:
    meaning = item.code("SegmentedPropertyTypeCodeSequence")
    lab = item.numbers("RecommendedDisplayCIELabValue")
    algorithm = item.first("SegmentationAlgorithmIdentificationSequence")
    number = item.whole("SegmentNumber")
    name = item.text("SegmentLabel", 64) or ("" if meaning is None else meaning.meaning)
    return Segment(
        number=number,
        name=name or f"Segment {number}",
        color=rgb_of_lab(lab) if len(lab) == 3 else "",
        category=item.code("SegmentedPropertyCategoryCodeSequence"),
        meaning=meaning,
        tracking=item.text("TrackingUID"),
        how=item.text("SegmentAlgorithmType").upper(),
        algorithm=algorithm.text("AlgorithmName", 64) or item.text("SegmentAlgorithmName", 64),
        version=algorithm.text("AlgorithmVersion", 64),
    )


def _frames(
    instance: Instance, raw: Raw, type_: SegmentType, content: bytes | None, known: set[int]
) -> tuple[tuple[SegmentFrame, ...], tuple[str, ...]]:
    header = read_header(instance.path, content, instance.member)
    groups = raw.items("PerFrameFunctionalGroupsSequence")
    shared = raw.first("SharedFunctionalGroupsSequence")
    claimed = max(1, raw.whole("NumberOfFrames"))
    count = min(claimed, MOST_FRAMES, max(len(groups), 1))
    remarks = []
    if count < claimed:
        remarks.append(f"{claimed:,} frames are claimed, and {count:,} described; the others are not drawn.")
    found = []
    for at, (plane, problems) in enumerate(planes(header, count)):
        group = groups[at] if at < len(groups) else shared
        segment = 0 if type_ is SegmentType.LABELMAP else _of_segment(group, shared, known)
        if segment is None:
            remarks.append("Some frames belong to no segment of the file; they are not drawn.")
            continue
        found.append(SegmentFrame(at, segment, _sources(group) or _sources(shared), plane))
        remarks += problems
    return tuple(found), tuple(dict.fromkeys(remarks))


def _thickness(raw: Raw) -> float:
    """How far frames reach across: to the next one where the file says so."""
    measures = raw.first("SharedFunctionalGroupsSequence").first("PixelMeasuresSequence")
    found = measures.numbers("SpacingBetweenSlices") or measures.numbers("SliceThickness")
    return abs(found[0]) if found else 0.0


def _of_segment(group: Raw, shared: Raw, known: set[int]) -> int | None:
    for one in (group, shared):
        number = one.first("SegmentIdentificationSequence").whole("ReferencedSegmentNumber")
        if number:
            return number if number in known else None
    return next(iter(known)) if len(known) == 1 else None


def _sources(group: Raw) -> tuple[tuple[str, int], ...]:
    return tuple(
        picture
        for derivation in group.items("DerivationImageSequence")
        for picture in derivation.pictures("SourceImageSequence")
    )


def _pictures(raw: Raw, frames: tuple[SegmentFrame, ...]) -> Iterator[tuple[str, int]]:
    for frame in frames:
        yield from frame.sources
    yield from referenced(raw)
