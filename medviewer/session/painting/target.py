"""What is painted into: the label that is worked on, made when there is none yet, and how it is changed."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Iterable
from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from medviewer.core.labels import Label, LabelMap
from medviewer.core.study import Series, SeriesKey
from medviewer.imaging.segment.painting import Patch, may_change, painted
from medviewer.kit.errors import BadValue
from medviewer.kit.frozen import frozen
from medviewer.kit.task import TaskContext
from medviewer.session.segmenting import making
from medviewer.session.session_type import Session
from medviewer.session.state import Reading

R = TypeVar("R")
Slice = NDArray[np.uint8]
"""(row, column)"""
JOB = "segment"
"""Kind of all jobs of this room: that of methods, whose progress and Cancel are theirs too."""
Patches = Iterable[tuple[int, Patch]]
"""Pixels by the number of their picture; a picture may come more than once"""


@frozen
class Target:
    """A label of a series, and the map that it belongs to."""

    series: Series
    reading: Reading
    group: LabelMap
    """as it is to be: what is painted on for the first time is not in the reading yet"""
    label: Label
    found_as: str = ""
    """id of the map that it was found in, by which it is found again: of a proposal, not of its copy"""

    def free(self, erase: bool, over_others: bool) -> NDArray[np.bool_]:
        """Which of the 256 values may be replaced. Raises BadValue where the label itself is locked."""
        if self.label.locked:
            raise BadValue(f"{self.label.name} is locked.", "Unlock it, or choose another label.")
        return may_change(self.group, self.label.value, over_others, erase)


def target(session: Session, key: SeriesKey | None, label: int = 0, group: str = "") -> Target:
    """What is painted into on a series: label and map that are worked on, unless told otherwise.

    Where there is none yet, it is a first label of its own. What a model proposes stays as it is: the reader
    paints into a copy, and the proposal is hidden. Raises BadValue.
    """
    series = session.series(key)
    if series is None or not series.count:
        raise BadValue("There is no picture to paint on.", "Open a study first.")
    reading = session.state.document.reading(series.key)
    found = _group(session, reading, group)
    if found is None:
        first = making.new_label(reading, None)
        return Target(series, reading, making.with_label(making.new_group(reading, series), first), first)
    found_as = found.id
    if found.is_proposal:
        reading, found = _own_copy(reading, found)
    chosen = found.label(label or session.view.label)
    if chosen is None and label:
        raise BadValue(f"There is no label {label} here.", "Choose one of the labels of this series.")
    chosen = chosen or next((one for one in found.labels if not one.locked), None)
    if chosen is None:
        chosen = making.new_label(reading, found)
        found = making.with_label(found, chosen)
    return Target(series, reading, found, chosen, found_as)


def existing(session: Session, key: SeriesKey | None, label: int = 0) -> Target:
    """The same where there has to be something already. Raises BadValue."""
    found = target(session, key, label)
    if all(one is None for one in found.group.slices):
        raise BadValue("Nothing is labelled on this series yet.", "Paint something first.")
    return found


def put(
    session: Session,
    into: Target,
    patches: Patches,
    words: str,
    free: NDArray[np.bool_],
    erase: bool = False,
    merge: Hashable = None,
) -> bool:
    """Paint, or erase, where labels are *free*; undo names it by *words*. Whether anything has changed."""
    changed = changed_by(into, patches, free, erase)
    if changed:
        keep(session, into, into.group.with_slices(changed), words, merge)
    return bool(changed)


def changed_by(
    into: Target, patches: Patches, free: NDArray[np.bool_], erase: bool = False
) -> dict[int, Slice | None]:
    """The slices of a target that painting, or erasing, where labels are *free* changes."""
    group, frames = into.group, into.series.frames
    changed: dict[int, Slice | None] = {}
    for number, patch in patches:
        if not 0 <= number < min(len(group.slices), len(frames)):
            continue
        before = changed.get(number, group.slices[number])
        shape = frames[number].plane.shape
        after = painted(before, shape, patch, 0 if erase else into.label.value, free)
        if after is not before:
            changed[number] = after
    return changed


def keep(session: Session, into: Target, group: LabelMap, words: str, merge: Hashable = None) -> None:
    """Put a changed map in the place of the one that it was, and work on it; what is painted is shown."""
    if not into.label.visible:
        group = group.with_visible(into.label.value, True)
    changed = making.with_group(into.reading, into.series, group)
    session.edit(words, lambda document: document.with_reading(changed), merge=merge)
    view = session.view
    if (view.group, view.label) != (group.id, into.label.value):
        session.change(lambda view: replace(view, group=group.id, label=into.label.value))


def in_background(
    session: Session, title: str, work: Callable[[TaskContext], R], done: Callable[[R], object]
) -> None:
    """Work in a job; what it found may no longer have a place when it comes back, and that is told.

    What is refused there is told as it would be at once: until something else is done.
    """

    def tried(context: TaskContext) -> R | BadValue:
        try:
            return work(context)
        except BadValue as trouble:
            return trouble

    def finished(found: R | BadValue) -> None:
        try:
            if isinstance(found, BadValue):
                raise found
            done(found)
        except BadValue as trouble:
            session.notify(trouble, refused=True)

    session.jobs.start(title, tried, finished, kind=JOB)


def _group(session: Session, reading: Reading, group: str) -> LabelMap | None:
    """The map that is worked on, else the reader's own uppermost one."""
    chosen = next((one for one in reading.groups if one.id == (group or session.view.group)), None)
    if chosen is None and group:
        raise BadValue("The labels that were worked on are no longer there.", "Undo may bring them back.")
    own = (one for one in reversed(reading.groups) if not one.is_proposal)
    return chosen or next(own, None)


def _own_copy(reading: Reading, proposal: LabelMap) -> tuple[Reading, LabelMap]:
    """The reading with a proposal hidden, and a copy of it that is the reader's, and not in it yet."""
    name = f"{proposal.name or proposal.provenance}, edited"  # what it came from stays to be read
    own = replace(proposal, provenance=None, name=name, source="", id=os.urandom(16).hex())
    hidden = replace(proposal, labels=tuple(replace(one, visible=False) for one in proposal.labels))
    groups = tuple(hidden if one is proposal else one for one in reading.groups)
    return replace(reading, groups=groups), own
