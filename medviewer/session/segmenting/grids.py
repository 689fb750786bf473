"""What a method looks at: a slice, or the stack of the shown value, in values that are never enhanced."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from medviewer.core.cut import Cut
from medviewer.core.geometry import ImageGeometry, Plane
from medviewer.core.seeds import SeedPoint
from medviewer.core.study import Series
from medviewer.imaging.segment.grid import Grid, Mask, grid_of, grid_of_frame
from medviewer.imaging.segment.method import Seed
from medviewer.kit.errors import SeriesTrouble
from medviewer.kit.frozen import frozen
from medviewer.kit.task import TaskContext
from medviewer.session.dimension import block
from medviewer.session.segmenting.places import on_plane, reach
from medviewer.session.session_type import Session

NEAR = 0.75
"""A slice takes what was found on a layer that is no further off than this many steps."""


@frozen(eq=False)
class Looked:
    """A grid, and which pictures of the series its layers are."""

    grid: Grid
    indices: tuple[int, ...]
    """of the pictures"""
    layers: tuple[int | None, ...]
    """for each of them its layer of the grid, None where the grid has none there"""
    seeds: tuple[Seed, ...] = ()

    def layer(self, mask: Mask, at: int) -> NDArray[np.bool_] | None:
        """The part of a mask of the grid that lies on picture number *at* of `indices`."""
        if mask.ndim == 2:
            return mask
        layer = self.layers[at]
        return None if layer is None else mask[layer]


def of_slice(session: Session, series: Series, index: int, seeds: Sequence[SeedPoint]) -> Looked:
    """One picture as it was acquired. Slow. Raises FileTrouble, SeriesTrouble."""
    frame = session.frames.load(series.key, index)
    on_it = seeds_on(frame.plane, seeds, reach(series, index))
    return Looked(grid_of_frame(frame), (index,), (0,), on_it)


def of_cut(
    session: Session, series: Series, index: int, cut: Cut | None, seeds: Sequence[SeedPoint]
) -> tuple[Grid, tuple[Seed, ...]]:
    """What a viewport shows, be it a picture or a plane through the stack. Slow. Raises as `of_slice`."""
    frame = session.frames.load(series.key, index, cut)
    return grid_of_frame(frame), seeds_on(frame.plane, seeds, reach(series, index))


def of_stack(
    session: Session, series: Series, index: int, seeds: Sequence[SeedPoint], context: TaskContext
) -> Looked:
    """The stack that picture *index* belongs to: of a series in time the shown moment only.

    Slow. Raises FileTrouble, SeriesTrouble where there is none, and Cancelled.
    """
    if series.count == 1:
        return of_slice(session, series, 0, seeds)
    if session.frames.geometry(series) is None:
        raise SeriesTrouble("The pictures of this series form no stack.", "Work on the shown slice instead.")
    volume = session.frames.volume(series.key, index, context)
    geometry = volume.geometry
    indices = tuple(block(series, index))
    return Looked(grid_of(volume), indices, layers_of(series, indices, geometry), seeds_in(geometry, seeds))


def layers_of(series: Series, indices: Sequence[int], geometry: ImageGeometry) -> tuple[int | None, ...]:
    """For each picture its layer of a stack; where that was resampled, the nearest one."""
    if len(indices) == geometry.shape[0]:
        return tuple(range(len(indices)))
    planes = [geometry.plane(layer) for layer in range(geometry.shape[0])]
    found: list[int | None] = []
    for index in indices:
        origin = series.frames[index].plane.origin
        away = [abs(plane.distance(origin)) for plane in planes]
        at = min(range(len(planes)), key=away.__getitem__)
        found.append(at if away[at] <= NEAR * geometry.spacing[0] else None)
    return tuple(found)


def seeds_on(plane: Plane, seeds: Sequence[SeedPoint], within_mm: float) -> tuple[Seed, ...]:
    """The seeds that lie on a picture, by (row, column)."""
    found = []
    for seed in on_plane(plane, seeds, within_mm):
        row, column = plane.to_image(seed.position)
        found.append(Seed((_whole(row, plane.shape[0]), _whole(column, plane.shape[1])), seed.inside))
    return tuple(found)


def seeds_in(geometry: ImageGeometry, seeds: Sequence[SeedPoint]) -> tuple[Seed, ...]:
    """The seeds that lie in a stack, by (slice, row, column)."""
    found = []
    for seed in seeds:
        index = geometry.to_index(seed.position)
        inside = all(-0.5 <= at < size - 0.5 + 1e-9 for at, size in zip(index, geometry.shape, strict=True))
        if inside and seed.frame_of_reference == geometry.frame_of_reference:
            whole = tuple(_whole(at, size) for at, size in zip(index, geometry.shape, strict=True))
            found.append(Seed(whole, seed.inside))
    return tuple(found)


def _whole(at: float, size: int) -> int:
    return max(0, min(round(float(at)), size - 1))
