"""Outlines of structure sets on the pictures of a series, exactly as they are stored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from medviewer.core.geometry import Plane
from medviewer.core.labels import SAFE_COLORS
from medviewer.core.objects import StudyObject
from medviewer.core.outlines import Outline
from medviewer.core.structures import Contour, Region, StructureSet
from medviewer.core.study import Series, SeriesKey
from medviewer.kit.frozen import frozen
from medviewer.kit.task import TaskContext
from medviewer.session.found.places import Places

FLAT_MM = 0.5
"""Points of an outline that lie no further apart across the picture make it one that lies on a picture."""
LONE_MM = 2.5
"""So far from a lone picture an outline still counts as lying on it."""


@frozen(eq=False)
class Outlined:
    """A structure set that is to be seen."""

    uid: str
    pictures: Mapping[tuple[SeriesKey, int], tuple[Outline, ...]]
    """by series and number of the picture"""
    left_out: int = 0
    """outlines that lie on no open picture"""


Placed = tuple[SeriesKey, int, Region, Contour, NDArray[np.float64]]
"""Where an outline lies, and its points as rows and columns of that picture."""


def outlined(found: StudyObject, places: Places, context: TaskContext) -> Outlined:
    """All outlines on all open pictures that they were drawn on. Slow."""
    pictures: dict[tuple[SeriesKey, int], list[Outline]] = defaultdict(list)
    colors = colors_of(found)
    total = 0
    for key, index, region, contour, spots in placed(found, places, context):
        if key:
            outline = Outline(spots, contour.closed, colors[region.number], region.name)
            pictures[key, index].append(outline)
        else:
            total += 1
    whole = {place: tuple(outlines) for place, outlines in pictures.items()}
    return Outlined(found.uid, MappingProxyType(whole), total)


def placed(found: StudyObject, places: Places, context: TaskContext) -> Iterator[Placed]:
    """Each outline on the picture that it refers to, else on the one at its place; a key of "" is nowhere."""
    assert isinstance(found.content, StructureSet)
    levels: dict[SeriesKey, _Levels] = {}
    for region in found.content.regions:
        context.check()
        near = [one.key for one in places.in_frame(region.frame_of_reference or found.frame_of_reference)]
        meant = places.most_meant(found)
        if meant in near:
            near = [meant]
        for contour in region.contours:
            for key, index in places.of(contour.sources) or _by_place(contour, near, places, levels):
                plane = places.series[key].frames[index].plane
                yield key, index, region, contour, _spots(contour.points, plane)
                break
            else:
                yield "", 0, region, contour, np.empty((0, 2))


def colors_of(found: StudyObject) -> dict[int, str]:
    """The colour of each region: its own, else one of a palette."""
    assert isinstance(found.content, StructureSet)
    return {
        one.number: one.color or SAFE_COLORS[at % len(SAFE_COLORS)]
        for at, one in enumerate(found.content.regions)
    }


def _by_place(
    contour: Contour, near: list[SeriesKey], places: Places, levels: dict[SeriesKey, _Levels]
) -> Iterator[tuple[SeriesKey, int]]:
    for key in near:
        if key not in levels:
            levels[key] = _Levels(places.series[key])
        index = levels[key].holding(contour)
        if index is not None:
            yield key, index


class _Levels:
    """How high each picture of a series lies."""

    def __init__(self, series: Series) -> None:
        # pictures at one place at several times: the outlines lie on those of the first
        planes = [one.plane for one in series.frames[: series.places]]
        self._first = planes[0]
        self._normal = np.asarray(self._first.normal)
        heights = np.array([self._first.distance(one.origin) for one in planes])
        self._order = np.argsort(heights)
        self._heights = heights[self._order]
        steps = np.diff(self._heights)
        self._reach = float(np.median(steps)) / 2 + 1e-3 if len(steps) else LONE_MM

    def holding(self, contour: Contour) -> int | None:
        across = (contour.points - np.asarray(self._first.origin)) @ self._normal
        if np.ptp(across) > FLAT_MM:
            return None
        height = float(across.mean())
        at = int(np.argmin(np.abs(self._heights - height)))
        return int(self._order[at]) if abs(self._heights[at] - height) <= self._reach else None


def _spots(points: NDArray[np.float64], plane: Plane) -> NDArray[np.float64]:
    """Rows and columns of patient positions: `Plane.to_image` is linear, so four points tell it."""
    zero = np.asarray(plane.to_image((0.0, 0.0, 0.0)))
    units = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    steps = np.stack([np.asarray(plane.to_image(one)) - zero for one in units])
    spots: NDArray[np.float64] = points @ steps + zero
    return spots
