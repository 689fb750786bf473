"""New labels and groups: the next free value, a colour unlike those of the others, a name of its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from medviewer.core.codes import Code
from medviewer.core.labels import MOST_LABELS, SAFE_COLORS, Label, LabelMap
from medviewer.core.study import Series
from medviewer.kit.errors import BadValue
from medviewer.session.alignment import pictures_of
from medviewer.session.segmenting.codes import usual_color
from medviewer.session.state import Reading

MORE_COLORS = (
    "#8dd3c7",
    "#bebada",
    "#fb8072",
    "#b3de69",
    "#fccde5",
    "#bc80bd",
    "#ffed6f",
    "#a6761d",
    "#66c2a5",
)
"""Further colours, after ColorBrewer's Set3 and Dark2 (C. Brewer, colorbrewer2.org), for a tenth label."""


def new_label(reading: Reading, group: LabelMap | None, name: str = "", color: str = "") -> Label:
    """A label with a value that is free in *group*. Raises BadValue where it holds no more."""
    used = set() if group is None else {one.value for one in group.labels}
    value = next((one for one in range(1, MOST_LABELS + 1) if one not in used), 0)
    if not value:
        raise BadValue(f"A group holds at most {MOST_LABELS} labels.", "Add another group.")
    return Label(value, free_name(reading, name or "Label", always=not name), color or free_color(reading))


def free_color(reading: Reading) -> str:
    """The colour that the fewest labels of a series have, the first of those in the order of the palette."""
    used = [one.color.lower() for one in _labels(reading)]
    return min((*SAFE_COLORS, *MORE_COLORS), key=used.count)


def color_for(reading: Reading, meaning: Code, color: str = "", value: int = 0, group: str = "") -> str:
    """The usual colour of what a label means, unless another label of the series has it; else *color*.

    A colour that is not of the palettes was chosen by the reader, and stays. *value* in *group* is the label
    that is meant, whose own colour is in nobody's way.
    """
    if color and color.lower() not in (*SAFE_COLORS, *MORE_COLORS):
        return color
    others = {
        label.color.lower()
        for one in reading.groups
        for label in one.labels
        if (one.id, label.value) != (group, value)
    }
    usual = usual_color(meaning)
    return usual if usual and usual not in others else color or free_color(reading)


def free_name(reading: Reading, name: str, always: bool = False) -> str:
    """*name*, with a number where it is taken, or *always*."""
    return _free({one.name for one in _labels(reading)}, name, always)


def new_group(reading: Reading, series: Series, name: str = "") -> LabelMap:
    """An empty label map for the pictures of *series*, those among them that are not open too."""
    names = {one.name for one in reading.groups}
    count = max(series.count, len(reading.pictures))
    return replace(LabelMap.empty(count), name=_free(names, name or "Group", not name))


def with_group(reading: Reading, series: Series, group: LabelMap) -> Reading:
    """A reading with a group above the others, or with one that it has exchanged by *group*."""
    known = any(one.id == group.id for one in reading.groups)
    groups = tuple(group if one.id == group.id else one for one in reading.groups)
    pictures = reading.pictures or pictures_of(series)
    return replace(reading, groups=groups if known else (*groups, group), pictures=pictures)


def with_label(group: LabelMap, label: Label) -> LabelMap:
    """A map with one more label."""
    return replace(group, labels=(*group.labels, label))


def _free(taken: Iterable[str], name: str, always: bool) -> str:
    taken = set(taken)
    if name not in taken and not always:
        return name
    return next(f"{name} {at}" for at in range(1 if always else 2, 10_000) if f"{name} {at}" not in taken)


def _labels(reading: Reading) -> Iterable[Label]:
    return (label for group in reading.groups for label in group.labels)
