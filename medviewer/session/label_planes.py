"""Label maps cut like the stack they belong to: stacked once, kept with their planes while there is room."""

from __future__ import annotations

import itertools
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from medviewer.core.cut import Cut
from medviewer.core.geometry import ImageGeometry
from medviewer.core.labels import LabelMap
from medviewer.core.study import Series
from medviewer.core.volume import read_only
from medviewer.imaging.reslice import cut_plane, reslice_labels
from medviewer.kit.cache import Shelf
from medviewer.session.dimension import value_of

Slices = tuple[NDArray[np.uint8] | None, ...]
NEAR = 0.75
"""A layer of a resampled stack takes the labels of a slice that is no further off than this many steps."""


class _Stack(NamedTuple):
    """The labels of one value's pictures, and what they were made of."""

    slices: Slices
    geometry: ImageGeometry
    labels: NDArray[np.uint8]
    """(slice, row, column)"""
    number: int
    """tells its planes from those of others"""


class LabelPlanes:
    """Label maps by the identity of their slices, which never change. Any thread may ask."""

    def __init__(self, shelf: Shelf[Any]) -> None:
        """*shelf* has room for them among the pictures that they lie over."""
        self._shelf = shelf
        self._numbers = itertools.count()

    def get(self, series: Series, group: LabelMap, index: int, cut: Cut) -> NDArray[np.uint8] | None:
        """The labels on a cut through the stack of picture *index*, when they were made already."""
        stack: _Stack | None = self._shelf.get((series.key, group.id, value_of(series, index)))
        if stack is None or stack.slices is not group.slices:
            return None
        found: NDArray[np.uint8] | None = self._shelf.get((stack.number, cut))
        return found

    def make(
        self, series: Series, geometry: ImageGeometry, group: LabelMap, index: int, cut: Cut
    ) -> NDArray[np.uint8]:
        """The same, made if need be: (row, column) on the grid of `cut_plane`."""
        found = self.get(series, group, index, cut)
        if found is not None:
            return found
        stack = self._stack(series, geometry, group, value_of(series, index))
        made = read_only(reslice_labels(stack.labels, geometry, cut_plane(geometry, cut)))
        self._shelf.put((stack.number, cut), made, made.nbytes)
        return made

    def forget(self) -> None:
        """Drop everything."""
        self._shelf.clear()

    def _stack(self, series: Series, geometry: ImageGeometry, group: LabelMap, value: int) -> _Stack:
        key, slices = (series.key, group.id, value), group.slices
        known: _Stack | None = self._shelf.get(key)
        if known is not None and known.slices is slices and known.geometry == geometry:
            return known
        labels = label_stack(series, geometry, slices, value)
        made = _Stack(slices, geometry, labels, next(self._numbers))
        self._shelf.put(key, made, labels.nbytes)
        return made


def label_stack(series: Series, geometry: ImageGeometry, slices: Slices, value: int) -> NDArray[np.uint8]:
    """(slice, row, column): the labels of one value's pictures on the grid of the stack, 0 where none are.

    Where the stack was resampled between uneven slices, each of its layers takes the nearest slice.
    """
    first, places = value * series.places, series.places
    own = slices[first : first + places]
    stack = np.zeros(geometry.shape, np.uint8)
    for layer in range(geometry.shape[0]):
        at: int | None = layer
        if geometry.shape[0] != places:
            at = _nearest(series, geometry, layer, first)
        found = own[at] if at is not None and at < len(own) else None
        if found is not None:
            stack[layer] = found
    return read_only(stack)


def _nearest(series: Series, geometry: ImageGeometry, layer: int, first: int) -> int | None:
    origin = geometry.plane(layer).origin
    planes = [one.plane for one in series.frames[first : first + series.places]]
    at = min(range(len(planes)), key=lambda number: abs(planes[number].distance(origin)))
    return at if abs(planes[at].distance(origin)) <= NEAR * geometry.spacing[0] else None
