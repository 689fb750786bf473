"""Decoded frames within one memory budget; one decode per frame however many ask."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import replace
from threading import Lock
from typing import Any

from medviewer.core.cut import Cut
from medviewer.core.geometry import ImageGeometry, Plane
from medviewer.core.study import Series, SeriesKey
from medviewer.core.volume import Frame, FrameSource, Volume
from medviewer.imaging.grayscale import automatic_stack_voi
from medviewer.imaging.reslice import onto, reslice
from medviewer.kit.cache import ByteCache, Shelf
from medviewer.kit.errors import SeriesTrouble
from medviewer.kit.memory import free_bytes
from medviewer.kit.task import TaskContext
from medviewer.session.dimension import value_of
from medviewer.session.places import on_grid, place
from medviewer.session.volumes import Volumes

LEAST_BYTES = 256 << 20
Source = Callable[[SeriesKey], tuple[Series, FrameSource]]


class Frames:
    """The decoded frames of all open series, and the cuts through their stacks.

    They are kept by place: while a folder is being scanned its series grow and their pictures are renumbered.
    """

    def __init__(self, capacity: int, source: Source) -> None:
        self._cache: ByteCache[Hashable, Any] = ByteCache(capacity)
        self._source = source
        self._lock = Lock()
        self._decoding: dict[Hashable, Lock] = {}
        self._volumes = Volumes(source, self._cache)

    def get(self, series: SeriesKey, index: int, cut: Cut | None = None) -> Frame | None:
        """The frame, or the cut through its stack, when it is there already and the series is open."""
        try:
            found = self._source(series)[0]
            frame: Frame | None = self._cache.get(self._key(found, index, cut))
        except (SeriesTrouble, IndexError):
            return None
        return self._volumes.known_slice(found, index) if frame is None and cut is None else frame

    def missing(self, series: SeriesKey, indices: Iterable[int]) -> list[int]:
        """Which of the pictures *indices* are not there yet; none where the series is closed."""
        try:
            found = self._source(series)[0]
        except SeriesTrouble:
            return []
        return [
            index
            for index in indices
            if self._cache.get(place(found, index)) is None
            and self._volumes.known_slice(found, index) is None
        ]

    def load(
        self, series: SeriesKey, index: int, cut: Cut | None = None, context: TaskContext | None = None
    ) -> Frame:
        """The frame, decoded if need be. Slow: workers call it. Raises FileTrouble, SeriesTrouble."""
        found, source = self._source(series)

        def make() -> Frame:
            if context is not None:
                context.check()
            if cut is None:
                return source.frame(index)
            return reslice(self.volume(series, index, context), cut, context)

        # the slices of a volume are views of it, and need no memory of their own
        view = self._volumes.slice_at(found, index) if cut is None else None
        return self._once(self._key(found, index, cut), make) if view is None else view

    def onto(self, series: SeriesKey, index: int, plane: Plane) -> Frame | None:
        """The stack that holds picture *index* on the grid of *plane*, when it is there already."""
        try:
            frame: Frame | None = self._cache.get(self._key(self._source(series)[0], index, plane))
        except SeriesTrouble:
            return None
        return frame

    def load_onto(
        self, series: SeriesKey, index: int, plane: Plane, context: TaskContext | None = None
    ) -> Frame:
        """The stack that holds picture *index* on the grid of *plane*, NaN where it does not reach.

        Where the file has no window, the frame has one that serves the whole stack. Slow: workers call it.
        Raises FileTrouble, SeriesTrouble where both have no place in common.
        """
        found, source = self._source(series)

        def make() -> Frame:
            if context is not None:
                context.check()
            lone = None if self.geometry(found) is not None else on_grid(found, plane)
            if lone is not None:
                return source.frame(lone)
            volume = self.volume(series, index, context)
            if not plane.placed or plane.frame_of_reference != volume.geometry.frame_of_reference:
                raise SeriesTrouble(
                    "These two series have no place in common: they lie in different frames of reference.",
                    "Choose a series that was acquired together with this one.",
                )
            frame = onto(volume, plane, context)
            known = any(voi.is_known for voi in frame.windows)
            return frame if known else replace(frame, windows=(automatic_stack_voi(volume),))

        return self._once(self._key(found, index, plane), make)

    def volume(self, series: SeriesKey, index: int = 0, context: TaskContext | None = None) -> Volume:
        """The stack that holds picture *index*, built if need be. Slow. Raises FileTrouble, SeriesTrouble."""
        return self._volumes.load(series, index, context)

    def volume_at_hand(self, series: SeriesKey, index: int) -> Volume | None:
        """The stack that holds picture *index*, when it is built already and the series is open."""
        try:
            return self._volumes.at_hand(series, index)
        except SeriesTrouble:
            return None

    def geometry(self, series: Series) -> ImageGeometry | None:
        """The grid of the volume that a series makes, or None when it makes none."""
        return self._volumes.geometry(series)

    def _once(self, key: Hashable, make: Callable[[], Frame]) -> Frame:
        """What is kept under *key*; made by one thread while others wait for it."""
        with self._lock:
            turn = self._decoding.setdefault(key, Lock())
        try:
            with turn:
                frame: Frame | None = self._cache.get(key)
                if frame is None:
                    frame = make()
                    self._cache.put(key, frame, frame.bytes)
        finally:
            with self._lock:
                self._decoding.pop(key, None)
        return frame

    def _key(self, series: Series, index: int, cut: Cut | Plane | None) -> Hashable:
        if cut is None:
            return place(series, index)
        return (series.key, value_of(series, index), self.geometry(series), cut)

    def shelf(self, name: str) -> Shelf[Any]:
        """Room, within the budget of all pictures, for what is made from frames."""
        return self._cache.shelf(name)

    @property
    def held(self) -> int:
        """The bytes of all that is decoded now, and of what was made from it."""
        return self._cache.held

    @property
    def capacity(self) -> int:
        """The bytes that may be."""
        return self._cache.capacity

    def resize(self, capacity: int) -> None:
        """Keep at most *capacity* bytes from now on; what was used longest ago goes first."""
        self._cache.resize(capacity)

    def clear(self) -> None:
        """Drop everything."""
        self._cache.clear()


def default_capacity() -> int:
    """Half of the memory that is free now, and never so little that a picture would not fit."""
    return max(LEAST_BYTES, free_bytes() // 2)
