"""Several pictures at one place: a second dimension where they make a full grid, else stacks of their own."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from medviewer.core.study import Dimension
from medviewer.dicom.differences import CONTRASTS, KINDS, SOURCES, TIMES, Difference, Value
from medviewer.dicom.placing import Picture, most_at_one_place
from medviewer.kit.frozen import frozen

_SAME_SPOT = 0.5
"""How far a picture may be off the others at its place, within the plane, in pixels."""


@frozen
class Part:
    """Pictures that make one stack, in order: value by value, and along the patient within each."""

    pictures: tuple[Picture, ...]
    label: str = ""
    """what tells it from its siblings, for the reader"""
    key: str = ""
    """the same for the key of its series, "" for what keeps the key of the whole"""
    dimension: Dimension | None = None
    reasons: tuple[str, ...] = ()
    """why it was taken apart, in words"""


def arranged(pictures: Sequence[Picture]) -> list[Part]:
    """Placed pictures of one series, direction and size as the parts that make stacks.

    What is another kind of picture comes apart first. Then the difference that makes a full grid of places
    and values is the second dimension; values that lack places stand beside it, with the reason.
    """
    return _arranged(Part(tuple(pictures)))


def _arranged(part: Part) -> list[Part]:
    places = {picture.place for picture in part.pictures}
    if len(places) == len(part.pictures) or len(places) == 1:
        return [part]
    for kind in KINDS:
        found = _split(part, kind)
        if found:
            return found
    for contrast in CONTRASTS:
        found = _grid(part, contrast) or _split(part, contrast)
        if found:
            return found
    for time in TIMES:
        found = _grid(part, time)
        if found:
            return found
    for other in TIMES + SOURCES:
        found = _split(part, other)
        if found:
            return found
    return [part]


def _grid(part: Part, difference: Difference) -> list[Part]:
    """The part with a second dimension, beside it values that lack places; nothing when there is none."""
    values = difference.parted(part.pictures)
    if len(values) < 2 or any(most_at_one_place(value.pictures) > 1 for value in values):
        return []
    sets = Counter(frozenset(picture.place for picture in value.pictures) for value in values)
    usual, count = max(sets.items(), key=lambda item: (item[1] * len(item[0]), len(item[0])))
    if count < 2 or len(usual) < 2 or 2 * count * len(usual) <= len(part.pictures):
        return []
    full = [value for value in values if {picture.place for picture in value.pictures} == usual]
    if not _lie_on_one_another(full):
        return []
    rest = [value for value in values if value not in full]
    in_order = tuple(picture for value in full for picture in _along(value.pictures))
    dimension = Dimension(difference.name, tuple(value.name for value in full), difference.unit)
    whole = Part(in_order, part.label, part.key, dimension, part.reasons)
    return [whole, *(_beside(part, difference, value, len(usual)) for value in rest)]


def _beside(part: Part, difference: Difference, value: Value, places: int) -> Part:
    label = _named(difference, value)
    reason = (
        f"{_sentence(label)} has {len(value.pictures)} pictures where the other values have {places}: "
        "it stands apart."
    )
    return Part(
        tuple(_along(value.pictures)), _joined(part.label, label), _keyed(part, difference, value), None,
        (*part.reasons, reason),
    )  # fmt: skip


def _split(part: Part, difference: Difference) -> list[Part]:
    """The part as one for each value, each looked at again; nothing when that tells nothing apart."""
    values = difference.parted(part.pictures)
    most = most_at_one_place(part.pictures)
    # a value that is another on every slice tells nothing: it would leave slivers
    if not 1 < len(values) <= 2 * most or 2 * len(values) > len(part.pictures):
        return []
    if max(most_at_one_place(value.pictures) for value in values) == most:
        return []
    reasons = (*part.reasons, _why(difference, values))
    keeper = max(values, key=lambda value: len(value.pictures)) if difference in CONTRASTS + TIMES else None
    found = []
    for value in values:
        label = _named(difference, value)
        # while a folder is being read a grid is not full yet: its fullest part has the key of the whole
        key = part.key if value is keeper else _keyed(part, difference, value)
        found += _arranged(
            Part(tuple(_along(value.pictures)), _joined(part.label, label), key, None, reasons)
        )
    return found


def _why(difference: Difference, values: list[Value]) -> str:
    words = f"The series holds several pictures at each place, which differ in {difference.name.lower()}"
    counts = {len(value.pictures) for value in values}
    if difference in KINDS + SOURCES or len(counts) == 1:
        return f"{words}: they are shown as several stacks."
    fewest = min(values, key=lambda value: len(value.pictures))
    return (
        f"{words}; {_named(difference, fewest)} has only {len(fewest.pictures)} of {max(counts)}: "
        "they are shown as several stacks."
    )


def _named(difference: Difference, value: Value) -> str:
    return f"{difference.short} {value.name}".strip()


def _keyed(part: Part, difference: Difference, value: Value) -> str:
    return _joined(part.key, f"{difference.short} {value.key or value.name}".strip())


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _joined(label: str, more: str) -> str:
    return f"{label}, {more}".lstrip(", ")


def _along(pictures: Sequence[Picture]) -> list[Picture]:
    return sorted(pictures, key=lambda picture: picture.place)


def _lie_on_one_another(values: list[Value]) -> bool:
    """Whether all pictures at one place are of one spot; the table may have moved in between."""
    first = {picture.place: picture.plane for picture in values[0].pictures}
    for value in values[1:]:
        for picture in value.pictures:
            plane = first[picture.place]
            if plane.spacing != picture.plane.spacing:
                return False
            if math.dist(plane.origin, picture.plane.origin) > _SAME_SPOT * min(plane.spacing):
                return False
    return True
