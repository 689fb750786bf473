"""What is marked with a label: emptied, taken away with it, moved into another group."""

from __future__ import annotations

from dataclasses import replace

from medviewer.core.labels import Label, LabelMap
from medviewer.kit.errors import BadValue
from medviewer.session.command import command
from medviewer.session.commands.labels import choose, group_of, label_of, place, relabel
from medviewer.session.segmenting import making
from medviewer.session.segmenting.combining import Into, Mode, combined, part, without, without_label
from medviewer.session.session_type import Session


@command("labels.clear", title="Empty label", menu="Segment")
def clear(session: Session, *, value: int = 0, group: str = "") -> None:
    """Take everything out of a label; the label stays."""
    found, label = _unlocked(session, value, group)
    relabel(session, f"Empty {label.name}", found.id, lambda labels: without(labels, label.value))


@command("labels.remove_label", title="Remove label", menu="Segment", icon="trash")
def remove_label(session: Session, *, value: int = 0, group: str = "") -> None:
    """Take a label away with all that is marked with it; a group that has no other one goes too."""
    found, label = _unlocked(session, value, group)
    words = f"Remove {label.name}"
    if len(found.labels) > 1:
        relabel(session, words, found.id, lambda labels: without_label(labels, label.value))
        return
    _, reading = place(session)
    changed = replace(reading, groups=tuple(one for one in reading.groups if one.id != found.id))
    session.edit(words, lambda document: document.with_reading(changed))


@command("labels.move_label", title="Move label to group")
def move_label(session: Session, *, to: str = "", value: int = 0, group: str = "") -> None:
    """Put a label into another group, "" for a new one; what is marked there already stays as it is."""
    found, label = _unlocked(session, value, group)
    series, reading = place(session)
    if to == found.id:
        return
    target = making.new_group(reading, series) if not to else group_of(session, to)[1]
    moved = replace(label, value=making.new_label(reading, target).value)
    target = making.with_label(target, moved)
    into = Into.of(target, moved.value, Mode.ADD, over_others=False)
    slices = {}
    for at in range(len(found.slices)):
        mask = part(found, label.value, at)
        if mask is not None:
            slices[at] = combined(target.slices[at], mask, into)
    target = target.with_slices(slices)
    left = without_label(found, label.value)
    changed = making.with_group(making.with_group(reading, series, left), series, target)
    if not left.labels:
        changed = replace(changed, groups=tuple(one for one in changed.groups if one.id != found.id))
    session.edit(f"Move {label.name}", lambda document: document.with_reading(changed))
    choose(session, value=moved.value, group=target.id)


def _unlocked(session: Session, value: int, group: str) -> tuple[LabelMap, Label]:
    found, label = label_of(session, value, group)
    if label.locked:
        raise BadValue(f"{label.name} is locked.", "Unlock it first.")
    return found, label
