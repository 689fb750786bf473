"""Label maps that share their slices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from medviewer.core.finding import Provenance, State
from medviewer.core.volume import read_only
from medviewer.kit.frozen import frozen

SAFE_COLORS = ("#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7")
"""Okabe and Ito's palette, which colour-blind readers can tell apart (jfly.uni-koeln.de/color, 2008)."""


@frozen
class Label:
    """What one value of a label map means."""

    value: int
    name: str
    color: str
    """#rrggbb"""
    visible: bool = True


@frozen(eq=False)
class LabelMap:
    """Which part of each picture belongs to what.

    One (row, column) uint8 array per frame, None where nothing is labelled; 0 is nobody. Slices are read-only
    and shared between maps, so that changing one slice copies one slice.
    """

    slices: tuple[NDArray[np.uint8] | None, ...]
    labels: tuple[Label, ...]
    provenance: Provenance | None = None
    state: State = State.PROPOSED
    opacity: float = 0.4

    @classmethod
    def empty(cls, count: int, labels: tuple[Label, ...] = ()) -> LabelMap:
        """A map for *count* frames on which nothing is labelled."""
        return cls((None,) * count, labels)

    def with_slices(self, changed: Mapping[int, NDArray[np.uint8]]) -> LabelMap:
        """With some slices exchanged; the arrays become read-only."""
        slices = list(self.slices)
        for index, values in changed.items():
            slices[index] = read_only(values)
        return replace(self, slices=tuple(slices))

    def with_visible(self, value: int, visible: bool) -> LabelMap:
        """With one label shown or hidden."""
        labels = (replace(label, visible=visible) if label.value == value else label for label in self.labels)
        return replace(self, labels=tuple(labels))

    @property
    def bytes(self) -> int:
        """The memory of all slices."""
        return sum(values.nbytes for values in self.slices if values is not None)


@frozen
class LabelLook:
    """How a label map is laid over a picture: ((value, "#rrggbb"), ...) of the visible labels."""

    colors: tuple[tuple[int, str], ...]
    opacity: float
    proposed: bool
    """Whether a model said so and nobody has accepted it; such a map is outlined with dashes."""
    key: int = 0
    """tells one slice from another, so that requests can be compared"""
