"""What the command palette offers: every action of the menus, every enhancement, every saved recipe."""

from __future__ import annotations

from collections.abc import Iterator

from medviewer.gui.actions import Actions
from medviewer.gui.messages import run
from medviewer.gui.widgets.chooser import Choosable
from medviewer.imaging.enhance.operation import ENHANCEMENTS
from medviewer.session.commands.enhance import recipe_names
from medviewer.session.session import Session

GROUPS = {
    "gui": "Window",
    "view": "View",
    "plane": "Planes",
    "window": "Grey values",
    "ai": "AI",
    "edit": "Edit",
    "study": "File",
}


def palette_items(session: Session, actions: Actions) -> Iterator[Choosable]:
    """Everything that can be chosen, with its key; what cannot be used now says why."""
    for entry, action in actions:
        if not action.isVisible() or entry.command == "gui.palette":
            continue
        group = GROUPS.get(entry.command.partition(".")[0], entry.command.partition(".")[0].capitalize())
        title = action.text().partition("\t")[0].replace("&&", "&").rstrip("…")
        title = f"{_PREFIXES.get(entry.command, '')}{title}"
        reason = "" if action.isEnabled() else action.toolTip().partition("\n")[2]
        words = actions.words_for(entry.command, **dict(entry.values))
        yield Choosable(title, action.trigger, group, words, reason=reason)
    reason = "" if session.view.current.series else "Open a study first."
    for one in ENHANCEMENTS:
        call = _runner(session, "enhance.add", operation=one.name)
        yield Choosable(f"Add {one.title}", call, "Enhance", help=one.help, reason=reason)
    for name in recipe_names():
        yield Choosable(
            f"Recipe {name}", _runner(session, "recipe.apply", name=name), "Enhance", reason=reason
        )


_PREFIXES = {
    "view.tool": "Tool: ",
    "view.layout": "Grid ",
    "gui.theme": "Theme: ",
    "gui.panel": "Panel: ",
    "window.number": "Window: ",
    "gui.left_panel": "Show or hide: ",
    "gui.right_panel": "Show or hide: ",
    "gui.tool_bar": "Show or hide: ",
    "gui.status_bar": "Show or hide: ",
}


def _runner(session: Session, name: str, /, **values: object) -> object:
    return lambda: run(session, name, **values)
