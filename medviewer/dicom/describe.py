"""Headers and stacks as the series that everybody else sees."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import replace

from medviewer.core.geometry import Plane
from medviewer.core.study import Dimension, FrameAddress, Instance, Series, SeriesKey, StudyKey
from medviewer.dicom.charset import shown
from medviewer.dicom.classes import class_name
from medviewer.dicom.header import Header
from medviewer.dicom.opening import called
from medviewer.dicom.stack import Stack
from medviewer.dicom.syntax import why_no_pixels

MOST_FRAMES = 200_000
LONGEST_VALUE = 40
_DETAIL_WORDS = """
PatientAge StudyID Manufacturer ManufacturerModelName SeriesDate SeriesTime AcquisitionDate AcquisitionTime
ProtocolName SliceThickness SpacingBetweenSlices KVP XRayTubeCurrent RepetitionTime EchoTime InversionTime
FlipAngle ContrastBolusAgent Laterality ImageLaterality ViewPosition LossyImageCompression
LossyImageCompressionRatio LossyImageCompressionMethod BurnedInAnnotation SeriesNumber FrameTime
RecommendedDisplayFrameRate CineRate PatientPosition PatientOrientation ImageType AcquisitionNumber
PhotometricInterpretation BitsStored DerivationDescription
"""
DETAILS = tuple(_DETAIL_WORDS.split())
"""What corner text and panels may show of a series."""


def digest(*parts: str) -> str:
    """A key that holds nobody's name."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:20]


def frame_count(header: Header) -> tuple[int, tuple[str, ...]]:
    """How many pictures can be shown, and what is wrong with what the file claims."""
    if not header.pixel_keyword:
        elsewhere = why_no_pixels(header.transfer_syntax)
        words = f"{_called(header)} holds no pictures ({class_name(header)})."
        if elsewhere:
            words = f"{_called(header)} cannot be shown: {elsewhere}"
        if header.get("Modality") == "PR":
            words += " Presentation state in the menu Picture shows others as it says."
        return 0, (*header.warnings, words)
    rows, columns = header.whole("Rows"), header.whole("Columns")
    if not rows or not columns or rows < 0 or columns < 0:
        return 0, (
            *header.warnings,
            f"{_called(header)} cannot be shown: Rows or Columns is missing or zero.",
        )
    problems = header.warnings
    if header.tiles != (1, 1):
        return len(header.frames), problems
    claimed = header.whole("NumberOfFrames")
    count = 1 if claimed is None else claimed
    if count < 1:
        problems, count = (*problems, f"Number of Frames is {claimed}; one picture is shown."), 1
    limit = _most_frames(header, rows * columns)
    if count > limit:
        problems, count = (*problems, f"{count:,} frames are claimed; there are data for {limit:,}."), limit
    return count, problems


def _called(header: Header) -> str:
    return shown(called((header.path, header.member)))


def _most_frames(header: Header, pixels: int) -> int:
    if header.pixel_length < 0:
        return MOST_FRAMES
    bits = (header.whole("BitsAllocated") or 8) * max(1, header.whole("SamplesPerPixel") or 1) * pixels
    return min(MOST_FRAMES, max(1, -(-header.pixel_length * 8 // max(bits, 1))))


def _instance(header: Header, frames: int, plane: Plane) -> Instance:
    return Instance(
        path=header.path,
        sop_instance=header.get("SOPInstanceUID"),
        sop_class=header.get("SOPClassUID"),
        number=header.whole("InstanceNumber"),
        frames=frames,
        rows=header.whole("Rows") or 0,
        columns=header.whole("Columns") or 0,
        transfer_syntax=header.transfer_syntax,
        plane=plane,
        pixel_offset=header.pixel_offset,
        pixel_length=header.pixel_length,
        member=header.member,
        tiles=header.tiles,
    )


def without_pictures(study: StudyKey, uid: str, header: Header, problems: tuple[str, ...]) -> Series:
    """An object that is listed but cannot be shown."""
    instance = _instance(header, 0, Plane((0, 0)))
    key = digest("object", study, uid, header.get("SOPInstanceUID") or header.path + header.member)
    return _described(key, study, uid, header, (instance,), (), problems)


def of_stack(study: StudyKey, uid: str, words: str, stack: Stack, problems: tuple[str, ...]) -> Series:
    """A stack as a series; *words* tell it from its siblings, whatever else arrives later."""
    places: dict[int, int] = {}
    counts: dict[int, int] = defaultdict(int)
    for picture in stack.pictures:
        places.setdefault(id(picture.header), len(places))
        counts[id(picture.header)] += 1
    first = {id(picture.header): picture for picture in reversed(stack.pictures)}
    in_order = sorted(first.values(), key=lambda picture: places[id(picture.header)])
    instances = tuple(_instance(one.header, counts[id(one.header)], one.plane) for one in in_order)
    frames = tuple(FrameAddress(places[id(one.header)], one.frame, one.plane) for one in stack.pictures)
    series = _described(
        digest("series", study, uid, words),
        study,
        uid,
        stack.pictures[0].header,
        instances,
        frames,
        tuple(dict.fromkeys(problems + stack.problems)),
    )
    label = f" [{shown(stack.label)}]" if stack.label else ""
    return replace(
        series,
        description=series.description + label,
        geometry=stack.geometry,
        dimension=_named(stack.dimension),
        details=_common(series.details, stack),
    )


def _common(details: tuple[tuple[str, str], ...], stack: Stack) -> tuple[tuple[str, str], ...]:
    """The details that are true of every value: the echo time of the first echo is not that of the second."""
    if stack.dimension is None:
        return details
    places = len(stack.pictures) // len(stack.dimension.values)
    firsts = [picture.header.values for picture in stack.pictures[::places]]
    same = {name for name, _ in details if len({values.get(name, "") for values in firsts}) == 1}
    return tuple(detail for detail in details if detail[0] in same)


def _named(dimension: Dimension | None) -> Dimension | None:
    if dimension is None:
        return None
    return replace(dimension, values=tuple(shown(value, LONGEST_VALUE) for value in dimension.values))


def _described(
    key: SeriesKey,
    study: StudyKey,
    uid: str,
    header: Header,
    instances: tuple[Instance, ...],
    frames: tuple[FrameAddress, ...],
    problems: tuple[str, ...],
) -> Series:
    values = header.values
    return Series(
        key=key,
        uid=shown(header.get("SeriesInstanceUID")),
        study=study,
        modality=shown(header.get("Modality")),
        number=header.whole("SeriesNumber"),
        description=shown(header.get("SeriesDescription") or header.get("ProtocolName")),
        body_part=shown(header.get("BodyPartExamined")),
        instances=instances,
        frames=frames,
        problems=problems,
        details=tuple((keyword, shown(values[keyword])) for keyword in DETAILS if keyword in values),
    )
