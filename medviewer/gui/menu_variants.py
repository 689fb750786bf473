"""Commands that stand in menus with several values, or with a form instead; and entries that are ticked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from medviewer.core.view3d import FACES
from medviewer.gui.menus import PANELS
from medviewer.imaging.colormaps import color_maps

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
