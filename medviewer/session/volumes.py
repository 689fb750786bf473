"""Stacks of frames as volumes, built when a plane, a model or a method asks for one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np

from medviewer.core.geometry import ImageGeometry
from medviewer.core.study import Series, SeriesKey
from medviewer.core.volume import Frame, FrameSource, Rescale, Volume, read_only
from medviewer.kit.errors import SeriesTrouble
from medviewer.kit.task import TaskContext


class _Load(Protocol):
    def __call__(self, series: SeriesKey, index: int) -> Frame: ...


class Volumes:
    """Builds the volumes of open series from their frames."""

    def __init__(self, source: Callable[[SeriesKey], tuple[Series, FrameSource]], load: _Load) -> None:
        self._source = source
        self._load = load
        self._known: dict[tuple[SeriesKey, int], tuple[Series, Volume]] = {}

    def geometry(self, series: Series) -> ImageGeometry | None:
        """The grid of the volume that a series makes, or None when it makes none."""
        found: ImageGeometry | None = series.geometry
        return found

    def at_hand(self, key: SeriesKey, index: int) -> Volume | None:
        """The stack that holds picture *index*, when it is built already and the series is still open."""
        known = self._known.get((key, index // max(self._source(key)[0].places, 1)))
        return None if known is None or known[0] is not self._source(key)[0] else known[1]

    def load(self, key: SeriesKey, index: int, context: TaskContext | None = None) -> Volume:
        """The stack that holds picture *index*. Raises FileTrouble, SeriesTrouble."""
        series, _ = self._source(key)
        number = index // max(series.places, 1)
        known = self._known.get((key, number))
        if known is not None and known[0] is series:
            return known[1]
        geometry = self.geometry(series)
        if geometry is None:
            raise SeriesTrouble("This series is not a volume: no planes can be cut.", "Look at its slices.")
        context = context or TaskContext()
        frames = []
        for place in range(series.places):
            context.report(place / series.places, "Building the volume")
            frames.append(self._load(key, number * series.places + place))
        volume = _stacked(key, geometry, frames)
        self._known[key, number] = (series, volume)
        return volume


def _stacked(key: SeriesKey, geometry: ImageGeometry, frames: list[Frame]) -> Volume:
    first = frames[0]
    same = all(frame.rescale == first.rescale for frame in frames)
    voxels = np.stack([frame.pixels if same else frame.values() for frame in frames])
    return Volume(
        voxels=read_only(voxels),
        rescale=first.rescale if same else Rescale(unit=first.rescale.unit),
        geometry=geometry,
        series=key,
        padding=first.padding if same else None,
        inverted=first.inverted,
        windows=frames[len(frames) // 2].windows,
        frames=tuple(frames) if same else (),
    )
