"""The keys: each means one thing, and each names a command that takes the values it is given."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

import medviewer.session.commands  # noqa: F401  (declares them)
from medviewer.gui.menu_variants import VARIANTS
from medviewer.gui.menus import MENUS, WINDOW_ENTRIES
from medviewer.gui.tools import TOOLS
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


def test_a_key_for_the_window_names_something_that_the_window_can_do() -> None:
    for shortcut in SHORTCUTS:
        if shortcut not in WITHOUT_A_SCREEN:
            assert shortcut["command"] in WINDOW_ENTRIES
            variants = [values for _, values, _ in VARIANTS.get(shortcut["command"], (("", {}, ""),))]
            assert shortcut.get("values", {}) in variants


def test_no_key_is_taken_by_a_letter_that_opens_a_menu() -> None:
    opening = {"Alt+" + menu.title[menu.title.index("&") + 1].upper() for menu in MENUS}
    assert opening & {key for shortcut in SHORTCUTS for key in shortcut["keys"]} == set()


def test_every_tool_can_be_reached_by_a_key() -> None:
    reached = {one["values"]["name"] for one in SHORTCUTS if one["command"] == "view.tool"}
    assert reached >= {tool.name for tool in TOOLS}
