"""Pictures in the order of the patient: which belong on one stack, and whether the stack is a volume."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np

from medviewer.core.geometry import Calibration, ImageGeometry
from medviewer.core.study import Dimension
from medviewer.core.vectors import dot
from medviewer.dicom.arrange import Part, arranged
from medviewer.dicom.placing import SAME_PLACE, Picture, by_number, in_rows, most_at_one_place, placed
from medviewer.kit.frozen import frozen

UNEVEN = 0.1
"""How far off its place a slice of a volume may be, in slice spacings; positions are written rounded."""


@frozen
class Stack:
    """Pictures in order, with what there is to say about them."""

    pictures: tuple[Picture, ...]
    label: str = ""
    """what tells this stack from its siblings of the same series"""
    problems: tuple[str, ...] = ()
    geometry: ImageGeometry | None = None
    """of the pictures of one value, where there is a dimension"""
    dimension: Dimension | None = None
    key: str = ""
    """what tells its key from those of its siblings"""


def stacks(pictures: Sequence[Picture]) -> list[Stack]:
    """Pictures of one series, orientation and size as ordered stacks.

    Where several share a place they get a second dimension, or are split when they make no full grid.
    """
    if pictures[0].plane.placed:
        return [_stack(part) for part in arranged(placed(pictures, pictures[0].plane.normal))]
    in_order = sorted(pictures, key=by_number)
    numbered = in_rows(in_order)
    if not numbered:
        return [Stack(tuple(in_order))]
    return [
        Stack(part.pictures, part.label, part.reasons, None, part.dimension, part.key)
        for part in arranged(numbered)
    ]


def _stack(part: Part) -> Stack:
    if part.dimension is None:
        pictures = tuple(sorted(part.pictures, key=lambda one: (one.place, *by_number(one))))
        one_value = pictures
    else:
        pictures = part.pictures
        one_value = pictures[: len(pictures) // len(part.dimension.values)]
    problems, geometry = _volume(one_value)
    return Stack(pictures, part.label, part.reasons + problems, geometry, part.dimension, part.key)


# --- is it a volume?


def _volume(pictures: tuple[Picture, ...]) -> tuple[tuple[str, ...], ImageGeometry | None]:
    """What keeps the pictures from being a regular grid, in words, and the grid."""
    if len(pictures) < 2:
        return (), None
    most = most_at_one_place(pictures)
    if most > 1:
        return (_doubles(pictures, most),), None
    spacing = pictures[0].plane.spacing
    if any(not _close(picture.plane.spacing, spacing) for picture in pictures):
        return (
            "The size of a pixel differs between the slices: this is not a volume, no planes can be cut.",
        ), None
    if pictures[0].plane.calibration is not Calibration.PATIENT:
        return ("The size of a pixel is not known: this is not a volume, no planes can be cut.",), None
    along = [picture.along for picture in pictures]
    if not _lie_on_a_line(pictures, along):
        words = (
            "The slices are shifted against each other unevenly: this is not a volume, no planes can be cut."
        )
        return (words,), None
    gaps = _gaps(along)
    return (gaps, None) if gaps else _grid(pictures)


def _doubles(pictures: tuple[Picture, ...], most: int) -> str:
    """A few doubles are a mistake of somebody; several pictures nearly everywhere belong there."""
    counts = Counter(picture.place for picture in pictures)
    doubled = [place for place, count in counts.items() if count > 1]
    if 2 * len(doubled) >= len(counts):
        return (
            f"Up to {most} pictures lie at the same place, one after the other: "
            "this is not a volume, no planes can be cut."
        )
    first = next(at for at, picture in enumerate(pictures, 1) if counts[picture.place] > 1)
    places = "one place" if len(doubled) == 1 else f"{len(doubled)} places"
    return (
        f"Several pictures lie at {places} (from picture {first}): "
        "this is not a volume, no planes can be cut."
    )


def _close(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return all(math.isclose(a, b, rel_tol=1e-3) for a, b in zip(one, other, strict=True))


def _lie_on_a_line(pictures: tuple[Picture, ...], along: list[float]) -> bool:
    """Whether the corners of the slices lie behind one another, straight or aslant."""
    first, last = pictures[0].plane.origin, pictures[-1].plane.origin
    way = [(b - a) / (along[-1] - along[0]) for a, b in zip(first, last, strict=True)]
    step = float(np.median(np.diff(along)))
    return all(
        math.dist(
            picture.plane.origin,
            [start + (at - along[0]) * part for start, part in zip(first, way, strict=True)],
        )
        <= max(UNEVEN * step, SAME_PLACE)
        for picture, at in zip(pictures, along, strict=True)
    )


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
        return (f"Slices are missing, about {lost} (after picture {where}): other planes stay empty there.",)
    first, count = along[0], len(steps)
    mean = (along[-1] - first) / count
    worst = max(abs(value - first - number * mean) for number, value in enumerate(along))
    if worst > max(UNEVEN * mean, SAME_PLACE):
        return (
            f"The slices are unevenly spaced, {min(steps):.3g} to {max(steps):.3g} mm: "
            "other planes are resampled.",
        )
    return ()


def _grid(pictures: tuple[Picture, ...]) -> tuple[tuple[str, ...], ImageGeometry | None]:
    plane, last, count = pictures[0].plane, pictures[-1].plane, len(pictures)
    step = tuple((b - a) / (count - 1) for a, b in zip(plane.origin, last.origin, strict=True))
    length = math.hypot(*step)
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
    across = abs(dot(geometry.directions[0], plane.normal))
    tilt = math.degrees(math.acos(min(1.0, across)))
    if tilt > 0.5:
        return (
            f"The slices are sheared by {tilt:.1f}° (gantry tilt): other planes are resampled.",
        ), geometry
    return (), geometry
