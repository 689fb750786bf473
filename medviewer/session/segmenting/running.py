"""Methods, cleaning and combining at work in the background; what they find comes into a label."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import Enum
from typing import Any

import numpy as np

import medviewer.imaging.segment  # noqa: F401 - the methods declare themselves on import
from medviewer.core.study import Series
from medviewer.core.volume import read_only
from medviewer.imaging.segment.cleaning import CLEANINGS
from medviewer.imaging.segment.grid import Grid, Mask
from medviewer.imaging.segment.method import METHODS
from medviewer.kit.errors import BadValue, SeriesTrouble
from medviewer.kit.params import Value
from medviewer.kit.task import TaskContext
from medviewer.session.alignment import pictures_of
from medviewer.session.dimension import block
from medviewer.session.keeping.packing import pack_ahead
from medviewer.session.segmenting.combining import Slice, part
from medviewer.session.segmenting.found import (
    Found,
    Target,
    as_new,
    group_of,
    into_label,
    keep,
    made_of,
    slice_of,
)
from medviewer.session.segmenting.grids import Looked, of_slice, of_stack
from medviewer.session.session_type import Session
from medviewer.session.state import Viewport

JOB = "segment"


class Scope(Enum):
    """How much is looked at."""

    SLICE = "slice"
    STACK = "stack"


def find(session: Session, *, method: str, values: Mapping[str, Any], scope: Scope, target: Target) -> str:
    """Begin a method on what the active viewport shows; the newest wins. The answer is the job's key."""
    chosen = METHODS[method]
    settings = chosen.checked(values)
    viewport, series = shown(session, scope)
    seeds = session.state.document.reading(series.key).seeds
    if chosen.needs_seeds and not any(seed.inside for seed in seeds):
        raise BadValue(
            f"{chosen.title} needs a seed.", "Choose the tool Seed and click into what is looked for."
        )

    def work(looked: Looked, context: TaskContext) -> Mask:
        given = looked.seeds if chosen.takes_seeds else ()
        if not chosen.takes_outside:
            given = tuple(seed for seed in given if seed.inside)
        if chosen.needs_seeds and not given:
            raise BadValue("No seed lies on this slice.", "Click into it, or work on the whole stack.")
        return chosen(looked.grid, given, context=context, **settings)

    look = _looking(session, series, viewport, scope)
    return _start(session, chosen.title, series, target, look, work, method=chosen.title)


def tidy(session: Session, *, step: str, values: Mapping[str, Any], scope: Scope, target: Target) -> str:
    """Begin a cleaning step on a label, as `find` does with a method."""
    chosen = CLEANINGS[step]
    settings: Mapping[str, Value] = chosen.checked(values)
    viewport, series = shown(session, scope)
    group = group_of(session, series, target.group)
    snapshot = group.slices

    def work(looked: Looked, context: TaskContext) -> Mask:
        mask = _marked(snapshot, target.value, looked)
        return chosen(mask, looked.grid, context=context, **settings)

    return _start(session, chosen.title, series, target, _looking(session, series, viewport, scope), work)


def join(session: Session, *, source: str, value: int, scope: Scope, target: Target) -> str:
    """Begin to combine a label with what is marked with *value* in the map *source*, as `find` does."""
    viewport, series = shown(session, scope)
    index = min(viewport.index, series.count - 1)
    other = group_of(session, series, source)
    label = other.label(value)
    title = f"Combine with {label.name if label is not None else other.name}"
    indices = (index,) if scope is Scope.SLICE else tuple(block(series, index))
    shapes = {series.frames[at].plane.shape for at in indices}
    if len(shapes) != 1:
        raise SeriesTrouble("The pictures of this series are not of one size.", "Combine slice by slice.")

    def look(_: TaskContext) -> Looked:
        marked = np.zeros((len(indices), *shapes.copy().pop()), np.uint8)
        for layer, at in enumerate(indices):
            mask = part(other, value, at)
            if mask is not None:
                marked[layer] = mask
        return Looked(Grid(read_only(marked), (1.0, 1.0, 1.0)), indices, tuple(range(len(indices))))

    return _start(session, title, series, target, look, lambda looked, _: looked.grid.values.view(bool))


def shown(session: Session, scope: Scope) -> tuple[Viewport, Series]:
    """What the active viewport shows. Raises BadValue where nothing can be looked for there."""
    viewport = session.view.current
    series = session.series(viewport.series)
    if series is None or not series.count:
        raise BadValue("There is no picture to work on.", "Open a study first.")
    if scope is Scope.SLICE and (viewport.cut is not None or viewport.view3d is not None):
        raise BadValue(
            "A single plane through the stack cannot hold labels of its own.",
            "Work on the whole stack, or show the slices as acquired.",
        )
    return viewport, series


def stop(session: Session) -> None:
    """Let nothing be looked for any more."""
    session.jobs.cancel_kind(JOB)


def _looking(
    session: Session, series: Series, viewport: Viewport, scope: Scope
) -> Callable[[TaskContext], Looked]:
    """Gets what is to be looked at as it is now: scrolling on changes nothing of it."""
    index = min(viewport.index, series.count - 1)
    seeds = session.state.document.reading(series.key).seeds
    if scope is Scope.SLICE:
        return lambda _: of_slice(session, series, index, seeds)
    return lambda context: of_stack(session, series, index, seeds, context)


def _start(
    session: Session,
    title: str,
    series: Series,
    target: Target,
    look: Callable[[TaskContext], Looked],
    work: Callable[[Looked, TaskContext], Mask],
    method: str = "",
) -> str:
    over_others = session.view.brush.over_others
    group = group_of(session, series, target.group) if target.group else None
    into = None if group is None else into_label(group, target, over_others)
    pictures = pictures_of(series)
    reading, working_on = session.state.document.reading(series.key), session.view.group
    known = session.state.document.readings.get(series.key)
    stop(session)

    def found(context: TaskContext) -> Found:
        looking, finding, joining = context.part(0, 0.2), context.part(0.2, 0.9), context.part(0.9, 1.0)
        looked = look(looking)
        mask = work(looked, finding)
        before = {at: slice_of(group, at) for at in looked.indices}
        made = {} if into is None else made_of(looked, mask, before, into, joining)
        result = Found(looked, mask, before, made, into, None)
        if into is None and mask.any():
            result = replace(result, new=as_new(reading, series, target, result, working_on, method))
        # the window would wait for it when the journal takes this
        pack_ahead(result.new[1].slices if result.new is not None else made.values())
        return result

    def done(result: Found) -> None:
        now = session.series(series.key)
        if now is None or pictures_of(now) != pictures:
            session.notify(
                f"{title}: the series was renumbered meanwhile.", "Nothing was marked: run it again."
            )
            return
        is_as_it_was = session.state.document.readings.get(series.key) is known
        if not is_as_it_was or session.view.group != working_on:
            result = replace(result, new=None)
        keep(session, series, title, target, result, method)

    return str(session.jobs.start(title, found, done, kind=JOB))


def _marked(slices: tuple[Slice | None, ...], value: int, looked: Looked) -> Mask:
    """Where a label is, on the grid."""
    shape = looked.grid.values.shape
    if len(shape) == 2:
        values = slices[looked.indices[0]] if looked.indices[0] < len(slices) else None
        return np.zeros(shape, bool) if values is None else values == value
    mask = np.zeros(shape, bool)
    nearest = _slices_of_layers(looked)
    for layer, index in nearest.items():
        values = slices[index] if index < len(slices) else None
        if values is not None:
            np.equal(values, value, out=mask[layer])
    return mask


def _slices_of_layers(looked: Looked) -> dict[int, int]:
    """For each layer of the grid the picture that lies nearest to it."""
    known = {
        layer: index for layer, index in zip(looked.layers, looked.indices, strict=True) if layer is not None
    }
    count = looked.grid.values.shape[0]
    if len(known) == count or not known:
        return known
    some = sorted(known)
    return {layer: known[min(some, key=lambda one: abs(one - layer))] for layer in range(count)}
