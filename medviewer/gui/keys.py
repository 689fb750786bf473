"""Which keys a command has: data in resources/shortcuts.json, read once."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from PySide6.QtGui import QKeySequence

from medviewer.gui.menus import WINDOW_ENTRIES, Values, frozen
from medviewer.kit.paths import resource
from medviewer.session.command import COMMANDS


@dataclass(frozen=True, slots=True)
class Key:
    """A line of the file of keys."""

    keys: tuple[str, ...]
    command: str
    values: Values = ()
    held: bool = False
    """whether it acts for as long as it is held"""

    @property
    def words(self) -> str:
        """The keys as they are written on them."""
        return " or ".join(native(key) for key in self.keys)


@cache
def read_keys() -> tuple[Key, ...]:
    """The keys in resources/shortcuts.json, without those of commands that are not there."""
    found = json.loads(resource("shortcuts.json").read_text(encoding="utf-8"))
    keys = (
        Key(tuple(item["keys"]), item["command"], frozen(item.get("values", {})), bool(item.get("held")))
        for item in found
    )
    return tuple(key for key in keys if key.command in WINDOW_ENTRIES or key.command in COMMANDS)


@cache
def native(key: str) -> str:
    """A key as this system writes it."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


def with_key(words: str, command: str, /, **values: Any) -> str:
    """*words* for a tool tip, with the keys of a command behind them when it has any."""
    wanted = frozen(values)
    keys = next((one.words for one in read_keys() if (one.command, one.values) == (command, wanted)), "")
    return f"{words} ({keys})" if keys else words
