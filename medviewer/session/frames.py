"""Decoded frames within one memory budget; one decode per frame however many ask."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Lock

from medviewer.core.cut import Cut
from medviewer.core.geometry import ImageGeometry
from medviewer.core.study import Series, SeriesKey
from medviewer.core.volume import Frame, FrameSource, Volume
from medviewer.imaging.reslice import reslice
from medviewer.kit.cache import ByteCache
from medviewer.kit.errors import SeriesTrouble
from medviewer.kit.memory import free_bytes
from medviewer.kit.task import TaskContext
from medviewer.session.volumes import Volumes

Place = tuple[str, str, int]
"""Which picture it is, whatever number it has in its series just now: path, member of an archive, frame."""
LEAST_BYTES = 256 << 20
Source = Callable[[SeriesKey], tuple[Series, FrameSource]]


class Frames:
    """The decoded frames of all open series, and the cuts through their stacks.

    They are kept by place: while a folder is being scanned its series grow and their pictures are renumbered.
    """

    def __init__(self, capacity: int, source: Source) -> None:
        self._cache: ByteCache[Hashable, Frame] = ByteCache(capacity)
        self._source = source
        self._lock = Lock()
        self._decoding: dict[Hashable, Lock] = {}
        self._volumes = Volumes(source, self.load)

    def get(self, series: SeriesKey, index: int, cut: Cut | None = None) -> Frame | None:
        """The frame, or the cut through its stack, when it is there already and the series is open."""
        try:
            return self._cache.get(self._key(self._source(series)[0], index, cut))
        except (SeriesTrouble, IndexError):
            return None

    def load(
        self, series: SeriesKey, index: int, cut: Cut | None = None, context: TaskContext | None = None
    ) -> Frame:
        """The frame, decoded if need be. Slow: workers call it. Raises FileTrouble, SeriesTrouble."""
        found, source = self._source(series)
        key = self._key(found, index, cut)
        with self._lock:
            turn = self._decoding.setdefault(key, Lock())
        try:
            with turn:
                frame = self._cache.get(key)
                if frame is None:
                    frame = (
                        source.frame(index)
                        if cut is None
                        else reslice(self.volume(series, index, context), cut, context)
                    )
                    self._cache.put(key, frame, frame.pixels.nbytes)
        finally:
            with self._lock:
                self._decoding.pop(key, None)
        return frame

    def volume(self, series: SeriesKey, index: int = 0, context: TaskContext | None = None) -> Volume:
        """The stack that holds picture *index*, built if need be. Slow. Raises FileTrouble, SeriesTrouble."""
        return self._volumes.load(series, index, context)

    def geometry(self, series: Series) -> ImageGeometry | None:
        """The grid of the volume that a series makes, or None when it makes none."""
        return self._volumes.geometry(series)

    def _key(self, series: Series, index: int, cut: Cut | None) -> Hashable:
        if cut is None:
            return place(series, index)
        return (series.key, index // max(series.places, 1), self.geometry(series), cut)

    @property
    def held(self) -> int:
        """The bytes of all that is decoded now."""
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


def place(series: Series, index: int) -> Place:
    """Where picture *index* of a series comes from. Raises IndexError."""
    address = series.frames[index]
    instance = series.instances[address.instance]
    return (instance.path, instance.member, address.frame)


def default_capacity() -> int:
    """Half of the memory that is free now, and never so little that a picture would not fit."""
    return max(LEAST_BYTES, free_bytes() // 2)
