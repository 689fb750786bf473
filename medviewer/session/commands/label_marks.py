"""What is marked with a label: emptied, taken away with it, moved into another group."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from medviewer.core.labels import Label, LabelMap
from medviewer.core.study import Series
from medviewer.kit.errors import BadValue
from medviewer.kit.task import TaskContext
from medviewer.session.command import command
from medviewer.session.commands.labels import group_of, label_of, place
from medviewer.session.segmenting import making
from medviewer.session.segmenting.changing import Plan, carry_out
from medviewer.session.segmenting.combining import Into, Mode, Slice, combined, part, without, without_label
from medviewer.session.session_type import Session
from medviewer.session.state import Reading

Planned = Callable[[Reading, LabelMap, Label], Plan]


@command("labels.clear", title="Empty label", menu="Segment")
def clear(session: Session, *, value: int = 0, group: str = "") -> None:
    """Take everything out of a label, in the background; the label stays."""

    def plan(reading: Reading, found: LabelMap, label: Label) -> Plan:
        return Plan(f"Empty {label.name}", lambda _: _with(reading, without(found, label.value)))

    _carry_out(session, value, group, plan)


@command("labels.remove_label", title="Remove label", menu="Segment", icon="trash")
def remove_label(session: Session, *, value: int = 0, group: str = "") -> None:
    """Take a label away with all that is marked with it, in the background.

    A group that has no other one goes too.
    """

    def plan(reading: Reading, found: LabelMap, label: Label) -> Plan:
        words = f"Remove {label.name}"
        if len(found.labels) > 1:
            return Plan(words, lambda _: _with(reading, without_label(found, label.value)))
        return Plan(words, lambda _: _without_group(reading, found))

    _carry_out(session, value, group, plan)


@command("labels.move_label", title="Move label to group")
def move_label(session: Session, *, to: str = "", value: int = 0, group: str = "") -> None:
    """Put a label into another group, "" for a new one, in the background.

    What is marked there already stays as it is.
    """
    series = place(session)[0]
    if to:
        group_of(session, to)

    def plan(reading: Reading, found: LabelMap, label: Label) -> Plan:
        taking = next((one for one in reading.groups if one.id == to), None)
        if taking is None and to:
            raise BadValue("The group that takes the label is no longer there.", "Choose another one.")
        taking = taking or making.new_group(reading, series)
        moved = replace(label, value=making.new_label(reading, taking).value)
        target = making.with_label(taking, moved)

        def make(context: TaskContext) -> Reading:
            return _moved(reading, series, found, label.value, target, moved.value, context)

        def done() -> None:
            if session.view.current.series == series.key:
                session.change(lambda view: replace(view, group=target.id, label=moved.value))

        return Plan(f"Move {label.name}", make, done)

    if to != _unlocked(session, value, group)[0].id:
        _carry_out(session, value, group, plan)


def _moved(
    reading: Reading,
    series: Series,
    found: LabelMap,
    value: int,
    target: LabelMap,
    taken: int,
    context: TaskContext,
) -> Reading:
    """A reading in which what *found* marks with *value* is in *target*, as *taken*."""
    into = Into.of(target, taken, Mode.ADD, over_others=False)
    slices: dict[int, Slice | None] = {}
    for at in range(len(found.slices)):
        context.report(at / len(found.slices))
        mask = part(found, value, at)
        if mask is not None:
            slices[at] = combined(target.slices[at], mask, into)
    left = without_label(found, value)
    changed = _with(reading, left) if left.labels else _without_group(reading, found)
    return making.with_group(changed, series, target.with_slices(slices))


def _carry_out(session: Session, value: int, group: str, plan: Planned) -> None:
    """Do what is planned with a label of the active series that is not locked. Raises BadValue."""
    found, label = _unlocked(session, value, group)
    group, value = found.id, label.value

    def planned(reading: Reading) -> Plan:
        holding = next((one for one in reading.groups if one.id == group), None)
        held = None if holding is None else holding.label(value)
        if holding is None or held is None:
            raise BadValue(f"{label.name} is no longer there.", "Undo may bring it back.")
        _check(held)
        return plan(reading, holding, held)

    carry_out(session, place(session)[0].key, planned)


def _unlocked(session: Session, value: int, group: str) -> tuple[LabelMap, Label]:
    found, label = label_of(session, value, group)
    _check(label)
    return found, label


def _check(label: Label) -> None:
    if label.locked:
        raise BadValue(f"{label.name} is locked.", "Unlock it first.")


def _with(reading: Reading, group: LabelMap) -> Reading:
    """A reading with a group in the place of the one that it was."""
    groups = tuple(group if one.id == group.id else one for one in reading.groups)
    return replace(reading, groups=groups)


def _without_group(reading: Reading, group: LabelMap) -> Reading:
    return replace(reading, groups=tuple(one for one in reading.groups if one.id != group.id))
