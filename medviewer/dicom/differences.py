"""What tells pictures at one place apart: the b-value, an echo, the time; and how each is named."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np

from medviewer.dicom.header import numbers
from medviewer.dicom.moments import date_with_time, moment
from medviewer.dicom.placing import Picture, by_number


class Value(NamedTuple):
    """One value of a difference: its name in a slider, and the pictures that have it."""

    name: str
    pictures: list[Picture]
    key: str = ""
    """what tells it from others whatever else arrives later; the name where that does"""


class Difference(NamedTuple):
    """One way in which pictures at one place may differ."""

    name: str
    """for the reader"""
    short: str
    """in front of a value in the description of a series"""
    parted: Callable[[Sequence[Picture]], list[Value]]
    """the pictures by their values, in order; a single part when they do not differ"""
    unit: str = ""


# --- values that are equal on all slices


def _equal(*keywords: str) -> Callable[[Sequence[Picture]], list[Value]]:
    def parted(pictures: Sequence[Picture]) -> list[Value]:
        by_value: dict[str, list[Picture]] = defaultdict(list)
        for picture in pictures:
            by_value[picture.first_of(keywords)].append(picture)
        return [
            Value(_number_words(text) or "none", found)
            for text, found in sorted(by_value.items(), key=lambda item: _natural(item[0]))
        ]

    return parted


def _same_words(*keywords: str) -> Callable[[Sequence[Picture]], list[Value]]:
    """For what is no number; named by the words that are not common to all."""

    def parted(pictures: Sequence[Picture]) -> list[Value]:
        by_value: dict[str, list[Picture]] = defaultdict(list)
        for picture in pictures:
            by_value["\\".join(filter(None, map(picture.get, keywords)))].append(picture)
        words = {text: text.split("\\") for text in by_value}
        common = set.intersection(*map(set, words.values()))
        return [
            Value(_own_words(words[text], common, number), found, text.replace("\\", " "))
            for number, (text, found) in enumerate(
                sorted(by_value.items(), key=lambda it: _natural(it[0])), 1
            )
        ]

    return parted


def _own_words(words: list[str], common: set[str], number: int) -> str:
    own = " ".join(dict.fromkeys(word for word in words if word and word not in common))
    return own if 0 < len(own) <= LONGEST_NAME else str(number)


LONGEST_NAME = 40


def _natural(text: str) -> tuple[float, str]:
    found = numbers(text)
    return (found[0] if found else -1.0, text)


def _number_words(text: str) -> str:
    found = numbers(text)
    return f"{found[0]:g}" if len(found) == 1 else text.replace("\\", " ")


def _files(pictures: Sequence[Picture]) -> list[Value]:
    """Objects of many frames: each of them is a thing of its own."""
    by_file: dict[str, list[Picture]] = defaultdict(list)
    for picture in pictures:
        header = picture.header
        by_file[(header.get("SOPInstanceUID") or header.path) if header.count > 1 else ""].append(picture)
    return [Value(str(number), by_file[uid]) for number, uid in enumerate(sorted(by_file), 1)]


# --- diffusion


def _weightings(pictures: Sequence[Picture]) -> list[Value]:
    """Pictures by b-value, by gradient direction where one b-value has several, and by repetition."""
    by_weight: dict[float, dict[str, list[Picture]]] = defaultdict(lambda: defaultdict(list))
    for picture in pictures:
        b = numbers(picture.get("DiffusionBValue"))
        direction = picture.get("DiffusionGradientOrientation") if b and b[0] else ""
        by_weight[b[0] if b else -1.0][direction].append(picture)
    if sum(map(len, by_weight.values())) == 1:
        return [Value("", list(pictures))]
    found = []
    for weight, by_direction in sorted(by_weight.items()):
        name = f"b {weight:g}" if weight >= 0 else "b unknown"
        in_order = sorted(
            by_direction.items(), key=lambda item: (bool(item[0]), min(map(by_number, item[1])))
        )
        several = sum(bool(direction) for direction in by_direction) > 1
        number = 0
        for direction, part in in_order:
            number += bool(direction)
            words = f"dir {number}" if several and direction else ""
            repeats = _repeats(part)
            for again, one in enumerate(repeats, 1):
                more = ", ".join(filter(None, (words, f"no. {again}" if len(repeats) > 1 else "")))
                key = " ".join((name, direction, str(again)))
                found.append(Value(f"{name} ({more})" if more else name, one, key))
    return found


def _repeats(pictures: list[Picture]) -> list[list[Picture]]:
    """Pictures that were made several times, time by time."""
    found: list[list[Picture]] = []
    for at_place in _by_place(pictures).values():
        for number, picture in enumerate(sorted(at_place, key=by_number)):
            if number == len(found):
                found.append([])
            found[number].append(picture)
    return found


def _by_place(pictures: Iterable[Picture]) -> dict[int, list[Picture]]:
    found: dict[int, list[Picture]] = defaultdict(list)
    for picture in pictures:
        found[picture.place].append(picture)
    return found


# --- times, which are a little different on each slice


def _ranked(
    read: Callable[[Picture], float | None], scale: float = 1.0, fewest: int = 2, is_relative: bool = False
) -> Callable[[Sequence[Picture]], list[Value]]:
    """Parts by the rank of a time among those at its place, or by equal times where that is no full grid.

    A beating heart gives each slice its own trigger times, and slices are measured one after the other.
    """

    def parted(pictures: Sequence[Picture]) -> list[Value]:
        times = {id(picture): read(picture) for picture in pictures}
        places = list(_by_place(pictures).values())
        if max(map(len, places)) < fewest:
            return [Value("", list(pictures))]
        ranks = _ranks(places, times) or _equals(pictures, times)
        medians = [float(np.median([times[id(picture)] or 0.0 for picture in rank])) for rank in ranks]
        start = min(medians) if is_relative else 0.0
        digits = 2 if scale < 1 or is_relative else 0
        return [
            Value(f"{round((middle - start) * scale, digits):g}", rank)
            for middle, rank in zip(medians, ranks, strict=True)
        ]

    return parted


def _ranks(places: list[list[Picture]], times: dict[int, float | None]) -> list[list[Picture]]:
    """The first of each place, the second of each, and so on; nothing when that is no full grid."""
    known = {key: time for key, time in times.items() if time is not None}
    count = len(places[0])
    if len(known) < len(times) or any(len(place) != count for place in places):
        return []
    for place in places:
        place.sort(key=lambda picture: known[id(picture)])
        if any(known[id(a)] == known[id(b)] for a, b in zip(place, place[1:], strict=False)):
            return []
    return [[place[rank] for place in places] for rank in range(count)]


def _equals(pictures: Sequence[Picture], times: dict[int, float | None]) -> list[list[Picture]]:
    """Pictures of exactly the same time; those without one come first."""
    by_time: dict[float, list[Picture]] = defaultdict(list)
    for picture in pictures:
        time = times[id(picture)]
        by_time[-1.0 if time is None else time].append(picture)
    return [by_time[time] for time in sorted(by_time)]


def _number_of(*keywords: str) -> Callable[[Picture], float | None]:
    def read(picture: Picture) -> float | None:
        found = numbers(picture.first_of(keywords))
        return found[0] if found else None

    return read


def _heart_time(picture: Picture) -> float | None:
    return _number_of("NominalCardiacTriggerDelayTime", "TriggerTime")(picture)


LONG_AGO = datetime(1900, 1, 1)


def acquired(picture: Picture) -> float | None:
    """When the picture was acquired, in seconds from a day long ago; None when the file does not tell."""
    text = picture.get("FrameAcquisitionDateTime")
    date, time = picture.get("AcquisitionDate"), picture.get("AcquisitionTime")
    found = moment(text) if text else date_with_time(date, time)
    return None if found is None else (found - LONG_AGO).total_seconds()


def _is_one_beat(pictures: Sequence[Picture]) -> bool:
    times = [time for time in map(_heart_time, pictures) if time is not None]
    return bool(times) and max(times) - min(times) < LONGEST_BEAT_MS


LONGEST_BEAT_MS = 3000
"""Trigger times that go on for longer count from the beginning of a series, not from a heartbeat."""


def _beats(pictures: Sequence[Picture]) -> list[Value]:
    return _ranked(_heart_time)(pictures) if _is_one_beat(pictures) else [Value("", list(pictures))]


def _long_times(pictures: Sequence[Picture]) -> list[Value]:
    if _is_one_beat(pictures):
        return [Value("", list(pictures))]
    return _ranked(_number_of("TriggerTime"), 0.001)(pictures)


KINDS = (
    Difference("image type", "type", _same_words("ImageType", "FrameType")),
    Difference("stack", "stack", _same_words("StackID")),
    Difference("tube voltage", "kVp", _equal("KVP")),
    Difference("flip angle", "flip angle", _equal("FlipAngle")),
)
"""What makes another kind of picture: such pictures never share a stack."""

CONTRASTS = (
    Difference("b-value", "", _weightings),
    Difference("Echo time", "TE", _equal("EffectiveEchoTime", "EchoTime"), "ms"),
    Difference("Echo", "echo", _equal("EchoNumbers")),
    Difference("Inversion time", "TI", _equal("InversionTimes", "InversionTime"), "ms"),
    Difference("Energy window", "energy window", _equal("EnergyWindowVector")),
    Difference("Detector", "detector", _equal("DetectorVector")),
    Difference("Rotation", "rotation", _equal("RotationVector")),
    Difference("R-R interval", "R-R interval", _equal("RRIntervalVector")),
)
"""What one chooses to see more of one thing and less of another."""

TIMES = (
    Difference("Phase", "phase", _ranked(_number_of("NominalPercentageOfCardiacPhase")), "%"),
    Difference("Phase", "phase", _beats, "ms"),
    Difference("Phase", "phase", _equal("TimeSlotVector")),
    Difference("Time", "time", _ranked(_number_of("TemporalPositionTimeOffset"), is_relative=True), "s"),
    Difference("Time", "time", _long_times, "s"),
    Difference("Time", "time", _ranked(_number_of("FrameReferenceTime"), 0.001), "s"),
    Difference("Time", "time", _equal("TemporalPositionIndex", "TemporalPositionIdentifier")),
    Difference("Time", "time", _equal("PhaseVector", "TimeSliceVector")),
    Difference("Time", "time", _ranked(acquired, fewest=3, is_relative=True), "s"),
)
"""When a picture was made, the most telling way of saying it first.

Two acquisitions at one place may be anything; three and more are a series in time.
"""

SOURCES = (
    Difference("file", "file", _files),
    Difference("acquisition", "acquisition", _equal("AcquisitionNumber")),
)
"""Where pictures come from, for those that nothing else tells apart."""
