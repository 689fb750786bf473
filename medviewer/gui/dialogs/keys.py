"""All keys, and what the mouse does, in one list that can be searched."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from medviewer.gui.actions import Actions
from medviewer.gui.dialogs.table import TableDialog
from medviewer.session.command import COMMANDS

HEADS = ("Key", "What it does")
MOUSE = (
    ("Left drag", "What the chosen tool does; at first: right widens the window, up brightens"),
    ("Wheel", "Next and previous picture, whatever tool is chosen"),
    ("Shift + wheel", "Ten pictures at a time"),
    ("Ctrl + wheel", "Zoom where the mouse is"),
    ("Middle drag", "Pan"),
    ("Right drag", "Zoom"),
    ("Right click", "Menu of the picture"),
    ("Double click", "One viewport over all, and back"),
    ("Shift + left drag", "Pan"),
    ("Ctrl + left drag", "Zoom"),
    ("Alt + left drag", "Window"),
)


class KeysDialog(TableDialog):
    """The list behind F1."""

    def __init__(self, actions: Actions, parent: QWidget) -> None:
        super().__init__("Keys and mouse", HEADS, parent)
        self.table.setColumnWidth(0, 180)
        titles = {(entry.command, entry.values): entry.title for entry, _ in actions}
        rows = []
        for key in actions.keys:
            title = titles.get((key.command, key.values), "")
            if not title and key.command in COMMANDS:
                title = COMMANDS[key.command].title
            rows.append((key.words, title.rstrip("…")))
        self.show_rows([*MOUSE, *rows])
