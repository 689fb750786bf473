"""Headers to studies and series: what belongs together, in which order, and why something is not a volume."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from medviewer.core.geometry import Plane
from medviewer.core.study import Patient, Series, SeriesKey, Study, StudyKey
from medviewer.dicom.charset import shown
from medviewer.dicom.describe import digest, frame_count, of_stack, without_pictures
from medviewer.dicom.geometry import planes
from medviewer.dicom.header import Header
from medviewer.dicom.placing import Picture
from medviewer.dicom.stack import Stack, stacks

_CONFLICT = "Another patient's pictures carry the same study or series number; they are kept apart."


class _Entry(NamedTuple):
    header: Header
    study: StudyKey
    series: str


def group(headers: Iterable[Header], check: Callable[[], object] = bool) -> tuple[Study, ...]:
    """The studies that these headers make up, newest first; each series ordered along the patient.

    Series are split by patient, study, UID, frame of reference, orientation and size. Where several pictures
    lie at one place, time, phase, diffusion weight or echo become a second dimension. Keys depend on what the
    headers say only, so grouping again with more headers keeps them. Files without pictures become series
    without frames. *check* is called often, and may raise to stop the work.
    """
    entries = [_entry(header) for header in headers if not header.is_directory]
    conflicts = _conflicts(entries)
    by_study: dict[StudyKey, dict[str, list[Header]]] = defaultdict(lambda: defaultdict(list))
    for header, study, series in entries:
        by_study[study][series].append(header)
    studies = [_study(key, series, conflicts, check) for key, series in by_study.items()]
    return tuple(sorted(studies, key=lambda study: (study.date, study.time, study.key), reverse=True))


def _entry(header: Header) -> _Entry:
    get = header.values.get
    alone = f"file:{header.path}:{header.member}"
    # an empty UID identifies nothing: such a file stands alone
    uid = get("StudyInstanceUID", "") or alone
    who = (get("PatientID", ""), get("IssuerOfPatientID", ""), get("PatientName", ""))
    return _Entry(header, _study_key(*who, uid), get("SeriesInstanceUID", "") or alone)


@lru_cache(maxsize=256)
def _study_key(patient: str, issuer: str, name: str, uid: str) -> StudyKey:
    """Which study, and whose: two patients never merge, whatever the UIDs say."""
    plain = " ".join(name.split("=", 1)[0].replace("^", " ").casefold().split())
    return digest("study", patient.strip(), issuer.strip(), plain, uid)


def _conflicts(entries: Sequence[_Entry]) -> frozenset[str]:
    """UIDs that more than one patient uses."""
    owners: dict[str, set[StudyKey]] = defaultdict(set)
    for header, study, series in entries:
        owners[series].add(study)
        owners[header.get("StudyInstanceUID")].add(study)
    return frozenset(uid for uid, studies in owners.items() if uid and len(studies) > 1)


def _study(
    key: StudyKey,
    by_series: dict[str, list[Header]],
    conflicts: frozenset[str],
    check: Callable[[], object],
) -> Study:
    first = next(iter(by_series.values()))[0]
    uid = first.get("StudyInstanceUID")
    found: list[Series] = []
    for series_uid, headers in by_series.items():
        warned = (_CONFLICT,) if {uid, series_uid} & conflicts else ()
        found += _series(key, series_uid, headers, warned, check)

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


def _series_order(series: Series) -> tuple[object, ...]:
    number = series.number if series.number is not None else 1 << 62
    words = re.split(r"(\d{1,9})", series.description)
    label = tuple((int(word), "") if at % 2 else (0, word) for at, word in enumerate(words))
    return (0 if series.count else 1, number, series.uid, label, series.key)


def _series(
    study: StudyKey, uid: str, headers: list[Header], warned: tuple[str, ...], check: Callable[[], object]
) -> list[Series]:
    """One series as it is in the files, as the stacks that it holds."""
    kept, notes = _without_copies(headers)
    found = []
    apart: dict[tuple[object, ...], list[Picture]] = defaultdict(list)
    trouble: dict[str, tuple[str, ...]] = {}
    for header in kept:
        check()
        count, problems = frame_count(header)
        if not count:
            found.append(without_pictures(study, uid, header, problems + warned))
            continue
        for at, (plane, more) in enumerate(planes(header, count)):
            apart[_apart(header, plane)].append(Picture(header, at, plane))
            problems += tuple(problem for problem in more if problem not in problems)
        trouble[header.path + header.member] = problems
    apart, more_notes = _with_one_frame(uid, apart)
    parts = {key: _by_direction(pictures) for key, pictures in apart.items()}
    notes += more_notes + _mixed(parts)
    check()
    for words, stack in _stacked(parts):
        check()
        about = tuple(
            dict.fromkeys(
                problem
                for header in dict.fromkeys(
                    id_of.header.path + id_of.header.member for id_of in stack.pictures
                )
                for problem in trouble[header]
            )
        )
        found.append(of_stack(study, uid, words, stack, warned + notes + about))
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


_Parts = dict[tuple[object, ...], list[tuple[str, list[Picture]]]]
"""Pictures by what they share, and then by direction with its words."""


def _stacked(parts: _Parts) -> list[tuple[str, Stack]]:
    """The stacks, each with words that tell it from its siblings whatever else arrives later."""
    found = []
    for key, by_direction in parts.items():
        words = "|".join(map(str, key))
        for direction, part in by_direction:
            found += [(f"{words}|{direction}|{stack.key}", stack) for stack in stacks(part)]
    return found


def _mixed(parts: _Parts) -> tuple[str, ...]:
    """Why a series is more than one stack, in words."""
    notes = []
    if len({key[2] for key in parts}) > 1:
        notes.append("The series holds pictures of several sizes: they are shown as stacks of their own.")
    if len({key[3] for key in parts}) > 1:
        notes.append(
            "The series holds pictures in grey and in colour: they are shown as stacks of their own."
        )
    if len({key[0] for key in parts}) > 1:
        notes.append("Some pictures of the series do not say where they lie: they stand apart.")
    count = max(map(len, parts.values()), default=1)
    if count > 1:
        notes.append(f"The series holds slices of {count} directions: they are shown as stacks of their own.")
    return tuple(notes)


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
