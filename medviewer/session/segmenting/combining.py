"""Masks into the slices of a label map: added, subtracted, intersected, and never into what is locked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from medviewer.core.labels import LabelMap
from medviewer.core.volume import read_only
from medviewer.kit.frozen import frozen

Slice = NDArray[np.uint8]
Mask = NDArray[np.bool_]


class Mode(Enum):
    """What becomes of a label when something was found for it."""

    REPLACE = "replace"
    ADD = "add"
    SUBTRACT = "subtract"
    INTERSECT = "intersect"


@frozen
class Into:
    """Which label of a map is changed, and what may be taken from others for it."""

    value: int
    mode: Mode = Mode.REPLACE
    kept: frozenset[int] = frozenset()
    """values from which nothing may be taken"""

    @classmethod
    def of(cls, labels: LabelMap, value: int, mode: Mode = Mode.REPLACE, over_others: bool = True) -> Into:
        """Into a label of a map; without *over_others* nothing is taken from any other one."""
        others = (one for one in labels.labels if one.value != value)
        return cls(value, mode, frozenset(one.value for one in others if one.locked or not over_others))


def combined(before: Slice | None, mask: Mask, into: Into) -> Slice | None:
    """One slice with *mask* in it, read-only: *before* itself where nothing changes, None if empty."""
    old = np.zeros(mask.shape, np.uint8) if before is None else before
    own = old == into.value
    wanted = _JOINED[into.mode](own, mask)
    open_to_it = np.ones(256, bool)
    open_to_it[list(into.kept)] = False
    made = np.where(wanted & open_to_it[old], np.uint8(into.value), np.where(own, np.uint8(0), old))
    if np.array_equal(made, old):
        return before
    return read_only(made) if made.any() else None


_JOINED: dict[Mode, Callable[[Mask, Mask], Mask]] = {
    Mode.REPLACE: lambda _, found: found,
    Mode.ADD: np.logical_or,
    Mode.SUBTRACT: lambda own, found: own & ~found,
    Mode.INTERSECT: np.logical_and,
}


def part(labels: LabelMap, value: int, at: int) -> Mask | None:
    """Where one slice holds a value; None where it does not."""
    values = labels.slices[at] if at < len(labels.slices) else None
    if values is None:
        return None
    found: Mask = values == value
    return found if found.any() else None


def without(labels: LabelMap, value: int) -> LabelMap:
    """A label map in which nothing is marked with a value; the label itself stays."""
    changed: dict[int, Slice | None] = {}
    found = np.empty((0, 0), bool)
    for at, values in enumerate(labels.slices):
        if values is None:
            continue
        if found.shape != values.shape:  # one for all slices: room is not cheap by the hundred
            found = np.empty(values.shape, bool)
        if np.equal(values, value, out=found).any():
            left = values.copy()
            np.copyto(left, 0, where=found)
            changed[at] = read_only(left) if left.any() else None
    return labels.with_slices(changed)


def without_label(labels: LabelMap, value: int) -> LabelMap:
    """The same without the label too."""
    emptied = without(labels, value)
    return replace(emptied, labels=tuple(one for one in emptied.labels if one.value != value))
