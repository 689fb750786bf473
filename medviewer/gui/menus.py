"""What stands in which menu, and in which order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Values = tuple[tuple[str, Any], ...]

SEPARATOR = "-"


def frozen(values: Mapping[str, Any]) -> Values:
    """Values of a command as part of a key."""
    return tuple(sorted(values.items()))


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a menu: a command with its values."""

    command: str
    title: str
    values: Values = ()
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Menu:
    """A menu: its name in commands, its title with the letter for Alt, and its lines in order.

    ">Title:a,b" is a menu within the menu.
    """

    name: str
    title: str
    items: tuple[str, ...]


def names_in(item: str) -> tuple[str, ...]:
    """The commands of a line, which may be a menu of its own."""
    return tuple(item.partition(":")[2].split(",")) if item.startswith(">") else (item,)


WINDOW_ENTRIES = {
    "gui.open": ("Open files…", "open"),
    "gui.open_folder": ("Open folder…", "folder"),
    "gui.remembered": ("Studies opened before…", "study"),
    "gui.save_picture": ("Save picture…", "camera"),
    "gui.export_series": ("Export series…", "save"),
    "gui.export_labels": ("Export labels…", ""),
    "gui.import_labels": ("Import labels…", ""),
    "gui.apply_series": ("Enhance a series into files…", "save"),
    "gui.measurements": ("Export measurements…", ""),
    "gui.save_dicom": ("Save as DICOM…", "save"),
    "gui.report": ("Report…", ""),
    "gui.train": ("Train a model…", ""),
    "gui.print": ("Print…", ""),
    "gui.preference": ("Preference study…", ""),
    "gui.save_reading": ("Save session…", "save"),
    "gui.load_reading": ("Open session…", ""),
    "gui.quit": ("Quit", ""),
    "gui.tags": ("Header of this file…", "info"),
    "gui.unreadable": ("Messages and unreadable files…", "warning"),
    "gui.left_panel": ("Studies", "study"),
    "gui.right_panel": ("Panels", "sliders"),
    "gui.tool_bar": ("Tool bar", ""),
    "gui.status_bar": ("Status bar", ""),
    "gui.full_screen": ("Only the pictures", "maximise"),
    "gui.next_region": ("Next region of the window", ""),
    "gui.find": ("Find a series", "search"),
    "gui.preferences": ("Preferences…", "settings"),
    "gui.theme": ("Theme", ""),
    "gui.panel": ("Panel", ""),
    "gui.palette": ("Find a command…", "search"),
    "gui.help": ("Keys and mouse", "keyboard"),
    "gui.screen_check": ("Check the screen…", ""),
    "gui.about": ("About medviewer", "help"),
}
"""What only a window can do: title and icon."""

MENUS = (
    Menu(
        "File",
        "&File",
        (
            "gui.open",
            "gui.open_folder",
            "gui.remembered",
            "study.sample",
            "workplace.restore",
            SEPARATOR,
            "gui.save_picture",
            "gui.export_series",
            "gui.save_dicom",
            "gui.report",
            "gui.print",
            SEPARATOR,
            "gui.import_labels",
            "gui.export_labels",
            SEPARATOR,
            "gui.save_reading",
            "gui.load_reading",
            "study.take_over",
            "study.close",
            "study.forget",
            SEPARATOR,
            "gui.tags",
            "gui.unreadable",
            SEPARATOR,
            "gui.quit",
        ),
    ),
    Menu(
        "Edit",
        "&Edit",
        (
            "edit.undo",
            "edit.redo",
            SEPARATOR,
            "export.copy",
            SEPARATOR,
            "annotate.delete",
            SEPARATOR,
            "gui.preferences",
        ),
    ),
    Menu(
        "View",
        "V&iew",
        (
            "gui.left_panel",
            "gui.right_panel",
            "gui.tool_bar",
            "gui.status_bar",
            "gui.full_screen",
            ">Panel:gui.panel",
            ">Theme:gui.theme",
            SEPARATOR,
            ">Grid:view.layout",
            "view.maximise",
            "view.next",
            "view.link",
            SEPARATOR,
            ">Planes:plane.layout,plane.show,plane.straight",
            "view.reference_lines",
            ">3-D:view3d.show,view3d.labels,view3d.shows,view3d.face,view3d.reset",
            SEPARATOR,
            ">Go to:view.scroll,view.goto,view.dimension,view.series",
            "view.cine",
            "view.cine_places",
            SEPARATOR,
            "view.fit",
            "view.actual",
            "view.zoom",
            "view.reset",
            SEPARATOR,
            "view.text",
            "view.annotations",
        ),
    ),
    Menu(
        "Picture",
        "Pi&cture",
        (
            ">Window:window.number",
            "window.invert",
            ">Colours:view.colors",
            "fusion.off",
            SEPARATOR,
            "presentation.next",
            "presentation.off",
            SEPARATOR,
            "object.show_all",
            "object.hide_all",
            SEPARATOR,
            "key.toggle",
            "key.step",
            SEPARATOR,
            "view.rotate",
            "view.flip",
        ),
    ),
    Menu("Tools", "&Tools", ("view.tool",)),
    Menu(
        "Enhance",
        "E&nhance",
        (
            "compare.toggle",
            ">Two in one picture:against.wipe,against.flicker,against.lens,against.blend,against.difference,"
            "against.turn,against.pause,against.swap,against.grow,against.off",
            "grid.toggle",
            ">The grid:grid.recipes,grid.steps,grid.count,grid.use,grid.move,grid.add,grid.remove",
            SEPARATOR,
            "recipe.step",
            SEPARATOR,
            "gui.apply_series",
            SEPARATOR,
            "gui.preference",
            ">Preference study that runs:preference.undo,preference.pause,preference.leave",
            SEPARATOR,
            "enhance.clear",
        ),
    ),
    Menu(
        "Segment",
        "&Segment",
        (
            "labels.add",
            "labels.add_group",
            "labels.next",
            "labels.solo",
            "labels.blink",
            "labels.show_all",
            SEPARATOR,
            ">Find:segment.preset",
            "segment.stop",
            SEPARATOR,
            "paint.interpolate",
            "paint.copy",
            SEPARATOR,
            "paint.size",
            "paint.limits_from_window",
            "paint.no_limits",
            SEPARATOR,
            "segment.clear_seeds",
            "labels.clear",
            "labels.remove_label",
        ),
    ),
    Menu(
        "Annotate",
        "Ann&otate",
        (
            "annotate.copy",
            "annotate.paste",
            "annotate.duplicate",
            ">Copy to other slices:annotate.copy_to",
            ">Move a little:annotate.nudge",
            "annotate.snap",
            SEPARATOR,
            "measure.uncalibrate",
            "gui.measurements",
        ),
    ),
    Menu(
        "AI",
        "&AI",
        (
            *("ai.accept", "ai.reject", SEPARATOR, "ai.cancel", "labels.remove"),
            *(SEPARATOR, "gui.train", "training.stop"),
        ),
    ),
    Menu("Help", "Hel&p", ("gui.palette", "gui.help", "gui.screen_check", SEPARATOR, "gui.about")),
)

PANELS = (
    *("Window", "Colours", "Enhance", "Compare", "Numbers", "Planes"),
    *("Measure", "3-D", "Segment", "AI", "Inspect"),
)
"""By title, in the order of work; the name of a panel is its title in small letters."""
