"""Pictures in the order of the patient: which belong on one stack, and whether the stack is a volume."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from medviewer.core.geometry import Calibration, ImageGeometry, Plane, Vector
from medviewer.dicom.header import Header, whole_number

SAME_PLACE = 0.01
"""Millimetres along the normal within which two pictures lie at the same place."""
UNEVEN = 0.1
"""How far off its place a slice of a volume may be, in slice spacings; positions are written rounded."""
_LAST = 1 << 62


@dataclass(frozen=True, slots=True)
class Picture:
    """One frame of one file on its way into a stack."""

    header: Header
    frame: int
    plane: Plane
    along: float = 0.0
    """where it lies along the normal of its stack"""

    @property
    def values(self) -> Mapping[str, str]:
        """What the file says about this frame."""
        if self.frame < len(self.header.frames):
            return {**self.header.values, **self.header.frames[self.frame]}
        return self.header.values


@dataclass(frozen=True, slots=True)
class Stack:
    """Pictures in order, with what there is to say about them."""

    pictures: tuple[Picture, ...]
    label: str = ""
    """what tells this stack from its siblings of the same series"""
    problems: tuple[str, ...] = ()
    geometry: ImageGeometry | None = None


def stacks(pictures: Sequence[Picture]) -> list[Stack]:
    """Pictures of one series, orientation and size as ordered stacks, split where several share a place."""
    if not pictures[0].plane.placed:
        return [Stack(tuple(sorted(pictures, key=_by_number)))]
    normal = pictures[0].plane.normal
    placed = [_along(picture, normal) for picture in pictures]
    parts = _split(placed)
    return [_ordered(part, label, len(parts)) for label, part in parts]


def _along(picture: Picture, normal: Vector) -> Picture:
    along = sum(a * b for a, b in zip(picture.plane.origin, normal, strict=True))
    return Picture(picture.header, picture.frame, picture.plane, along)


def _by_number(picture: Picture) -> tuple[object, ...]:
    get = picture.header.values.get
    number = whole_number(get("InstanceNumber", ""))
    return (
        number if number is not None else _LAST,
        get("AcquisitionDate", "") + get("AcquisitionTime", "")
        or get("ContentDate", "") + get("ContentTime", ""),
        get("SOPInstanceUID", ""),
        picture.header.path,
        picture.header.member,
        picture.frame,
    )


def _by_place(picture: Picture) -> tuple[object, ...]:
    return (round(picture.along / SAME_PLACE), *_moment(picture), *_by_number(picture))


def _moment(picture: Picture) -> tuple[float, ...]:
    values = picture.values
    keywords = ("TemporalPositionIndex", "TemporalPositionIdentifier", "TriggerTime", "FrameReferenceTime")
    return tuple(_number(values.get(keyword, "")) for keyword in keywords)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return -1.0


# --- several pictures at one place: echoes, phases, diffusion weights


def _text_of(*keywords: str) -> Callable[[Picture], str]:
    def read(picture: Picture) -> str:
        values = picture.values
        return " ".join(values.get(keyword, "") for keyword in keywords).strip()

    return read


def _source(picture: Picture) -> str:
    header = picture.header
    return header.get("SOPInstanceUID") if header.frames else ""


_DIFFERENCES: tuple[tuple[str, Callable[[Picture], str]], ...] = (
    ("type", _text_of("ImageType", "FrameType")),
    ("TE", _text_of("EffectiveEchoTime", "EchoTime")),
    ("echo", _text_of("EchoNumbers")),
    ("TI", _text_of("InversionTime")),
    ("flip angle", _text_of("FlipAngle")),
    ("b", _text_of("DiffusionBValue")),
    ("time", _text_of("TemporalPositionIndex", "TemporalPositionIdentifier")),
    ("stack", _text_of("StackID")),
    ("file", _source),
    ("acquisition", _text_of("AcquisitionNumber")),
    ("phase", _text_of("TriggerTime")),
    ("time", _text_of("FrameReferenceTime")),
    ("direction", _text_of("DiffusionGradientOrientation")),
    ("time", _text_of("AcquisitionDate", "AcquisitionTime")),
)
"""What may tell pictures at one place apart, in the order in which it is tried."""


def _places(pictures: Iterable[Picture]) -> Counter[int]:
    return Counter(round(picture.along / SAME_PLACE) for picture in pictures)


def _split(pictures: list[Picture]) -> list[tuple[str, list[Picture]]]:
    """The pictures by what differs between those at the same place, as ("TE 20", pictures)."""
    places = _places(pictures)
    most = max(places.values())
    if most == 1 or len(places) == 1:
        return [("", pictures)]
    parts = [("", pictures)]
    for name, read in _DIFFERENCES:
        finer = [piece for label, part in parts for piece in _parted(label, part, name, read)]
        # a value that is another on every slice tells nothing: it would leave slivers
        if len(parts) < len(finer) <= 2 * most and 2 * len(finer) <= len(pictures):
            parts = finer
        if all(max(_places(part).values()) == 1 for _, part in parts):
            break
    return parts


def _parted(
    label: str, part: list[Picture], name: str, read: Callable[[Picture], str]
) -> list[tuple[str, list[Picture]]]:
    if max(_places(part).values()) == 1:
        return [(label, part)]
    by_value: dict[str, list[Picture]] = defaultdict(list)
    for picture in part:
        by_value[read(picture)].append(picture)
    if len(by_value) == 1:
        return [(label, part)]
    return [
        (f"{label}, {name} {_shortened(value, number, name)}".lstrip(", "), found)
        for number, (value, found) in enumerate(sorted(by_value.items(), key=_natural), 1)
    ]


def _natural(item: tuple[str, object]) -> tuple[float, str]:
    return (_number(item[0]), item[0])


def _shortened(value: str, number: int, name: str) -> str:
    if name in ("file", "direction") or len(value) > 40:
        return str(number)
    return value.replace("\\", " ") or "none"


# --- is it a volume?


def _ordered(pictures: list[Picture], label: str, parts: int) -> Stack:
    in_order = tuple(sorted(pictures, key=_by_place))
    split = (
        ("The series holds several pictures at each place; it is shown as several stacks.",)
        if parts > 1
        else ()
    )
    problems, geometry = _volume(in_order)
    return Stack(in_order, label, split + problems, geometry)


def _volume(pictures: tuple[Picture, ...]) -> tuple[tuple[str, ...], ImageGeometry | None]:
    """What keeps the pictures from being a regular grid, in words, and the grid."""
    if len(pictures) < 2:
        return (), None
    most = max(_places(pictures).values())
    if most > 1:
        return (
            f"Up to {most} pictures lie at the same place: this is a series in time, not a volume.",
        ), None
    spacing = pictures[0].plane.spacing
    if any(not _close(picture.plane.spacing, spacing) for picture in pictures):
        return ("The size of a pixel differs between the slices: this is not a volume.",), None
    gaps = _gaps([picture.along for picture in pictures])
    if gaps:
        return gaps, None
    return _grid(pictures)


def _close(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return all(math.isclose(a, b, rel_tol=1e-3) for a, b in zip(one, other, strict=True))


def _gaps(along: list[float]) -> tuple[str, ...]:
    """Missing slices and uneven spacing in words, empty when the slices are evenly spaced."""
    steps = [after - before for before, after in zip(along, along[1:], strict=False)]
    ordered = sorted(steps)
    usual = (ordered[(len(steps) - 1) // 2] + ordered[len(steps) // 2]) / 2
    wide = [number for number, step in enumerate(steps, 1) if step > 1.5 * usual]
    rest = [step for step in steps if step <= 1.5 * usual]
    if wide and max(rest) - min(rest) <= max(UNEVEN * usual, SAME_PLACE):
        where = ", ".join(str(number) for number in wide[:5]) + (", ..." if len(wide) > 5 else "")
        lost = sum(round(steps[number - 1] / usual) - 1 for number in wide)
        return (f"Slices are missing, about {lost} (after picture {where}): this is not a volume.",)
    first, count = along[0], len(steps)
    mean = (along[-1] - first) / count
    worst = max(abs(value - first - number * mean) for number, value in enumerate(along))
    if worst > max(UNEVEN * mean, SAME_PLACE):
        return (
            f"The slices are unevenly spaced, {min(steps):.3g} to {max(steps):.3g} mm: this is not a volume.",
        )
    return ()


def _grid(pictures: tuple[Picture, ...]) -> tuple[tuple[str, ...], ImageGeometry | None]:
    plane, last, count = pictures[0].plane, pictures[-1].plane, len(pictures)
    step = tuple((b - a) / (count - 1) for a, b in zip(plane.origin, last.origin, strict=True))
    length = math.hypot(*step)
    for number, picture in enumerate(pictures):
        wanted = [start + number * part for start, part in zip(plane.origin, step, strict=True)]
        if math.dist(wanted, picture.plane.origin) > max(UNEVEN * length, SAME_PLACE):
            return ("The slices are shifted against each other unevenly: this is not a volume.",), None
    geometry = ImageGeometry(
        shape=(count, *plane.shape),
        origin=plane.origin,
        directions=(
            (step[0] / length, step[1] / length, step[2] / length),
            plane.along_column,
            plane.along_row,
        ),
        spacing=(length, *plane.spacing),
        calibration=plane.calibration,
        frame_of_reference=plane.frame_of_reference,
    )
    across = abs(sum(a * b for a, b in zip(geometry.directions[0], plane.normal, strict=True)))
    tilt = math.degrees(math.acos(min(1.0, across)))
    if plane.calibration is not Calibration.PATIENT:
        return ("The size of a pixel is not known: this is not a volume.",), None
    if tilt > 0.5:
        return (
            f"The slices are sheared by {tilt:.1f}° (gantry tilt): other planes have to be resampled.",
        ), geometry
    return (), geometry
