"""What a method has found, on its way into a label: one that is there, or one of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from medviewer.core.codes import Code
from medviewer.core.labels import LabelMap
from medviewer.core.study import Series
from medviewer.imaging.segment.grid import Mask
from medviewer.kit.errors import BadValue
from medviewer.kit.frozen import frozen
from medviewer.kit.task import TaskContext
from medviewer.session.segmenting import making
from medviewer.session.segmenting.combining import Into, Mode, Slice, combined
from medviewer.session.segmenting.grids import Looked
from medviewer.session.session_type import Session
from medviewer.session.state import Reading


@frozen
class Target:
    """The label that takes what is found."""

    group: str
    """id of its map, "" for a label that is still to be made"""
    value: int
    mode: Mode = Mode.REPLACE
    name: str = ""
    color: str = ""
    category: Code | None = None
    meaning: Code | None = None


@frozen(eq=False)
class Found:
    """A mask, where it lies, and what it makes of the slices that were there when it was looked for."""

    looked: Looked
    mask: Mask
    before: Mapping[int, Slice | None]
    made: Mapping[int, Slice | None]
    into: Into | None
    new: tuple[Reading, LabelMap, int] | None
    """the reading with a label of its own, that label's map and value, where nothing changes meanwhile"""


def keep(session: Session, series: Series, title: str, target: Target, found: Found, method: str) -> None:
    """Put what was found into its label; one undo. It says so where nothing was found or nothing can be."""
    if found.into is None and found.new is None and not found.mask.any():
        session.notify(f"{title} found nothing.", "Change its settings, or set seeds.", is_error=False)
        return
    reading = session.state.document.reading(series.key)
    if found.into is None:
        changed, group, value = found.new or as_new(
            reading, series, target, found, session.view.group, method
        )
    else:
        try:
            group = group_of(session, series, target.group)
            into = into_label(group, target, session.view.brush.over_others)
        except BadValue as trouble:  # it was locked or taken away meanwhile
            session.notify(trouble)
            return
        slices = {at: _joined(found, at, slice_of(group, at), into) for at in found.looked.indices}
        group = group.with_slices(slices)
        if method and into.mode in (Mode.REPLACE, Mode.ADD):
            group = group.with_label(into.value, lambda one: replace(one, method=method))
        changed = making.with_group(reading, series, group)
        value = target.value
    session.edit(title, lambda document: document.with_reading(changed))
    if session.view.current.series == series.key:
        session.change(lambda view: replace(view, group=group.id, label=value, preview=None))


def as_new(
    reading: Reading, series: Series, target: Target, found: Found, group_id: str, method: str
) -> tuple[Reading, LabelMap, int]:
    """A label of its own: in the group worked on where it overlaps nothing there, else in a new one."""
    own = [one for one in reading.groups if not one.is_proposal]
    group = next((one for one in own if one.id == group_id), own[-1] if own else None)
    if group is not None and _overlaps(group, found):
        group = None
    color = target.color
    if not color and target.meaning is not None:
        color = making.color_for(reading, target.meaning)
    label = making.new_label(reading, group, target.name, color)
    label = replace(label, category=target.category, meaning=target.meaning, method=method)
    group = making.with_label(group or making.new_group(reading, series), label)
    into = Into.of(group, label.value, Mode.ADD, over_others=False)
    slices = {}
    for at, index in enumerate(found.looked.indices):
        mask = found.looked.layer(found.mask, at)
        if mask is not None:
            slices[index] = combined(slice_of(group, index), mask, into)
    group = group.with_slices(slices)
    return making.with_group(reading, series, group), group, label.value


def _overlaps(group: LabelMap, found: Found) -> bool:
    for at, index in enumerate(found.looked.indices):
        values, mask = slice_of(group, index), found.looked.layer(found.mask, at)
        if values is not None and mask is not None and bool((values[mask] != 0).any()):
            return True
    return False


def made_of(
    looked: Looked, mask: Mask, before: Mapping[int, Slice | None], into: Into, context: TaskContext
) -> dict[int, Slice | None]:
    """What *into* makes of the slices that were there *before*. Workers call it."""
    made = {}
    for at, index in enumerate(looked.indices):
        context.report(at / len(looked.indices))
        layer = looked.layer(mask, at)
        made[index] = before[index] if layer is None else combined(before[index], layer, into)
    return made


def _joined(found: Found, index: int, now: Slice | None, into: Into) -> Slice | None:
    """A slice with what was found: as it was made in the background, unless it has changed meanwhile."""
    if now is found.before[index] and into == found.into:
        return found.made[index]
    mask = found.looked.layer(found.mask, found.looked.indices.index(index))
    return now if mask is None else combined(now, mask, into)


def into_label(group: LabelMap, target: Target, over_others: bool) -> Into:
    """How what is found goes into the label of a *target*. Raises BadValue where it cannot."""
    label = group.label(target.value)
    if label is None:
        raise BadValue("There is no such label here.", "Add a label, or choose another one.")
    if label.locked:
        raise BadValue(f"{label.name} is locked.", "Unlock it first.")
    return Into.of(group, target.value, target.mode, over_others)


def group_of(session: Session, series: Series, group: str) -> LabelMap:
    """A label map of a series by its id. Raises BadValue where there is none."""
    reading = session.state.document.reading(series.key)
    found = next((one for one in reading.groups if one.id == group), None)
    if found is None:
        raise BadValue("There are no such labels on this series.", "Choose a label first.")
    return found


def slice_of(group: LabelMap | None, at: int) -> Slice | None:
    """A slice of a map, None where it holds nothing."""
    return None if group is None or at >= len(group.slices) else group.slices[at]
