"""Decoded frames within one memory budget; one decode per frame however many ask."""

from __future__ import annotations

import os
from collections.abc import Callable
from threading import Lock

from medviewer.core.study import Series, SeriesKey
from medviewer.core.volume import Frame, FrameSource
from medviewer.kit.cache import ByteCache
from medviewer.kit.errors import SeriesTrouble

Place = tuple[str, str, int]
"""Which picture it is, whatever number it has in its series just now: path, member of an archive, frame."""
Source = Callable[[SeriesKey], tuple[Series, FrameSource]]


class Frames:
    """The decoded frames of all open series.

    They are kept by place: while a folder is being scanned its series grow and their pictures are renumbered.
    """

    def __init__(self, capacity: int, source: Source) -> None:
        self._cache: ByteCache[Place, Frame] = ByteCache(capacity)
        self._source = source
        self._lock = Lock()
        self._decoding: dict[Place, Lock] = {}

    def get(self, series: SeriesKey, index: int) -> Frame | None:
        """The frame, when it is already decoded and its series is open."""
        try:
            return self._cache.get(place(self._source(series)[0], index))
        except (SeriesTrouble, IndexError):
            return None

    def load(self, series: SeriesKey, index: int) -> Frame:
        """The frame, decoded if need be. Slow: workers call it. Raises FileTrouble, SeriesTrouble."""
        found, source = self._source(series)
        key = place(found, index)
        with self._lock:
            turn = self._decoding.setdefault(key, Lock())
        try:
            with turn:
                frame = self._cache.get(key)
                if frame is None:
                    frame = source.frame(index)
                    self._cache.put(key, frame, frame.pixels.nbytes)
        finally:
            with self._lock:
                self._decoding.pop(key, None)
        return frame

    def clear(self) -> None:
        """Drop everything."""
        self._cache.clear()


def place(series: Series, index: int) -> Place:
    """Where picture *index* of a series comes from. Raises IndexError."""
    address = series.frames[index]
    instance = series.instances[address.instance]
    return (instance.path, instance.member, address.frame)


def default_capacity() -> int:
    """A quarter of the machine's memory, or 1 GiB where the system does not tell."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 4
    except (AttributeError, ValueError, OSError):
        return 1 << 30
