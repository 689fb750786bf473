"""What a label holds in numbers: volume, values, their spread and percentiles, its longest diameter.

Slice by slice, so that no copy of a stack is made. Whole numbers are counted, so that nothing is rounded.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

import medviewer.imaging.one_thread  # noqa: F401  before anything is computed with OpenCV
from medviewer.core.geometry import Plane
from medviewer.core.volume import read_only
from medviewer.imaging.histogram import Histogram
from medviewer.imaging.positions import Position
from medviewer.imaging.scale import scale_at
from medviewer.imaging.segment.grid import Grid, Mask
from medviewer.kit.frozen import frozen

PERCENTILES = (5, 25, 50, 75, 95)
BINS = 128
_LOWEST = -32768
ACROSS = 3000
"""Of more corners than these only those of the convex hull are compared with each other."""


@frozen(eq=False)
class PartStatistics:
    """One label in numbers; what cannot be said is None."""

    voxels: int
    """with a value: padding is left out"""
    slices: int
    """on which there are any"""
    volume_ml: float | None
    """voxels x area of a pixel x distance between slices, across them"""
    areas: tuple[tuple[int, float, str], ...]
    """(number of the picture, area, mm² or px²) of each slice that holds any"""
    mean: float | None = None
    sd: float | None = None
    """that of a population, divided by N"""
    minimum: float | None = None
    maximum: float | None = None
    percentiles: tuple[float, ...] = ()
    """of `PERCENTILES`; between two values they lie on the line between them"""
    histogram: Histogram | None = None
    unit: str = ""
    """of the values"""
    diameter_mm: float | None = None
    """between the two corners of its pixels that are furthest apart, in the middle planes of their slices"""

    def area(self, picture: int) -> tuple[float, str] | None:
        """What it covers of one picture."""
        return next(((size, unit) for at, size, unit in self.areas if at == picture), None)


class Tally:
    """Counts a label slice by slice."""

    def __init__(self) -> None:
        self._counts: NDArray[np.int64] | None = None
        self._values: list[NDArray[np.float32]] = []
        self._areas: list[tuple[int, float, str]] = []
        self._corners: list[NDArray[np.float64]] = []
        self._voxels = 0
        self._ml: float | None = 0.0
        self._unit: str | None = None

    def add(self, picture: int, mask: Mask, grid: Grid, plane: Plane, depth_mm: float | None) -> None:
        """Count what lies on picture number *picture*; *depth_mm* is its share of the stack.

        A pixel is as large as for what is drawn: by where all of the mask lies, and by a scale set by hand.
        """
        inside = mask if grid.valid is None else mask & grid.valid
        found: NDArray[Any] = grid.values[inside]
        if not found.size:
            return
        self._voxels += found.size
        self._unit = grid.unit if self._unit in (None, grid.unit) else ""
        scale = scale_at(plane, _box(inside))
        size = found.size * math.prod(scale.spacing)
        self._areas.append((picture, size, f"{scale.unit}²"))
        is_mm = scale.unit == "mm"
        if depth_mm is None or not is_mm:
            self._ml = None
        elif self._ml is not None:
            self._ml += size * depth_mm / 1000
        if is_mm:
            self._corners.append(_corners(inside, replace(plane, spacing=scale.spacing)))
        if found.dtype.kind in "iu":
            counted = np.bincount(found.astype(np.int64).ravel() - _LOWEST, minlength=1 << 16)
            self._counts = counted if self._counts is None else self._counts + counted
        else:
            self._values.append(found.astype(np.float32))

    def statistics(self) -> PartStatistics:
        """All that was counted."""
        if not self._voxels:
            return PartStatistics(0, 0, None, ())
        values, counts = self._sorted()
        total = int(counts.sum())
        mean = float(np.dot(values, counts) / total)
        spread = float(np.dot(np.square(values - mean), counts) / total)
        calibrated = len(self._corners) == len(self._areas)
        return PartStatistics(
            voxels=self._voxels,
            slices=len(self._areas),
            volume_ml=self._ml,
            areas=tuple(self._areas),
            mean=mean,
            sd=math.sqrt(spread),
            minimum=float(values[0]),
            maximum=float(values[-1]),
            percentiles=tuple(_percentile(values, counts, share / 100) for share in PERCENTILES),
            histogram=_histogram(values, counts),
            unit=self._unit or "",
            diameter_mm=longest(np.concatenate(self._corners)) if calibrated else None,
        )

    def _sorted(self) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Different values in rising order, and how often each occurs."""
        if self._counts is not None and not self._values:
            some = np.flatnonzero(self._counts)
            return (some + _LOWEST).astype(np.float64), self._counts[some]
        parts = list(self._values)
        if self._counts is not None:  # slices of one series may be of both kinds
            some = np.flatnonzero(self._counts)
            parts.append(np.repeat((some + _LOWEST).astype(np.float32), self._counts[some]))
        values, counts = np.unique(np.concatenate(parts), return_counts=True)
        return values.astype(np.float64), counts.astype(np.int64)


def _box(mask: Mask) -> tuple[Position, ...]:
    """The first and the last pixel in each direction, as corners."""
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    return tuple((float(row), float(column)) for row in rows[[0, -1]] for column in columns[[0, -1]])


def depths(planes: Sequence[Plane]) -> tuple[float, ...]:
    """How thick a part of the stack each of its parallel slices stands for, in mm, in their order.

    Half the way to either neighbour, across the slices; at the ends as much outwards as inwards.
    """
    if len(planes) < 2:
        return ()
    first = planes[0]
    places = np.array([first.distance(one.origin) for one in planes])
    order = np.argsort(places, kind="stable")
    gaps = np.diff(places[order])
    shares = (np.concatenate([gaps[:1], gaps]) + np.concatenate([gaps, gaps[-1:]])) / 2
    result = np.empty(len(planes))
    result[order] = shares
    return tuple(float(one) for one in result)


def longest(points: NDArray[np.float64]) -> float:
    """The greatest distance between two of *points*, (n, 3) in mm."""
    if len(points) > ACROSS:
        points = _hull(points)
    far = 0.0
    for at in range(0, len(points), 512):
        some = points[at : at + 512]
        squares = np.square(some[:, None, :] - points[None, :, :]).sum(axis=-1)
        far = max(far, float(squares.max()))
    return math.sqrt(far)


def _hull(points: NDArray[np.float64]) -> NDArray[np.float64]:
    from scipy.spatial import ConvexHull, QhullError  # noqa: PLC0415  heavy, and needed only here

    try:
        found: NDArray[np.float64] = points[ConvexHull(points).vertices]
    except QhullError:  # they lie in one plane
        return points
    return found


def _corners(mask: Mask, plane: Plane) -> NDArray[np.float64]:
    """The outer corners of the pixels on the convex hull of a slice, in patient millimetres."""
    rows, columns = np.nonzero(mask)
    # of each row only its ends can lie on the hull
    order = np.flatnonzero(np.diff(rows, prepend=-1))
    ends = np.append(order[1:], len(rows)) - 1
    row = rows[order].astype(np.float32)
    left, right = columns[order] - 0.5, columns[ends] + 0.5
    corners = np.concatenate(
        [np.stack([row + up, side], axis=1) for up in (-0.5, 0.5) for side in (left, right)]
    ).astype(np.float32)
    hull = cv2.convexHull(corners).reshape(-1, 2).astype(np.float64)
    steps = np.stack(
        [
            np.asarray(plane.along_column) * plane.spacing[0],
            np.asarray(plane.along_row) * plane.spacing[1],
        ]
    )
    found: NDArray[np.float64] = hull @ steps + np.asarray(plane.origin)
    return found


def _percentile(values: NDArray[np.float64], counts: NDArray[np.int64], share: float) -> float:
    """As numpy's default does it, on counts."""
    reached = np.cumsum(counts)
    place = share * (int(reached[-1]) - 1)
    low, high = (
        int(np.searchsorted(reached, at, side="right")) for at in (math.floor(place), math.ceil(place))
    )
    return float(values[low] + (values[high] - values[low]) * (place - math.floor(place)))


def _histogram(values: NDArray[np.float64], counts: NDArray[np.int64]) -> Histogram:
    """At most `BINS` bins; of whole numbers each bin holds equally many of them."""
    low, high = float(values[0]), float(values[-1])
    whole = bool(np.all(values == np.rint(values))) and high - low < 1e6
    if whole:
        wide = max(1, math.ceil((high - low + 1) / BINS))
        bins = math.ceil((high - low + 1) / wide)
        edges = low - 0.5 + wide * np.arange(bins + 1)
    else:
        edges = np.linspace(low, high if high > low else low + 1.0, BINS + 1)
    found = np.histogram(values, edges, weights=counts)[0].astype(np.int64)
    return Histogram(read_only(found), read_only(edges))
