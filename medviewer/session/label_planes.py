"""Label maps cut like the stack they belong to: stacked once, each plane of them kept for a while."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from medviewer.core.cut import Cut
from medviewer.core.geometry import ImageGeometry
from medviewer.core.study import Series, SeriesKey
from medviewer.core.volume import read_only
from medviewer.imaging.reslice import cut_plane, reslice_labels
from medviewer.session.dimension import value_of

Slices = tuple[NDArray[np.uint8] | None, ...]
MOST_PLANES = 48
NEAR = 0.75
"""A layer of a resampled stack takes the labels of a slice that is no further off than this many steps."""


class LabelPlanes:
    """Label maps by the identity of their slices, which never change. Any thread may ask."""

    def __init__(self) -> None:
        self._stacks: dict[tuple[SeriesKey, int], tuple[Slices, ImageGeometry, NDArray[np.uint8]]] = {}
        self._planes: OrderedDict[tuple[int, Cut], tuple[NDArray[np.uint8], NDArray[np.uint8]]] = (
            OrderedDict()
        )
        self._lock = Lock()

    def get(self, series: Series, slices: Slices, index: int, cut: Cut) -> NDArray[np.uint8] | None:
        """The labels on a cut through the stack of picture *index*, when they were made already."""
        with self._lock:
            known = self._stacks.get((series.key, value_of(series, index)))
            if known is None or known[0] is not slices:
                return None
            found = self._planes.get((id(known[2]), cut))
            return None if found is None else found[1]

    def make(
        self, series: Series, geometry: ImageGeometry, slices: Slices, index: int, cut: Cut
    ) -> NDArray[np.uint8]:
        """The same, made if need be: (row, column) on the grid of `cut_plane`."""
        found = self.get(series, slices, index, cut)
        if found is not None:
            return found
        stack = self._stack(series, geometry, slices, value_of(series, index))
        made = read_only(reslice_labels(stack, geometry, cut_plane(geometry, cut)))
        with self._lock:
            # the stack is kept beside the plane, so that its identity stays its own
            self._planes[id(stack), cut] = (stack, made)
            while len(self._planes) > MOST_PLANES:
                self._planes.popitem(last=False)
        return made

    def forget(self) -> None:
        """Drop everything."""
        with self._lock:
            self._stacks.clear()
            self._planes.clear()

    def _stack(
        self, series: Series, geometry: ImageGeometry, slices: Slices, value: int
    ) -> NDArray[np.uint8]:
        with self._lock:
            known = self._stacks.get((series.key, value))
            if known is not None and known[0] is slices and known[1] == geometry:
                return known[2]
        made = label_stack(series, geometry, slices, value)
        with self._lock:
            self._stacks[series.key, value] = (slices, geometry, made)
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
