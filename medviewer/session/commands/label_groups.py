"""Groups of labels: within one nothing overlaps, between them anything may."""

from __future__ import annotations

from dataclasses import replace

from medviewer.kit.errors import BadValue
from medviewer.session.command import command
from medviewer.session.commands.labels import MOST_LETTERS, add, group_of, relabel
from medviewer.session.session_type import Session


@command("labels.add_group", title="Add label that may overlap", menu="Segment")
def add_group(session: Session) -> None:
    """Add a group with a first label; what is drawn in it may overlap what other groups hold."""
    add(session, overlapping=True)


@command("labels.rename_group", title="Rename group of labels")
def rename_group(session: Session, *, name: str, group: str = "") -> None:
    """Call a group otherwise."""
    wanted = name.strip()[:MOST_LETTERS]
    if not wanted:
        raise BadValue("A group needs a name.", "Type one, or press Esc.")
    relabel(session, "Rename group", group, lambda labels: replace(labels, name=wanted))


@command("labels.move_group", title="Move group of labels")
def move_group(session: Session, *, by: int, group: str = "") -> None:
    """Draw a group above others (1), or below them (-1)."""
    reading, found = group_of(session, group)
    at = reading.groups.index(found)
    to = max(0, min(at + by, len(reading.groups) - 1))
    if to == at:
        return
    groups = [one for one in reading.groups if one is not found]
    groups.insert(to, found)
    changed = replace(reading, groups=tuple(groups))
    session.edit("Move group", lambda document: document.with_reading(changed))


@command("labels.remove", title="Remove labels", menu="AI")
def remove_labels(session: Session, *, group: str = "") -> None:
    """Take a group of labels off the active series."""
    reading, found = group_of(session, group)
    locked = next((one for one in found.labels if one.locked), None)
    if locked is not None:
        raise BadValue(f"{locked.name} is locked.", "Unlock it first.")
    changed = replace(reading, groups=tuple(one for one in reading.groups if one is not found))
    session.edit("Remove labels", lambda document: document.with_reading(changed))
