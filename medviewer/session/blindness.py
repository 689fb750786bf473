"""What is not told, and not done, while a preference study runs: nothing may say which recipe is where."""

from __future__ import annotations

from typing import Any

from medviewer.kit.errors import BadValue
from medviewer.session.state import Blind

HIDDEN = "Enhancement hidden: preference study"
REASON = "A preference study is running."
ADVICE = "Leave it first, in the menu Enhance; what was answered is kept."
LOCKED = "The window is the same for all readers of this study."

ALLOWED = frozenset(
    {
        "view.scroll",
        "view.goto",
        "view.activate",
        "view.next",
        "view.zoom",
        "view.look",
        "view.fit",
        "view.actual",
        "view.tool",
        "annotate.select",
        "notice.dismiss",
        "job.cancel",
    }
)
TOOLS = ("pan", "zoom", "scroll")
"""What dragging may do; and "window" where the study leaves that to the reader."""


def why_not(blind: Blind, command: str, tool: str = "") -> str:
    """Why a command is not done while a study runs, "" where it is; *tool* is what "view.tool" chooses."""
    if command.startswith("preference."):
        return ""
    if command.startswith("window.") or tool == "window":
        return LOCKED if blind.window_locked else ""
    if command == "view.tool":
        return "" if tool in TOOLS else REASON
    return "" if command in ALLOWED else REASON


def check(blind: Blind, command: str, **values: Any) -> None:
    """Raise BadValue where a command is not done while a study runs."""
    reason = why_not(blind, command, str(values.get("name", "")) if command == "view.tool" else "")
    if reason:
        raise BadValue(reason, "" if reason is LOCKED else ADVICE)
