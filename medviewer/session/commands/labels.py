"""Label maps of the active series: how they are shown, and taking them away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated

from medviewer.core.labels import LabelMap
from medviewer.kit.errors import BadValue
from medviewer.kit.params import Slider
from medviewer.session.command import command
from medviewer.session.session_type import Session
from medviewer.session.state import Reading


@command("labels.opacity", title="Overlay opacity")
def opacity(
    session: Session,
    *,
    opacity: Annotated[float, Slider(0, 1, step=0.05)],
    group: str = "",
    drag: str = "",
) -> None:
    """Set how strongly the labels of a map cover the picture."""
    merge = ("opacity", drag) if drag else None
    relabel(session, "Overlay opacity", group, lambda labels: replace(labels, opacity=opacity), merge)


@command("labels.show", title="Show label")
def show_label(session: Session, *, value: int, visible: bool, group: str = "") -> None:
    """Show or hide one label."""
    words = "Show label" if visible else "Hide label"
    relabel(session, words, group, lambda labels: labels.with_visible(value, visible))


@command("labels.remove", title="Remove labels", menu="AI")
def remove_labels(session: Session, *, group: str = "") -> None:
    """Take a label map off the active series."""
    reading, found = group_of(session, group)
    changed = replace(reading, groups=tuple(one for one in reading.groups if one is not found))
    session.edit("Remove labels", lambda document: document.with_reading(changed))


@command("labels.hide", title="Overlay off while held")
def hide(session: Session, *, on: bool) -> None:
    """Show no labels for as long as a key is held."""
    session.change(lambda view: view if view.labels_hidden == on else replace(view, labels_hidden=on))


def group_of(session: Session, group: str = "") -> tuple[Reading, LabelMap]:
    """A label map of the active series by its id, and the reading that holds it.

    Without an id the one that is worked on, else the uppermost. Raises BadValue where there is none.
    """
    series = session.view.current.series
    if series is None:
        raise BadValue("There is no series to work on.", "Open a study first.")
    reading: Reading = session.state.document.reading(series)
    by_id = {one.id: one for one in reading.groups}
    found = by_id.get(group or session.view.group)
    if found is None and not group and reading.groups:
        found = reading.groups[-1]
    if found is None:
        raise BadValue("There are no such labels on this series.", "Draw some, or let a model read it.")
    return reading, found


def relabel(
    session: Session,
    words: str,
    group: str,
    how: Callable[[LabelMap], LabelMap],
    merge: tuple[str, ...] | None = None,
) -> None:
    """Change a label map of the active series; undo names it by *words*. Raises BadValue."""
    reading, found = group_of(session, group)
    groups = tuple(how(one) if one is found else one for one in reading.groups)
    session.edit(words, lambda document: document.with_reading(replace(reading, groups=groups)), merge=merge)
