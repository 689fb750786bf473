"""What stands in which menu, in which order, and under which words where a command has several."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from medviewer.core.view3d import FACES
from medviewer.imaging.colormaps import color_maps

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
    Menu("AI", "&AI", ("ai.accept", "ai.reject", SEPARATOR, "ai.cancel", "labels.remove")),
    Menu("Help", "Hel&p", ("gui.palette", "gui.help", "gui.screen_check", SEPARATOR, "gui.about")),
)

PANELS = (
    *("Window", "Colours", "Enhance", "Compare", "Numbers", "Planes"),
    *("Measure", "3-D", "Segment", "AI", "Inspect"),
)
"""By title, in the order of work; the name of a panel is its title in small letters."""

Variant = tuple[str, Mapping[str, Any], str]
"""title, values, icon"""

VARIANTS: Mapping[str, tuple[Variant, ...]] = {
    "gui.theme": (
        ("Dark", {"name": "dark"}, ""),
        ("Light", {"name": "light"}, ""),
        ("High contrast", {"name": "contrast"}, ""),
    ),
    "gui.panel": tuple((title, {"name": title.lower()}, "") for title in PANELS),
    "view.scroll": (
        ("Next picture", {"by": 1}, ""),
        ("Previous picture", {"by": -1}, ""),
        ("Ten pictures on", {"by": 10}, ""),
        ("Ten pictures back", {"by": -10}, ""),
    ),
    "view.goto": (("First picture", {"index": 0}, ""), ("Last picture", {"index": -1}, "")),
    "view.dimension": (
        ("Next time, phase or b-value", {"by": 1}, ""),
        ("Previous time, phase or b-value", {"by": -1}, ""),
    ),
    "view.series": (("Next series", {"by": "1"}, "right"), ("Previous series", {"by": "-1"}, "left")),
    "view.layout": tuple(
        (f"{rows} × {columns}", {"rows": rows, "columns": columns}, "")
        for rows, columns in ((1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (2, 3), (3, 2), (3, 3))
    ),
    "plane.layout": (
        ("Axial, coronal and sagittal", {"arrangement": "2x2"}, "planes"),
        ("Axial, coronal and sagittal in a row", {"arrangement": "1x3"}, ""),
    ),
    "plane.show": (
        ("Axial plane", {"name": "axial"}, ""),
        ("Coronal plane", {"name": "coronal"}, ""),
        ("Sagittal plane", {"name": "sagittal"}, ""),
        ("Slices as acquired", {"name": "acquired"}, ""),
    ),
    "view.zoom": (("Zoom in", {"factor": 1.25}, "plus"), ("Zoom out", {"factor": 0.8}, "minus")),
    "view.rotate": (
        ("Rotate right", {"degrees": "90"}, "rotate-right"),
        ("Rotate left", {"degrees": "-90"}, "rotate-left"),
    ),
    "view.flip": (
        ("Flip left and right", {"direction": "horizontal"}, "flip-horizontal"),
        ("Flip top and bottom", {"direction": "vertical"}, "flip-vertical"),
    ),
    "view3d.face": tuple((f"From {side}", {"side": side}, "") for side in FACES),
    "view3d.shows": (
        ("Body", {"what": "body"}, ""),
        ("Body and labels", {"what": "both"}, ""),
        ("Labels only", {"what": "labels"}, ""),
    ),
    "window.number": (
        ("Automatic", {"number": 0}, ""),
        ("The file's own", {"number": 1}, ""),
        *((f"Preset {number - 1}", {"number": number}, "") for number in range(2, 10)),
    ),
    "inspect.move": (
        ("Inspect the pixel below", {"rows": 1, "columns": 0}, ""),
        ("Inspect the pixel above", {"rows": -1, "columns": 0}, ""),
        ("Inspect the pixel to the right", {"rows": 0, "columns": 1}, ""),
        ("Inspect the pixel to the left", {"rows": 0, "columns": -1}, ""),
    ),
    "view3d.table": (
        ("3-D with the table", {"on": True}, ""),
        ("3-D without the table", {"on": False}, ""),
    ),
    "settings.set": (),  # the preferences are its form
    "view.colors": (
        ("Grey", {"name": "grey"}, ""),
        *((one.title, {"name": one.name}, "") for one in color_maps()),
    ),
    "window.automatic": (),  # the same as window number 0, which has a key
    "grid.steps": (
        ("Each step added to those before", {"each": "together"}, ""),
        ("Each step alone", {"each": "alone"}, ""),
    ),
    "grid.move": (("Move this cell on", {"by": 1}, "right"), ("Move this cell back", {"by": -1}, "left")),
    "grid.count": tuple((f"{count} cells", {"count": count}, "") for count in range(2, 10)),
    "against.grow": (
        ("Larger lens, more of the other", {"by": 1.0}, "plus"),
        ("Smaller lens, less of the other", {"by": -1.0}, "minus"),
    ),
    "paint.brush": (),  # the panel Segment is its form
    "paint.size": (("Larger brush", {"by": 1}, ""), ("Smaller brush", {"by": -1}, "")),
    "paint.copy": (
        ("Copy label to the next slice", {"by": 1}, ""),
        ("Copy label to the slice before", {"by": -1}, ""),
    ),
    "annotate.copy_to": (
        ("Copy to the next slice", {"to": "next"}, ""),
        ("Copy to the slice before", {"to": "previous"}, ""),
        ("Copy to all slices", {"to": "all"}, ""),
    ),
    "annotate.nudge": tuple(
        (f"Annotation {by:g} px {way}", {axis: sign * by}, "")
        for by in (1.0, 10.0, 0.1)
        for way, axis, sign in (
            ("right", "right", 1),
            ("left", "right", -1),
            ("down", "down", 1),
            ("up", "down", -1),
        )
    ),
    "segment.preset": tuple(
        (f"Find {name}", {"name": name}, "") for name in ("lungs", "bone", "body", "air")
    ),
    "labels.next": (("Next label", {"by": 1}, ""), ("Label before", {"by": -1}, "")),
    "labels.show_all": (
        ("Show all labels", {"visible": True}, "eye"),
        ("Hide all labels", {"visible": False}, "eye-off"),
    ),
    "key.step": (("Next key picture", {"by": 1}, ""), ("Previous key picture", {"by": -1}, "")),
    "recipe.step": (("Next recipe", {"by": 1}, ""), ("Previous recipe", {"by": -1}, "")),
}

CHECKED = {
    "view.tool",
    "view.link",
    "view.maximise",
    "view.cine",
    "view.cine_places",
    "view.annotations",
    "annotate.snap",
    "labels.solo",
    "labels.blink",
    "view.layout",
    "view.reference_lines",
    "view3d.show",
    "view3d.labels",
    "plane.layout",
    "plane.show",
    "window.invert",
    "view.colors",
    "compare.toggle",
    "against.wipe",
    "against.flicker",
    "against.lens",
    "against.blend",
    "against.difference",
    "against.pause",
    "key.toggle",
    "grid.toggle",
    "grid.count",
    "gui.left_panel",
    "gui.right_panel",
    "gui.tool_bar",
    "gui.status_bar",
    "gui.full_screen",
    "gui.theme",
}
"""What can be on or off."""
