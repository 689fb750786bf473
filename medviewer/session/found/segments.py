"""Segmentations as label maps of the series that they are about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.finding import Provenance
from medviewer.core.geometry import Plane
from medviewer.core.labels import Label
from medviewer.core.objects import StudyObject
from medviewer.core.segments import Segment, Segmentation, SegmentFrame, SegmentType
from medviewer.core.study import Instance, SeriesKey
from medviewer.dicom.decode import Decoder
from medviewer.dicom.objects.segmentation import SegmentPixels
from medviewer.imaging.masks import is_same_grid, onto_plane
from medviewer.kit.task import TaskContext
from medviewer.session.found.groups import Made, Marks, Pile
from medviewer.session.found.places import Place, Places
from medviewer.session.places import on_grid

LONE_MM = 5.0
"""How thick a frame is taken to be where neither it nor its neighbours say so."""


def groups_of_segments(
    found: StudyObject,
    instance: Instance,
    places: Places,
    decoder: Decoder,
    context: TaskContext,
    active: SeriesKey | None = None,
) -> Made:
    """A segmentation as label maps: segments that overlap or were made by others stand in maps of their own.

    *active* is the series it goes to where it is about several. Slow. Raises FileTrouble, and BadValue where
    nothing of it lies on an open picture.
    """
    assert isinstance(found.content, Segmentation)
    segmentation = found.content
    segments = {one.number: one for one in segmentation.segments}
    by_segment: dict[int, list[int]] = defaultdict(list)
    for number, frame in enumerate(segmentation.frames):
        by_segment[frame.segment].append(number)
    laying = _Laying(segmentation, places, places.most_meant(found, active))
    pile = Pile(found, places)
    with closing(SegmentPixels(instance, segmentation, decoder)) as pixels:
        for done, (number, frames) in enumerate(sorted(by_segment.items())):
            context.check()
            context.report(done / len(by_segment), segments[number].name if number else "")
            for segment, marks in laying.marks(number, frames, pixels, context):
                if segment in segments:
                    one = segments[segment]
                    pile.add(_label(one), marks, _provenance(found, one))
    return pile.made(laying.words())


class _Laying:
    """Finds for each frame the picture that it belongs to."""

    def __init__(self, segmentation: Segmentation, places: Places, meant: SeriesKey | None) -> None:
        self._frames = segmentation.frames
        self._thickness = segmentation.thickness
        self._is_map = segmentation.type is SegmentType.LABELMAP
        self._places = places
        self._meant = meant
        self._resampled = 0
        self._nowhere = 0

    def marks(
        self, number: int, frames: Sequence[int], pixels: SegmentPixels, context: TaskContext
    ) -> Iterator[tuple[int, Marks]]:
        """Each segment that occurs in *frames*, all of one segment unless it is a label map."""
        laid: dict[Place, NDArray[Any]] = {}
        apart: list[tuple[Plane, NDArray[Any]]] = []
        for at in frames:
            context.check()
            values = pixels.read(at)
            if not values.any():
                continue
            place = self._place(self._frames[at])
            if place is not None:
                laid[place] = np.maximum(laid[place], values) if place in laid else values
            elif self._can_be_resampled(self._frames[at].plane):
                apart.append((self._frames[at].plane, values))
            else:
                self._nowhere += 1
        if apart and self._meant is not None:
            self._resampled += len(apart)
            for place, values in self._onto(apart, context):
                laid[place] = np.maximum(laid[place], values) if place in laid else values
        if not self._is_map:
            yield number, {place: values.astype(bool) for place, values in laid.items()}
            return
        present = sorted({value for values in laid.values() for value in np.unique(values).tolist()} - {0})
        for value in present:
            context.check()
            yield int(value), {place: at for place, values in laid.items() if (at := values == value).any()}

    def words(self) -> tuple[str, ...]:
        """What has to be said of how the frames were laid."""
        words = []
        if self._resampled:
            words.append(
                f"{self._resampled:,} of its frames lie on another grid than the pictures: "
                "each pixel shows the nearest one of the segmentation."
            )
        if self._nowhere:
            words.append(f"{self._nowhere:,} of its frames lie on no open picture.")
        return tuple(words)

    def _place(self, frame: SegmentFrame) -> Place | None:
        """The picture whose pixels those of a frame are: by its sources, else by its place."""
        named = self._places.of(frame.sources)
        for key, index in sorted(named, key=lambda one: one[0] != self._meant):
            plane = self._places.series[key].frames[index].plane
            if is_same_grid(plane, frame.plane):
                return key, index
            if plane.shape == frame.plane.shape and not (plane.placed and frame.plane.placed):
                return key, index
        series = None if self._meant is None else self._places.series[self._meant]
        if series is None or not frame.plane.placed:
            return None
        index_there = on_grid(series, frame.plane)
        return None if index_there is None else (series.key, index_there)

    def _can_be_resampled(self, plane: Plane) -> bool:
        if self._meant is None or not plane.placed:
            return False
        there = self._places.series[self._meant].frames[0].plane
        return there.placed and there.frame_of_reference == plane.frame_of_reference

    def _onto(
        self, apart: list[tuple[Plane, NDArray[Any]]], context: TaskContext
    ) -> Iterator[tuple[Place, NDArray[Any]]]:
        assert self._meant is not None
        first = apart[0][0]
        layers = [one for one in apart if one[0].is_parallel(first, 1e-3)]
        self._nowhere += len(apart) - len(layers)
        thickness = self._step(first)
        for index, one in enumerate(self._places.series[self._meant].frames):
            context.check()
            values = onto_plane(layers, one.plane, thickness)
            if values is not None:
                yield (self._meant, index), values

    def _step(self, like: Plane) -> float:
        """How far apart the frames of the file lie."""
        if self._thickness > 0:
            return self._thickness
        heights = np.unique(np.round([like.distance(one.plane.origin) for one in self._frames], 3))
        return float(np.diff(heights).min()) if len(heights) > 1 else LONE_MM


def _label(segment: Segment) -> Label:
    return Label(
        value=1,
        name=segment.name,
        color=segment.color,
        category=segment.category,
        meaning=segment.meaning,
        tracking=segment.tracking,
        method=(segment.algorithm or "A method") if segment.how == "SEMIAUTOMATIC" else "",
    )


def _provenance(found: StudyObject, segment: Segment) -> Provenance | None:
    """The algorithm that made a segment without a person, None otherwise."""
    if segment.how != "AUTOMATIC":
        return None
    model = segment.algorithm or found.made_by or "An algorithm"
    return Provenance(model, segment.version, "", found.when, (("object", found.uid),))
