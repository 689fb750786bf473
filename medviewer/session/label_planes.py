"""Label maps cut like the stack they belong to: made once, then only what has changed is cut anew."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from medviewer.core.cut import Cut
from medviewer.core.geometry import ImageGeometry
from medviewer.core.labels import LabelMap
from medviewer.core.study import Series
from medviewer.core.volume import read_only
from medviewer.imaging.label_cut import LabelCut, Layers, label_cut, on_plane
from medviewer.kit.cache import Shelf
from medviewer.session.dimension import value_of

Slices = tuple[NDArray[np.uint8] | None, ...]
NEAR = 0.75
"""A layer of a resampled stack takes the labels of a slice that is no further off than this many steps."""
MOST_CUTS = 16
"""Planes of which it is remembered which voxels they show: those of all viewports, and a few more."""


class _Made(NamedTuple):
    """A plane of labels, and what it was made of."""

    slices: Slices
    layers: Layers
    labels: NDArray[np.uint8]
    """(row, column)"""
    way: LabelCut


class LabelPlanes:
    """Label maps by the identity of their slices, which never change. Any thread may ask."""

    def __init__(self, shelf: Shelf[Any]) -> None:
        """*shelf* has room for them among the pictures that they lie over."""
        self._shelf = shelf
        self._lock = Lock()
        self._ways: OrderedDict[tuple[ImageGeometry, Cut], LabelCut] = OrderedDict()

    def is_quick(self, geometry: ImageGeometry, cut: Cut) -> bool:
        """Whether `make` takes a millisecond or two, whatever has changed."""
        return (geometry, cut) in self._ways

    def make(
        self, series: Series, geometry: ImageGeometry, group: LabelMap, index: int, cut: Cut
    ) -> NDArray[np.uint8]:
        """The labels on a cut through the stack of picture *index*: (row, column) as `cut_plane` has it."""
        value = value_of(series, index)
        key = (series.key, group.id, value, geometry, cut)
        known: _Made | None = self._shelf.get(key)
        if known is not None and known.slices is group.slices:
            return known.labels
        layers = layers_of(series, geometry, group.slices, value)
        way = self._way(geometry, cut)
        is_like = known is not None and known.way is way and len(known.layers) == len(layers)
        before = (known.labels, known.layers) if known is not None and is_like else None
        labels = read_only(on_plane(way, layers, before))
        self._shelf.put(key, _Made(group.slices, layers, labels, way), labels.nbytes)
        return labels

    def forget(self) -> None:
        """Drop everything."""
        self._shelf.clear()
        with self._lock:
            self._ways.clear()

    def _way(self, geometry: ImageGeometry, cut: Cut) -> LabelCut:
        with self._lock:
            known = self._ways.get((geometry, cut))
            if known is not None:
                self._ways.move_to_end((geometry, cut))
                return known
        made = label_cut(geometry, cut)
        with self._lock:
            self._ways[geometry, cut] = made
            while len(self._ways) > MOST_CUTS:
                self._ways.popitem(last=False)
        return made


def label_stack(series: Series, geometry: ImageGeometry, slices: Slices, value: int) -> NDArray[np.uint8]:
    """(slice, row, column): the labels of one value's pictures on the grid of the stack, 0 where none are."""
    stack = np.zeros(geometry.shape, np.uint8)
    for layer, found in enumerate(layers_of(series, geometry, slices, value)):
        if found is not None:
            stack[layer] = found
    return read_only(stack)


def layers_of(series: Series, geometry: ImageGeometry, slices: Slices, value: int) -> Layers:
    """The label slices of one value's pictures as the layers of its stack, None where none are."""
    numbers = frames_of_layers(series, geometry, value)
    return tuple(None if at is None or at >= len(slices) else slices[at] for at in numbers)


def frames_of_layers(series: Series, geometry: ImageGeometry, value: int) -> tuple[int | None, ...]:
    """The number of the picture whose labels each layer of a stack shows, None in gaps.

    Where the stack was resampled between uneven slices, each of its layers takes the nearest slice.
    """
    first, places = value * series.places, series.places
    if geometry.shape[0] == places:
        return tuple(range(first, first + places))
    planes = [one.plane for one in series.frames[first : first + places]]
    normal = np.asarray(planes[0].normal)
    slices = np.asarray([one.origin for one in planes]) @ normal
    layers = geometry.to_patient([(layer, 0, 0) for layer in range(geometry.shape[0])]) @ normal
    away = np.abs(layers[:, None] - slices[None])
    nearest = away.argmin(axis=1)
    is_near = away.min(axis=1) <= NEAR * geometry.spacing[0]
    return tuple(first + int(at) if near else None for at, near in zip(nearest, is_near, strict=True))
