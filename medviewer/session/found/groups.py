"""Marks put into as few label maps as they need: what overlaps, or others have made, stands apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from medviewer.core.finding import Provenance, State
from medviewer.core.labels import MOST_LABELS, SAFE_COLORS, Label, LabelMap
from medviewer.core.objects import StudyObject
from medviewer.core.study import SeriesKey
from medviewer.core.volume import read_only
from medviewer.kit.errors import BadValue
from medviewer.kit.frozen import frozen
from medviewer.session.found.places import Place, Places
from medviewer.session.keeping.packing import pack_ahead

MOST_BYTES = 2 << 30
"""Of all slices of one object together."""

Marks = dict[Place, NDArray[np.bool_]]
"""Where one thing is: (row, column) by picture."""


@frozen
class Made:
    """Label maps by series, from the lowest to the uppermost, and what has to be said of them."""

    groups: dict[SeriesKey, tuple[LabelMap, ...]]
    words: tuple[str, ...] = ()


class _Group:
    """A label map as it grows."""

    def __init__(self, series: SeriesKey, provenance: Provenance | None) -> None:
        self.series = series
        self.provenance = provenance
        self.labels: list[Label] = []
        self.slices: dict[int, NDArray[np.uint8]] = {}

    def has_room(self, marks: dict[int, NDArray[np.bool_]], provenance: Provenance | None) -> bool:
        if provenance != self.provenance or len(self.labels) >= MOST_LABELS:
            return False
        return not any((self.slices[at][mask] != 0).any() for at, mask in marks.items() if at in self.slices)

    def add(self, label: Label, marks: dict[int, NDArray[np.bool_]]) -> None:
        value = len(self.labels) + 1
        self.labels.append(replace(label, value=value))
        for at, mask in marks.items():
            if at not in self.slices:
                self.slices[at] = np.zeros(mask.shape, np.uint8)
            self.slices[at][mask] = value


class Pile:
    """Takes marks, label by label."""

    def __init__(self, found: StudyObject, places: Places) -> None:
        self._found = found
        self._places = places
        self._groups: list[_Group] = []
        self._labels = 0

    def add(self, label: Label, marks: Marks, provenance: Provenance | None = None) -> None:
        """Put one thing into the lowest map that has room for it. Raises BadValue beyond a bound."""
        color = label.color or SAFE_COLORS[self._labels % len(SAFE_COLORS)]
        self._labels += 1
        for key in dict.fromkeys(key for key, _ in marks):
            here = {index: mask for (series, index), mask in marks.items() if series == key}
            own = [one for one in self._groups if one.series == key]
            group = next((one for one in own if one.has_room(here, provenance)), None)
            if group is None:
                group = _Group(key, provenance)
                self._groups.append(group)
            group.add(replace(label, color=color), here)
        if sum(one.nbytes for group in self._groups for one in group.slices.values()) > MOST_BYTES:
            raise BadValue(
                f"{self._found.label} marks more than fits into {MOST_BYTES >> 30} GB.", "It was not drawn."
            )

    def made(self, words: tuple[str, ...] = ()) -> Made:
        """The label maps. Slow. Raises BadValue where there are none."""
        if not self._groups:
            raise BadValue(
                f"Nothing of {self._found.label} lies on an open picture.",
                "Open the pictures that it was made from.",
            )
        by_series: dict[SeriesKey, tuple[LabelMap, ...]] = {}
        for group in self._groups:
            by_series[group.series] = (*by_series.get(group.series, ()), self._map(group))
        return Made(by_series, words)

    def _map(self, group: _Group) -> LabelMap:
        count = self._places.series[group.series].count
        slices = tuple(read_only(group.slices[at]) if at in group.slices else None for at in range(count))
        pack_ahead(slices)  # the window would wait for it when the journal takes this
        return LabelMap(
            slices,
            tuple(group.labels),
            group.provenance,
            State.PROPOSED if group.provenance is not None else State.ACCEPTED,
            name=self._found.label,
            source=self._found.uid,
        )
