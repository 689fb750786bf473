"""All keys, and what the mouse does, in one list that can be searched, by what they are for."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

from medviewer.gui.actions import Actions
from medviewer.gui.dialogs.table import Row, TableDialog
from medviewer.gui.keys import Key
from medviewer.gui.palette_items import group_of, with_family
from medviewer.session.command import COMMANDS

HEADS = ("Key", "What it does", "Where")
MOUSE = (
    ("Left drag", "What the chosen tool does; at first: right widens the window, up brightens", "Mouse"),
    ("Wheel", "Next and previous picture, whatever tool is chosen", "Mouse"),
    ("Shift + wheel", "Ten pictures at a time", "Mouse"),
    ("Ctrl + wheel", "Zoom where the mouse is", "Mouse"),
    ("Middle drag", "Pan", "Mouse"),
    ("Right drag", "Zoom", "Mouse"),
    ("Right click", "Menu of the picture", "Mouse"),
    ("Double click", "One viewport over all, and back", "Mouse"),
    ("Shift + left drag", "Pan", "Mouse"),
    ("Ctrl + left drag", "Zoom", "Mouse"),
    ("Alt + left drag", "Window", "Mouse"),
    ("Shift while drawing", "Straight across or down; squares and circles", "Mouse, drawing"),
    ("Ctrl while drawing", "On the strongest edge near by", "Mouse, drawing"),
    ("Return, Backspace", "Close a polygon; take its last corner back", "Mouse, drawing"),
    ("Left drag on a line", "Move the plane whose line it is", "Mouse, planes"),
    ("Left drag on its circle", "Turn that plane around the crosshair", "Mouse, planes"),
    ("Left drag on a divider", "Move it: more of one picture, less of the other", "Mouse, compare"),
    ("Ctrl + Shift + wheel", "Size of the lens; in a blend, how much of the other", "Mouse, compare"),
    ("Ctrl + Shift + wheel", "Size of the brush", "Mouse, painting"),
    ("Shift + left drag", "Erase instead of painting; with scissors keep what is inside", "Mouse, painting"),
    ("Left drag on a body", "Turn it; with Ctrl finer, with Shift faster", "Mouse, 3-D"),
    ("Wheel on a body", "Zoom", "Mouse, 3-D"),
)
ORDER = (
    "Tools",
    "View",
    "Planes",
    "3-D",
    "Grey values",
    "Presentation",
    "Inspect",
    "Enhance",
    "Compare",
    "Recipe",
    "Labels",
    "Annotate",
    "AI",
    "Edit",
    "File",
    "Window",
)
"""How groups follow one another; others come behind."""
KEY_PX, WHERE_PX = 190, 130
SIZE = QSize(900, 620)


class KeysDialog(TableDialog):
    """The list behind F1."""

    def __init__(self, actions: Actions, parent: QWidget) -> None:
        super().__init__("Keys and mouse", HEADS, parent, stretch=1)
        self.resize(SIZE)
        self.table.setColumnWidth(0, KEY_PX)
        self.table.setColumnWidth(2, WHERE_PX)
        titles = {(entry.command, entry.values): entry.title for entry, _ in actions}
        rows = [_row(key, titles.get((key.command, key.values), "")) for key in actions.keys]
        places = {group: at for at, group in enumerate(ORDER)}
        self.show_rows([*MOUSE, *sorted(rows, key=lambda row: places.get(row[2], len(ORDER)))])


def _row(key: Key, title: str) -> Row:
    if not title and key.command in COMMANDS:
        title = COMMANDS[key.command].title
    words = f"{key.words} (held)" if key.held else key.words
    group = "Tools" if key.command == "view.tool" else group_of(key.command)
    return words, with_family(key.command, title), group
