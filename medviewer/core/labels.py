"""Label maps that share their slices."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Mapping
from dataclasses import field, replace

import numpy as np
from numpy.typing import NDArray

from medviewer.core.codes import Code
from medviewer.core.finding import Provenance, State
from medviewer.core.volume import read_only
from medviewer.kit.frozen import frozen

SAFE_COLORS = ("#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7")
"""Okabe and Ito's palette, which colour-blind readers can tell apart (jfly.uni-koeln.de/color, 2008)."""
MOST_LABELS = 255


@frozen
class Label:
    """What one value of a label map means, and how it is drawn."""

    value: int
    """1 to 255"""
    name: str
    color: str
    """#rrggbb"""
    visible: bool = True
    locked: bool = False
    """whether nothing may be painted into it or taken from it"""
    filled: bool = True
    """False draws the outline only"""
    opacity: float | None = None
    """of its fill, 0 to 1; None: that of the map"""
    category: Code | None = None
    """Segmented Property Category, for instance (123037004, SCT, "Anatomical Structure")"""
    meaning: Code | None = None
    """Segmented Property Type, for instance (39607008, SCT, "Lung")"""
    tracking: str = ""
    """UID under which other studies follow the same thing; "" is none yet"""
    method: str = ""
    """with which a person has found it, for instance "Otsu's threshold"; "" is by hand"""


@frozen(eq=False)
class LabelMap:
    """Which part of each picture belongs to what: one group of labels that do not overlap each other.

    A series may have several groups, and what overlaps stands in different ones. One (row, column) uint8
    array per frame, None where nothing is labelled; 0 is nobody. Slices are read-only and shared between
    maps, so that changing one slice copies one slice.
    """

    slices: tuple[NDArray[np.uint8] | None, ...]
    labels: tuple[Label, ...]
    provenance: Provenance | None = None
    """the model that made it, None for a reader"""
    state: State = State.PROPOSED
    opacity: float = 0.4
    name: str = ""
    source: str = ""
    """SOP Instance UID of the object that it was read from"""
    id: str = field(default_factory=lambda: os.urandom(16).hex())

    @classmethod
    def empty(cls, count: int, labels: tuple[Label, ...] = ()) -> LabelMap:
        """A map for *count* frames on which nothing is labelled."""
        return cls((None,) * count, labels)

    def with_slices(self, changed: Mapping[int, NDArray[np.uint8] | None]) -> LabelMap:
        """With some slices exchanged; the arrays become read-only."""
        slices = list(self.slices)
        for index, values in changed.items():
            slices[index] = None if values is None else read_only(values)
        return replace(self, slices=tuple(slices))

    def with_label(self, value: int, how: Callable[[Label], Label]) -> LabelMap:
        """With one label changed; nothing happens where there is none of this value."""
        return replace(self, labels=tuple(how(one) if one.value == value else one for one in self.labels))

    def with_visible(self, value: int, visible: bool) -> LabelMap:
        """With one label shown or hidden."""
        return self.with_label(value, lambda label: replace(label, visible=visible))

    def label(self, value: int) -> Label | None:
        """What a value means, None when nothing has it."""
        return next((one for one in self.labels if one.value == value), None)

    @property
    def is_proposal(self) -> bool:
        """Whether a model said so and nobody has accepted it."""
        return self.provenance is not None and self.state is State.PROPOSED

    @property
    def bytes(self) -> int:
        """The memory of all slices."""
        return sum(values.nbytes for values in self.slices if values is not None)


@frozen
class LabelStyle:
    """How one label is laid over a picture."""

    value: int
    color: str
    """#rrggbb"""
    opacity: float = 0.4
    """of the fill; 0 draws the outline only"""


@frozen
class LabelLook:
    """How a label map is laid over a picture."""

    styles: tuple[LabelStyle, ...]
    """of the visible labels"""
    proposed: bool = False
    """whether a model said so and nobody has accepted it; such a map is outlined with dashes"""
    key: Hashable = 0
    """tells one slice from another, so that requests can be compared"""
    group: str = ""
    """id of the map"""
