"""Filling what a click means: a hole, an area of like values, on the slice or through the stack."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from medviewer.core.vectors import Point
from medviewer.imaging.segment.alike import SAMPLE_SHARE, connected, like_place
from medviewer.imaging.segment.grid import Grid, Mask, grid_of_frame
from medviewer.imaging.segment.painting import Patch
from medviewer.kit.errors import BadValue
from medviewer.kit.task import TaskContext
from medviewer.session.painting.ahead import Painted, paint_ahead, put_painted
from medviewer.session.painting.covered import Easel
from medviewer.session.painting.target import Target, in_background, put, target
from medviewer.session.session_type import Session
from medviewer.session.state import Brush

BESIDE = "This is beside the picture."
OPEN = "This area is not closed: it reaches the edge of the picture."
CLOSE = "Close it with the brush, or switch on limits of the values or the adaptive brush."
Labels = NDArray[np.uint8]


def fill(session: Session, number: int, point: Point, label: int, erase: bool, through: bool) -> None:
    """Fill what is connected with a place on viewport *number*. Raises BadValue, FileTrouble."""
    easel = Easel(session, number)
    into = target(session, easel.series.key, label)
    brush = session.view.brush
    into.free(erase, brush.over_others)
    if through and easel.plane.placed:
        _through(session, easel, into, point, brush, erase)
    else:
        _on_plane(session, easel, into, point, brush, erase)


def _on_plane(session: Session, easel: Easel, into: Target, point: Point, brush: Brush, erase: bool) -> None:
    at = easel.spot(point)
    if not (0 <= at[0] < easel.plane.shape[0] and 0 <= at[1] < easel.plane.shape[1]):
        raise BadValue(BESIDE, "Click on it.")
    labels = _labels_on_plane(session, easel, into)
    grid = None
    if _looks_at_values(brush, erase):
        frame = easel.plane_frame()
        if frame is None:
            return  # it is still under way, and so is the picture that would be clicked on
        grid = grid_of_frame(frame)
    mask = area(labels, at, into, brush, grid, erase, easel.radius(brush, point))
    patches = easel.on_pictures(Patch((0, 0), mask))
    put(session, into, patches.items(), _words(into, erase), into.free(erase, brush.over_others), erase)


def _through(session: Session, easel: Easel, into: Target, point: Point, brush: Brush, erase: bool) -> None:
    """In the background, as a whole stack is looked at."""
    picture, row, column = easel.voxel(point)
    numbers = easel.numbers
    if picture not in numbers:
        raise BadValue(BESIDE, "Click on it.")
    key, group, free = easel.series.key, into.found_as, into.free(erase, brush.over_others)
    at, radius = (numbers.index(picture), row, column), easel.radius(brush, point)

    def work(context: TaskContext) -> Painted:
        shape = easel.series.frames[picture].plane.shape
        labels = np.zeros((len(numbers), *shape), np.uint8)
        for layer, one in enumerate(numbers):
            found = into.group.slices[one] if one < len(into.group.slices) else None
            if found is not None:
                labels[layer] = found
        grid = _stack_of_values(easel, numbers, context) if _looks_at_values(brush, erase) else None
        context.report(0.8, "Following the area")
        mask = area(labels, at, into, brush, grid, erase, radius)
        patches = (
            (one, Patch((0, 0), layer)) for one, layer in zip(numbers, mask, strict=True) if layer.any()
        )
        return paint_ahead(into, patches, free, erase)

    def done(found: Painted) -> None:
        now = target(session, key, into.label.value if group else 0, group)
        put_painted(session, now, found, _words(now, erase), now.free(erase, brush.over_others))

    in_background(session, f"{'Erasing' if erase else 'Filling'} {into.label.name}", work, done)


def area(
    labels: Labels,
    at: tuple[int, ...],
    into: Target,
    brush: Brush,
    grid: Grid | None,
    erase: bool,
    radius: float,
) -> Mask:
    """What a click at a pixel or a voxel means of *labels*, (row, column) or (slice, row, column).

    Erasing takes the island of the label. Filling takes what is connected with the place and has no other
    label than it has, within the values that *brush* paints on; without such limits it has to be closed.
    Raises BadValue where that cannot be filled.
    """
    here = int(labels[at])
    if erase:
        if here != into.label.value:
            raise BadValue(f"There is nothing of {into.label.name} here.", "Click on it.")
    elif here == into.label.value:
        raise BadValue(f"This place belongs to {into.label.name} already.", "Click beside it.")
    elif not into.free(erase, brush.over_others)[here]:
        other = into.group.label(here)
        name = other.name if other is not None else "another label"
        raise BadValue(f"This place belongs to {name}.", "Unlock it, or allow painting over others.")
    allowed = labels == here
    if grid is not None:
        allowed &= _within(grid, at, brush, radius)
    mask = connected(allowed, at)
    if mask is None:
        raise BadValue("The brush does not paint the value here.", "Click elsewhere, or change the limits.")
    if grid is None and not erase and not here and _is_open(mask):
        raise BadValue(OPEN, CLOSE)
    return mask


def _within(grid: Grid, at: tuple[int, ...], brush: Brush, radius: float) -> Mask:
    allowed = np.ones(grid.values.shape, bool) if grid.valid is None else grid.valid.copy()
    found = like_place(grid, at, radius * SAMPLE_SHARE) if brush.adaptive else None
    for low, high in filter(None, (brush.limits, found)):
        allowed &= (grid.values >= low) & (grid.values <= high)
    return allowed


def _is_open(mask: Mask) -> bool:
    """Whether it reaches the edge of a picture; that of the stack may well cut through a closed area."""
    return bool(mask[..., 0, :].any() or mask[..., -1, :].any() or mask[..., 0].any() or mask[..., -1].any())


def _looks_at_values(brush: Brush, erase: bool) -> bool:
    return not erase and (brush.adaptive or brush.limits is not None)


def _labels_on_plane(session: Session, easel: Easel, into: Target) -> Labels:
    slices, cut = into.group.slices, easel.viewport.cut
    if cut is None or easel.geometry is None:
        found = slices[easel.index] if easel.index < len(slices) else None
        return np.zeros(easel.plane.shape, np.uint8) if found is None else found
    return session.rendering.labels.on_plane(easel.series, easel.geometry, into.group, easel.index, cut)


def _stack_of_values(easel: Easel, numbers: tuple[int, ...], context: TaskContext) -> Grid:
    whole = easel.whole_grid
    layers = []
    for done, one in enumerate(numbers):
        context.report(0.7 * done / len(numbers), "Reading the stack")
        layers.append(whole(one, context))
    values = np.stack([one.values for one in layers])
    valid = None
    if any(one.valid is not None for one in layers):
        every = [np.ones(one.values.shape, bool) if one.valid is None else one.valid for one in layers]
        valid = np.stack(every)
    return Grid(values, (1.0, *layers[0].spacing), valid, layers[0].unit)


def _words(into: Target, erase: bool) -> str:
    return f"{'Erase' if erase else 'Fill'} {into.label.name}"
