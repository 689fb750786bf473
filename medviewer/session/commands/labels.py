"""Labels of the active series: added, named, coloured, locked, looked at alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Annotated

from medviewer.core.codes import Code
from medviewer.core.labels import Label, LabelMap
from medviewer.core.study import Series
from medviewer.kit.errors import BadValue
from medviewer.kit.params import Slider
from medviewer.session.command import command
from medviewer.session.segmenting import making
from medviewer.session.session_type import Session
from medviewer.session.state import Reading

MOST_LETTERS = 64
"""Of a label's name: Segment Label is an LO (PS3.5 6.2)."""
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
Share = Annotated[float, Slider(0, 1, step=0.05)]


@command("labels.add", title="Add label", menu="Segment", icon="plus")
def add(
    session: Session, *, name: str = "", color: str = "", overlapping: bool = False, group: str = ""
) -> int:
    """Add a label and work on it; one that may overlap those that are there comes into a group of its own."""
    series, reading = place(session)
    found = None if overlapping or not reading.groups else _group(session, group)
    if found is not None and found.is_proposal:
        found = None  # what a model proposed is not mixed with what a reader draws
    label = making.new_label(reading, found, name.strip()[:MOST_LETTERS], _checked_color(color))
    found = making.with_label(found or making.new_group(reading, series), label)
    changed = making.with_group(reading, series, found)
    session.edit(f"Add {label.name}", lambda document: document.with_reading(changed))
    choose(session, value=label.value, group=found.id)
    return label.value


@command("labels.choose", title="Work on label")
def choose(session: Session, *, value: int, group: str = "") -> None:
    """Make a label the one that is painted, measured and seen alone."""
    found = _group(session, group)
    if found.label(value) is None:
        raise _no_label()
    if (session.view.group, session.view.label) != (found.id, value):
        session.change(lambda view: replace(view, group=found.id, label=value))


@command("labels.next", title="Next label", menu="Segment")
def next_label(session: Session, *, by: int = 1) -> None:
    """Work on the next label of the series, or on the one before."""
    _, reading = place(session)
    all_of_them = [(group.id, label.value) for group in reading.groups for label in group.labels]
    if not all_of_them:
        raise _no_label()
    now = (session.view.group, session.view.label)
    at = all_of_them.index(now) + by if now in all_of_them else 0
    group, value = all_of_them[at % len(all_of_them)]
    choose(session, value=value, group=group)


@command("labels.rename", title="Rename label")
def rename(session: Session, *, name: str, value: int = 0, group: str = "") -> None:
    """Call a label otherwise."""
    wanted = name.strip()[:MOST_LETTERS]
    if not wanted:
        raise BadValue("A label needs a name.", "Type one, or press Esc.")
    change(session, "Rename", value, group, lambda label: replace(label, name=wanted))


@command("labels.color", title="Label colour")
def set_color(session: Session, *, color: str, value: int = 0, group: str = "") -> None:
    """Draw a label in another colour, #rrggbb."""
    wanted = _checked_color(color)
    change(session, "Colour of", value, group, lambda label: replace(label, color=wanted))


@command("labels.label_opacity", title="Label opacity")
def label_opacity(
    session: Session, *, opacity: Share, value: int = 0, group: str = "", drag: str = ""
) -> None:
    """Set how strongly one label covers the picture."""
    merge = ("label opacity", drag) if drag else None
    change(session, "Opacity of", value, group, lambda label: replace(label, opacity=opacity), merge)


@command("labels.fill", title="Fill or outline label")
def fill(session: Session, *, filled: bool, value: int = 0, group: str = "") -> None:
    """Fill a label, or draw its outline only."""
    change(
        session,
        "Fill" if filled else "Outline",
        value,
        group,
        lambda label: replace(label, filled=filled),
    )


@command("labels.lock", title="Lock label")
def lock(session: Session, *, locked: bool, value: int = 0, group: str = "") -> None:
    """Let nothing be painted into a label or taken from it, or allow it again."""
    change(
        session,
        "Lock" if locked else "Unlock",
        value,
        group,
        lambda label: replace(label, locked=locked),
    )


@command("labels.show", title="Show label")
def show_label(session: Session, *, value: int, visible: bool, group: str = "") -> None:
    """Show or hide one label."""
    words = "Show label" if visible else "Hide label"
    relabel(session, words, group, lambda labels: labels.with_visible(value, visible))


@command("labels.show_all", title="Show all labels", menu="Segment")
def show_all(session: Session, *, visible: bool = True) -> None:
    """Show or hide all labels of the series."""
    _, reading = place(session)
    groups = tuple(
        replace(one, labels=tuple(replace(label, visible=visible) for label in one.labels))
        for one in reading.groups
    )
    changed = replace(reading, groups=groups)
    words = "Show all labels" if visible else "Hide all labels"
    session.edit(words, lambda document: document.with_reading(changed))


@command("labels.code", title="Meaning of label")
def set_code(
    session: Session,
    *,
    meaning: Sequence[str],
    category: Sequence[str] = (),
    value: int = 0,
    group: str = "",
    name: str = "",
) -> None:
    """Say with codes of DICOM what a label is, each as (value, scheme, meaning); () takes it away.

    With *name* it is called so too. A label that meant nothing yet gets the colour in which such a thing is
    usually drawn, where no other label has it and the reader has chosen none outside the palettes.
    """
    kind, what = _code(category), _code(meaning)
    reading = place(session)[1]
    within = group or session.view.group

    def how(label: Label) -> Label:
        named = name.strip()[:MOST_LETTERS] or label.name
        color = label.color
        if what is not None and label.meaning is None:
            color = making.color_for(reading, what, color, label.value, within)
        return replace(label, category=kind, meaning=what, name=named, color=color)

    change(session, "Meaning of", value, group, how)


@command("labels.solo", title="Only this label", menu="Segment", icon="solo")
def solo(session: Session, *, on: bool | None = None) -> None:
    """See only the label that is worked on, or all again."""
    wanted = not session.view.solo if on is None else on
    session.change(lambda view: view if view.solo == wanted else replace(view, solo=wanted))


@command("labels.blink", title="Blink label", menu="Segment", icon="blink")
def blink(session: Session, *, on: bool | None = None) -> None:
    """Let the label that is worked on be seen every other moment, or always again."""
    wanted = not session.view.blinking if on is None else on
    session.change(
        lambda view: (
            view
            if view.blinking == wanted
            else replace(view, blinking=wanted, blinked_off=wanted and view.blinked_off)
        )
    )


@command("labels.blinked", title="Label off for a moment")
def blinked(session: Session, *, off: bool) -> None:
    """Hide the label that is worked on for a moment; a clock calls this while it blinks."""
    wanted = off and session.view.blinking
    session.change(lambda view: view if view.blinked_off == wanted else replace(view, blinked_off=wanted))


@command("labels.opacity", title="Overlay opacity")
def opacity(session: Session, *, opacity: Share, group: str = "", drag: str = "") -> None:
    """Set how strongly the labels of a map cover the picture."""
    merge = ("opacity", drag) if drag else None
    relabel(session, "Overlay opacity", group, lambda labels: replace(labels, opacity=opacity), merge)


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


def label_of(session: Session, value: int = 0, group: str = "") -> tuple[LabelMap, Label]:
    """A label of the active series with its map; 0 is the one that is worked on. Raises BadValue."""
    found = _group(session, group)
    chosen = value or (session.view.label if found.id == session.view.group else 0)
    label = found.label(chosen)
    if label is None:
        raise _no_label()
    return found, label


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


def change(
    session: Session,
    word: str,
    value: int,
    group: str,
    how: Callable[[Label], Label],
    merge: tuple[str, ...] | None = None,
) -> None:
    """Change one label; undo names it by *word* and its name. Raises BadValue."""
    found, label = label_of(session, value, group)
    if how(label) == label:
        return
    words = f"{word} {label.name}"
    relabel(session, words, found.id, lambda labels: labels.with_label(label.value, how), merge)


def place(session: Session) -> tuple[Series, Reading]:
    """The active series, and its reading. Raises BadValue where there is none."""
    series = session.series(session.view.current.series)
    if series is None or not series.count:
        raise BadValue("There is no series to work on.", "Open a study first.")
    return series, session.state.document.reading(series.key)


def _group(session: Session, group: str) -> LabelMap:
    return group_of(session, group)[1]


def _no_label() -> BadValue:
    return BadValue("There is no such label here.", "Add a label, or choose another one.")


def _checked_color(color: str) -> str:
    if color and not _COLOR.fullmatch(color):
        raise BadValue(f"{color!r:.40} is no colour.", "Give #rrggbb, such as #e69f00.")
    return color.lower()


def _code(given: Sequence[str]) -> Code | None:
    if not given:
        return None
    try:
        return Code.of(given)
    except (ValueError, TypeError):
        raise BadValue("A code has a value, a scheme and a meaning.", "Choose one from the list.") from None
