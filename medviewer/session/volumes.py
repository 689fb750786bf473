"""Stacks of frames as volumes, built when a plane, a model or a method asks for one."""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.geometry import ImageGeometry
from medviewer.core.study import Series, SeriesKey
from medviewer.core.volume import Frame, FrameSource, Volume
from medviewer.imaging.reslice import regular_geometry
from medviewer.kit.cache import ByteCache
from medviewer.kit.errors import SeriesTrouble
from medviewer.kit.task import TaskContext
from medviewer.session.dimension import block, place_of, value_of
from medviewer.session.places import place
from medviewer.session.stacks import Wanted, build

Source = Callable[[SeriesKey], tuple[Series, FrameSource]]


@dataclass(slots=True, eq=False)
class _Stack:
    """A volume, and the series as it was when it was built."""

    series: Series
    volume: Volume
    slices: dict[int, Frame] | None
    """the pictures by number in the stack, as far as they are made; None where they are not its slices"""


class Volumes:
    """The volumes of open series; one build however many ask. They share the memory of the frames."""

    def __init__(self, source: Source, cache: ByteCache[Hashable, Any]) -> None:
        """*cache* holds frames by their `place`, and from now on volumes beside them."""
        self._source = source
        self._cache = cache
        self._lock = Lock()
        self._building: dict[Hashable, Lock] = {}
        self._geometries: dict[SeriesKey, tuple[Series, ImageGeometry | None]] = {}

    def geometry(self, series: Series) -> ImageGeometry | None:
        """The grid of the volume that a series makes, or None when it makes none.

        Slices with gaps or uneven steps make one too: that to which they are resampled.
        """
        if series.geometry is not None:
            found: ImageGeometry = series.geometry
            return found
        known = self._geometries.get(series.key)
        if known is None or known[0] is not series:
            planes = [address.plane for address in series.frames[: series.places]]
            known = self._geometries[series.key] = (series, regular_geometry(planes))
        return known[1]

    def at_hand(self, key: SeriesKey, index: int) -> Volume | None:
        """The stack that holds picture *index*, when it is built already. Raises SeriesTrouble."""
        stack = self._stack(self._source(key)[0], index)
        return None if stack is None else stack.volume

    def slice_at(self, series: Series, index: int) -> Frame | None:
        """Picture *index* as a view of its volume, where that is built. Raises FileTrouble."""
        stack = self._stack(series, index)
        if stack is None or stack.slices is None:
            return None
        return stack.volume.frames[index % series.places]

    def known_slice(self, series: Series, index: int) -> Frame | None:
        """The same where it was asked for before: never slow."""
        stack = self._stack(series, index)
        return None if stack is None or stack.slices is None else stack.slices.get(index % series.places)

    def load(self, key: SeriesKey, index: int, context: TaskContext | None = None) -> Volume:
        """The stack that holds picture *index*, built if need be. Raises FileTrouble, SeriesTrouble."""
        series, source = self._source(key)
        name = _name(series, index)
        with self._lock:
            turn = self._building.setdefault(name, Lock())
        try:
            with turn:
                stack = self._stack(series, index) or self._built(series, source, index, context)
        finally:
            with self._lock:
                self._building.pop(name, None)
        return stack.volume

    def _stack(self, series: Series, index: int) -> _Stack | None:
        if not series.frames:
            return None
        stack: _Stack | None = self._cache.get(_name(series, index))
        if stack is None or stack.series is series:
            return stack
        # while a folder is being scanned a series may have been told anew without having changed
        if stack.series.frames != series.frames or stack.series.instances != series.instances:
            return None
        stack.series = series
        return stack

    def _built(self, series: Series, source: FrameSource, index: int, context: TaskContext | None) -> _Stack:
        geometry = self.geometry(series)
        if geometry is None:
            raise SeriesTrouble(_why_not(series), "Look at its pictures one by one.")
        indices = block(series, index)
        wanted = Wanted(
            series=series,
            source=source,
            geometry=geometry,
            indices=indices,
            around=place_of(series, index),
            at_hand=lambda at: self._cache.get(place(series, at)),
            most_bytes=self._cache.capacity,
            memory=self._memory,
        )
        volume, slices = build(wanted, context or TaskContext())
        stack = _Stack(series, volume, slices)
        singles = [] if slices is None else [place(series, at) for at in indices]
        for number, one in enumerate(singles):
            frame = self._cache.get(one)
            if frame is not None and slices is not None:
                slices.setdefault(number, replace(frame, pixels=volume.voxels[number]))
        self._cache.put(_name(series, index), stack, volume.voxels.nbytes)
        # only now, so that whoever looks at a slice has it all the time
        for one in singles:
            self._cache.discard(one)
        return stack

    def _memory(self, size: int) -> NDArray[np.uint8]:
        """So many bytes, after what was used longest ago has made room for them.

        Memory of a volume that goes, and that nobody looks at any more, is used again: memory from the system
        is filled with zeros first, which takes as long as half of the reading.
        """
        released = [one.volume.voxels.base for one in self._cache.make_room(size) if isinstance(one, _Stack)]
        alone = np.empty(0, np.uint8)
        while released:
            raw = released.pop()
            if not isinstance(raw, np.ndarray) or raw.dtype != np.uint8:
                continue
            # each view, and so each picture on a screen, counts as a reference
            if size <= raw.nbytes <= 1.25 * size and sys.getrefcount(raw) <= sys.getrefcount(alone):
                return raw[:size]
        return np.empty(size, np.uint8)


def _name(series: Series, index: int) -> Hashable:
    return ("volume", series.key, value_of(series, index))


def _why_not(series: Series) -> str:
    """Why no planes can be cut through a series, in words."""
    if series.places < 2:
        return "Planes need a stack of pictures, and this is only one."
    if not series.frames[0].plane.placed:
        return "These pictures do not say where they lie in the patient: no planes can be cut."
    reasons = [problem for problem in series.problems if "not a volume" in problem]
    return (
        f"No planes can be cut: {reasons[0][0].lower()}{reasons[0][1:]}"
        if reasons
        else ("These pictures do not form a stack: no planes can be cut.")
    )
