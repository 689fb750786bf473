"""The keys: each means one thing, and each names a command that takes the values it is given."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

import medviewer.session.commands  # noqa: F401  (declares them)
from medviewer.kit.params import checked
from medviewer.session.command import COMMANDS

FILE = Path(__file__).resolve().parents[2] / "resources" / "shortcuts.json"
SHORTCUTS = json.loads(FILE.read_text(encoding="utf-8"))
WITHOUT_A_SCREEN = [one for one in SHORTCUTS if not one["command"].startswith("gui.")]
"""Commands whose names begin with gui need a window, which declares them."""


def test_no_two_commands_share_a_key() -> None:
    counted = Counter(key for shortcut in SHORTCUTS for key in shortcut["keys"])
    assert [key for key, times in counted.items() if times > 1] == []


def test_a_shortcut_says_nothing_but_keys_command_values_and_whether_it_is_held() -> None:
    for shortcut in SHORTCUTS:
        assert {"keys", "command"} <= set(shortcut) <= {"keys", "command", "values", "held"}
        assert shortcut["keys"], shortcut


@pytest.mark.parametrize("shortcut", WITHOUT_A_SCREEN, ids=lambda one: one["keys"][0])
def test_a_key_fits_the_command_it_names(shortcut: dict) -> None:
    declared = COMMANDS[shortcut["command"]].parameters
    # a held key hands over on=True when it goes down and on=False when it comes up
    held = {"on": True} if shortcut.get("held") else {}
    checked(declared, {**shortcut.get("values", {}), **held})
