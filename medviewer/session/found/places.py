"""Which open pictures an object speaks of: by their UIDs, and only where there are none by their place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from medviewer.core.object_kind import ObjectKind
from medviewer.core.objects import Picture, StudyObject
from medviewer.core.study import Series, SeriesKey, Study
from medviewer.dicom.objects.classes import kind_of

Place = tuple[SeriesKey, int]
"""A series, and the number of a picture in it."""


class Places:
    """The open pictures by their UIDs."""

    def __init__(self, studies: Iterable[Study]) -> None:
        self.series: dict[SeriesKey, Series] = {}
        """those with pictures that objects may speak of"""
        self._by_uid: dict[str, list[tuple[int, Place]]] = {}
        for study in studies:
            for series in study.series:
                if series.count and has_pictures(series):
                    self._take(series)

    def of(self, pictures: Sequence[Picture]) -> tuple[Place, ...]:
        """The open pictures among *pictures*, each once, in that order."""
        found: dict[Place, None] = {}
        for uid, frame in pictures:
            for at, place in self._by_uid.get(uid, ()):
                if frame in (-1, at):
                    found[place] = None
        return tuple(found)

    def missing(self, pictures: Sequence[Picture]) -> int:
        """How many instances of *pictures* are not open."""
        return sum(uid not in self._by_uid for uid in {uid for uid, _ in pictures})

    def most_meant(self, found: StudyObject, active: SeriesKey | None = None) -> SeriesKey | None:
        """The series that an object is about: the active one if it is named, else that named most often.

        Where none of its pictures is open, one that lies in its frame of reference; else None.
        """
        counts = Counter(key for key, _ in self.of(found.pictures))
        if counts:
            return active if active in counts else counts.most_common(1)[0][0]
        near = [one.key for one in self.in_frame(found.frame_of_reference) if one.key != found.series]
        return active if active in near else next(iter(near), None)

    def in_frame(self, frame_of_reference: str) -> Iterator[Series]:
        """The series that lie in a frame of reference."""
        for series in self.series.values():
            plane = series.frames[0].plane
            if frame_of_reference and plane.placed and plane.frame_of_reference == frame_of_reference:
                yield series

    def _take(self, series: Series) -> None:
        self.series[series.key] = series
        for index, one in enumerate(series.frames):
            uid = series.instances[one.instance].sop_instance
            self._by_uid.setdefault(uid, []).append((one.frame, (series.key, index)))


def has_pictures(series: Series) -> bool:
    """Whether a series holds pictures that others may speak of; a parametric map is a picture too."""
    return any(kind_of(one.sop_class) in (None, ObjectKind.MAP) for one in series.instances)
