"""Headers to studies and series: what belongs together, in which order, and why something is not a volume."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from medviewer.core.geometry import Plane
from medviewer.core.study import FrameAddress, Instance, Patient, Series, SeriesKey, Study, StudyKey
from medviewer.dicom.charset import shown
from medviewer.dicom.classes import class_name
from medviewer.dicom.geometry import planes
from medviewer.dicom.header import Header
from medviewer.dicom.stack import Picture, Stack, stacks

MOST_FRAMES = 200_000
_DETAIL_WORDS = """
PatientAge StudyID Manufacturer ManufacturerModelName SeriesDate SeriesTime AcquisitionDate AcquisitionTime
ProtocolName SliceThickness SpacingBetweenSlices KVP XRayTubeCurrent RepetitionTime EchoTime InversionTime
FlipAngle ContrastBolusAgent Laterality ImageLaterality ViewPosition LossyImageCompression
LossyImageCompressionRatio LossyImageCompressionMethod BurnedInAnnotation SeriesNumber FrameTime
RecommendedDisplayFrameRate CineRate PatientPosition PatientOrientation ImageType AcquisitionNumber
PhotometricInterpretation BitsStored
"""
DETAILS = tuple(_DETAIL_WORDS.split())
"""What corner text and panels may show of a series."""

_CONFLICT = "Another patient's pictures carry the same study or series number; they are kept apart."


class _Entry(NamedTuple):
    header: Header
    study: StudyKey
    series: str


def group(headers: Iterable[Header]) -> tuple[Study, ...]:
    """The studies that these headers make up, newest first; each series ordered along the patient.

    Series are split by patient, study, UID, frame of reference, orientation and size, and by echo, time or
    diffusion weight where several pictures lie at one place. Keys depend on what the headers say only, so
    grouping again with more headers keeps them. Files without pictures become series without frames.
    """
    entries = [_entry(header) for header in headers if not header.is_directory]
    conflicts = _conflicts(entries)
    by_study: dict[StudyKey, dict[str, list[Header]]] = defaultdict(lambda: defaultdict(list))
    for header, study, series in entries:
        by_study[study][series].append(header)
    studies = [_study(key, series, conflicts) for key, series in by_study.items()]
    return tuple(sorted(studies, key=lambda study: (study.date, study.time, study.key), reverse=True))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:20]


def _entry(header: Header) -> _Entry:
    get = header.values.get
    alone = f"file:{header.path}:{header.member}"
    # an empty UID identifies nothing: such a file stands alone
    study = _digest("study", *_who(header), get("StudyInstanceUID", "") or alone)
    return _Entry(header, study, get("SeriesInstanceUID", "") or alone)


def _who(header: Header) -> tuple[str, str, str]:
    """Whose file this is: two patients never merge, whatever the UIDs say."""
    get = header.values.get
    name = " ".join(get("PatientName", "").split("=", 1)[0].replace("^", " ").casefold().split())
    return get("PatientID", "").strip(), get("IssuerOfPatientID", "").strip(), name


def _conflicts(entries: Sequence[_Entry]) -> frozenset[str]:
    """UIDs that more than one patient uses."""
    owners: dict[str, set[StudyKey]] = defaultdict(set)
    for header, study, series in entries:
        owners[series].add(study)
        owners[header.get("StudyInstanceUID")].add(study)
    return frozenset(uid for uid, studies in owners.items() if uid and len(studies) > 1)


def _study(key: StudyKey, by_series: dict[str, list[Header]], conflicts: frozenset[str]) -> Study:
    first = next(iter(by_series.values()))[0]
    uid = first.get("StudyInstanceUID")
    found: list[Series] = []
    for series_uid, headers in by_series.items():
        warned = (_CONFLICT,) if {uid, series_uid} & conflicts else ()
        found += _series(key, series_uid, headers, warned)

    def text(keyword: str) -> str:
        values = (header.values.get(keyword) for headers in by_series.values() for header in headers)
        return shown(next((value for value in values if value), ""))

    return Study(
        key=key,
        uid=shown(uid),
        patient=Patient(
            name=text("PatientName").rstrip("=^ "),
            id=text("PatientID"),
            birth_date=text("PatientBirthDate"),
            sex=text("PatientSex"),
        ),
        date=text("StudyDate"),
        time=text("StudyTime"),
        description=text("StudyDescription"),
        institution=text("InstitutionName"),
        accession=text("AccessionNumber"),
        series=tuple(sorted(found, key=_series_order)),
    )


def _series_order(series: Series) -> tuple[int, int, str, str]:
    number = series.number if series.number is not None else 1 << 62
    return (0 if series.count else 1, number, series.uid, series.key)


def _series(study: StudyKey, uid: str, headers: list[Header], warned: tuple[str, ...]) -> list[Series]:
    """One series as it is in the files, as the stacks that it holds."""
    kept, notes = _without_copies(headers)
    found = []
    apart: dict[tuple[object, ...], list[Picture]] = defaultdict(list)
    trouble: dict[str, tuple[str, ...]] = {}
    for header in kept:
        count, problems = _frame_count(header)
        if not count:
            found.append(_without_pictures(study, uid, header, problems + warned))
            continue
        for at, (plane, more) in enumerate(planes(header, count)):
            apart[_apart(header, plane)].append(Picture(header, at, plane))
            problems += tuple(problem for problem in more if problem not in problems)
        trouble[header.path + header.member] = problems
    apart, more_notes = _with_one_frame(uid, apart)
    notes += more_notes
    for words, stack in _stacked(apart):
        about = tuple(
            dict.fromkeys(
                problem
                for header in dict.fromkeys(
                    id_of.header.path + id_of.header.member for id_of in stack.pictures
                )
                for problem in trouble[header]
            )
        )
        found.append(_of_stack(study, uid, words, stack, warned + notes + about))
    return _with_own_keys(found)


def _apart(header: Header, plane: Plane) -> tuple[object, ...]:
    """What pictures on one stack must share; orientations are compared later, with a tolerance."""
    color = header.get("PhotometricInterpretation")[:3] in ("RGB", "YBR", "PAL")
    cine = "" if plane.placed or header.count == 1 else header.get("SOPInstanceUID") or header.path
    frame = plane.frame_of_reference if plane.placed else ""
    return (plane.placed, frame, plane.shape, color, cine)


def _with_one_frame(
    uid: str, apart: dict[tuple[object, ...], list[Picture]]
) -> tuple[dict[tuple[object, ...], list[Picture]], tuple[str, ...]]:
    """The same parts without a frame of reference in their keys where it tells nothing.

    Careless anonymisation gives every picture a frame of reference of its own; kept apart, a scan would fall
    to pieces. Within the series the positions are then taken as those of one patient who lay still.
    """
    frames = [
        picture.plane.frame_of_reference
        for part in apart.values()
        for picture in part
        if picture.plane.placed
    ]
    distinct = set(frames)
    if len(distinct) <= 1:
        return {(key[0], "", *key[2:]): part for key, part in apart.items()}, ()
    if len(distinct) < len(frames):
        return apart, ("The series holds several frames of reference; their pictures are kept apart.",)
    merged: dict[tuple[object, ...], list[Picture]] = defaultdict(list)
    for key, part in apart.items():
        merged[(key[0], "", *key[2:])] += [
            replace(one, plane=replace(one.plane, frame_of_reference=f"series:{uid}"))
            if one.plane.placed
            else one
            for one in part
        ]
    return merged, (
        "Every picture names another frame of reference; within the series they are taken as one.",
    )


def _stacked(apart: dict[tuple[object, ...], list[Picture]]) -> list[tuple[str, Stack]]:
    """The stacks, each with words that tell it from its siblings whatever else arrives later."""
    found = []
    for key, pictures in apart.items():
        words = "|".join(map(str, key))
        for direction, part in _by_direction(pictures):
            found += [(f"{words}|{direction}|{stack.label}", stack) for stack in stacks(part)]
    return found


def _by_direction(pictures: list[Picture]) -> list[tuple[str, list[Picture]]]:
    """Pictures that look the same way, within 1e-4 of each direction cosine."""
    if not pictures[0].plane.placed:
        return [("", pictures)]
    leaders: list[Plane] = []
    parts: list[list[Picture]] = []
    known: dict[tuple[object, object], int] = {}
    for picture in pictures:
        cosines = (picture.plane.along_row, picture.plane.along_column)
        at = known.get(cosines)
        if at is None:
            at = next(
                (i for i, leader in enumerate(leaders) if picture.plane.is_parallel(leader)), len(leaders)
            )
            known[cosines] = at
            if at == len(leaders):
                leaders.append(picture.plane)
                parts.append([])
        parts[at].append(picture)
    return [(_direction_words(leader), part) for leader, part in zip(leaders, parts, strict=True)]


def _direction_words(plane: Plane) -> str:
    # rounding hides the differences within the tolerance; + 0.0 turns -0.0 into 0.0
    return " ".join(f"{round(value, 2) + 0.0:g}" for value in plane.along_row + plane.along_column)


def _with_own_keys(found: list[Series]) -> list[Series]:
    """Keys made different where rounding made two equal."""
    seen: dict[SeriesKey, int] = {}
    unique = []
    for series in found:
        number = seen[series.key] = seen.get(series.key, 0) + 1
        unique.append(series if number == 1 else replace(series, key=f"{series.key}-{number}"))
    return unique


def _without_copies(headers: list[Header]) -> tuple[list[Header], tuple[str, ...]]:
    """The headers without second copies of the same object; different objects with one UID are both kept."""
    by_uid: dict[str, list[Header]] = {}
    kept, copies, conflicts = [], 0, 0
    for header in headers:
        uid = header.get("SOPInstanceUID")
        twins = by_uid.setdefault(uid, []) if uid else []
        if any(_is_copy(header, twin) for twin in twins):
            copies += 1
            continue
        conflicts += bool(twins)
        twins.append(header)
        kept.append(header)
    notes = []
    if copies:
        notes.append(f"Further copies of pictures that are shown already were left out: {copies}.")
    if conflicts:
        notes.append(f"Different files carry the same number; all of them are shown ({conflicts}).")
    return kept, tuple(notes)


def _is_copy(one: Header, other: Header) -> bool:
    if (one.path, one.member) == (other.path, other.member):
        return True
    return (one.values, one.frames) == (other.values, other.frames) and (
        one.pixel_length == other.pixel_length or one.transfer_syntax != other.transfer_syntax
    )


def _frame_count(header: Header) -> tuple[int, tuple[str, ...]]:
    """How many pictures can be shown, and what is wrong with what the file claims."""
    if not header.pixel_keyword:
        return 0, (*header.warnings, f"It holds no pictures ({class_name(header)}).")
    rows, columns = header.whole("Rows"), header.whole("Columns")
    if not rows or not columns or rows < 0 or columns < 0:
        return 0, (*header.warnings, "It cannot be shown: Rows or Columns is missing or zero.")
    problems = header.warnings
    claimed = header.whole("NumberOfFrames")
    count = 1 if claimed is None else claimed
    if count < 1:
        problems, count = (*problems, f"Number of Frames is {claimed}; one picture is shown."), 1
    limit = _most_frames(header, rows * columns)
    if count > limit:
        problems, count = (*problems, f"{count:,} frames are claimed; there are data for {limit:,}."), limit
    return count, problems


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
    )


def _without_pictures(study: StudyKey, uid: str, header: Header, problems: tuple[str, ...]) -> Series:
    instance = _instance(header, 0, Plane((0, 0)))
    key = _digest("object", study, uid, header.get("SOPInstanceUID") or header.path + header.member)
    return _described(key, study, uid, header, (instance,), (), problems)


def _of_stack(study: StudyKey, uid: str, words: str, stack: Stack, problems: tuple[str, ...]) -> Series:
    places: dict[int, int] = {}
    counts: dict[int, int] = defaultdict(int)
    for picture in stack.pictures:
        places.setdefault(id(picture.header), len(places))
        counts[id(picture.header)] += 1
    first: dict[int, Picture] = {}
    for picture in stack.pictures:
        first.setdefault(id(picture.header), picture)
    instances = tuple(_instance(one.header, counts[at], one.plane) for at, one in first.items())
    frames = tuple(FrameAddress(places[id(one.header)], one.frame, one.plane) for one in stack.pictures)
    series = _described(
        _digest("series", study, uid, words),
        study,
        uid,
        stack.pictures[0].header,
        instances,
        frames,
        tuple(dict.fromkeys(problems + stack.problems)),
    )
    label = f" [{shown(stack.label)}]" if stack.label else ""
    return replace(series, description=series.description + label, geometry=stack.geometry)


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
