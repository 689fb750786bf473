"""What the command palette offers: the actions of the menus, and what only its moment knows."""

from __future__ import annotations

from collections.abc import Iterator

from medviewer.gui.actions import Actions
from medviewer.gui.availability import NO_PICTURE
from medviewer.gui.menus import Entry
from medviewer.gui.messages import run
from medviewer.gui.widgets.chooser import Choosable
from medviewer.imaging.enhance.operation import ENHANCEMENTS
from medviewer.session.bodies import why_no_body
from medviewer.session.commands.fusion import why_not
from medviewer.session.layouts import layouts
from medviewer.session.planes import why_no_planes
from medviewer.session.recipes import recipe_names
from medviewer.session.session import Session

GROUPS = {
    "against": "Compare",
    "gui": "Window",
    "view": "View",
    "view3d": "3-D",
    "plane": "Planes",
    "window": "Grey values",
    "ai": "AI",
    "edit": "Edit",
    "study": "File",
    "workplace": "File",
}
SLABS = (
    ("Slab: maximum of 10 mm (MIP)", {"thickness": 10.0, "mode": "max"}),
    ("Slab: minimum of 10 mm (MinIP)", {"thickness": 10.0, "mode": "min"}),
    ("Slab: mean of 5 mm", {"thickness": 5.0, "mode": "mean"}),
    ("Slab: none, one plane", {"thickness": 0.0}),
)
NO_PLANE = "Show a plane first."
ALSO = {
    "plane": "MPR multiplanar reconstruction reformat orthogonal oblique",
    "view3d": "volume rendering body",
    "fusion": "PET overlay blend",
    "grid": "side by side compare recipes enhancements contact sheet cells",
    "presentation": "GSPS",
    "view.colors": "colour color map palette",
    "view.overlays": "graphics 60xx",
    "view.dimension": "4D dynamic echo b-value",
    "window": "level contrast brightness W/L",
    "gui.tags": "DICOM tags attributes",
    "gui.screen_check": "calibration GSDF monitor SMPTE TG18",
    "gui.panel planes": "MPR slab MIP thickness oblique",
    "gui.panel colours": "fusion overlay shutter PET",
    "gui.panel 3-d": "volume rendering preset bone vessels clip",
    "gui.panel inspect": "pixel value bits why",
    "gui.panel window": "histogram preset level",
    "gui.panel compare": "difference beside",
    "gui.panel measure": "annotations list",
}
"""Other words for what commands do: by name, by name and value, or by the name as far as the point."""
_WANT_A_VALUE = {
    "plane.slab",
    "plane.slab_all",
    "view3d.turn",
    "view3d.quality",
    "view.cine_rate",
    "annotate.select",
}
"""Without one they change nothing that anybody would see."""
_PREFIXES = {
    "view.tool": "Tool: ",
    "view.layout": "Grid ",
    "view.colors": "Colours: ",
    "grid.steps": "Enhancement grid: ",
    "grid.count": "Enhancement grid: ",
    "view3d.face": "3-D: ",
    "gui.theme": "Theme: ",
    "gui.panel": "Panel: ",
    "window.number": "Window: ",
    "gui.left_panel": "Show or hide: ",
    "gui.right_panel": "Show or hide: ",
    "gui.tool_bar": "Show or hide: ",
    "gui.status_bar": "Show or hide: ",
}


def palette_items(session: Session, actions: Actions) -> Iterator[Choosable]:
    """Everything that can be chosen, with its key; what cannot be used now says why."""
    for entry, action in actions:
        if not action.isVisible() or entry.command in ("gui.palette", *_WANT_A_VALUE):
            continue
        title = with_family(entry.command, action.text().partition("\t")[0].replace("&&", "&"))
        reason = "" if action.isEnabled() else action.toolTip().partition("\n")[2]
        words = actions.words_for(entry.command, **dict(entry.values))
        yield Choosable(
            title, action.trigger, group_of(entry.command), words, reason=reason, also=_also(entry)
        )
    yield from _slabs(session)
    yield from _bodies(session)
    yield from _series_to_lay(session)
    yield from _enhancements(session)
    yield from _layouts(session)


def group_of(command: str) -> str:
    """What a command belongs to, in words."""
    family = command.partition(".")[0]
    return GROUPS.get(family, family.capitalize())


def with_family(command: str, title: str) -> str:
    """A title that can be understood alone: "Tool: Pan", "Window: Lung"."""
    return f"{_PREFIXES.get(command, '')}{title}".rstrip("…")


def _also(entry: Entry) -> str:
    name = entry.command
    values = dict(entry.values)
    keys = (f"{name} {values['name']}" if "name" in values else "", name, name.partition(".")[0])
    return " ".join(ALSO[key] for key in keys if key in ALSO)


def _slabs(session: Session) -> Iterator[Choosable]:
    now = session.view.current
    reason = why_no_planes(session, now) or ("" if now.cut is not None else NO_PLANE)
    for title, values in SLABS:
        call = _runner(session, "plane.slab", **values)
        yield Choosable(title, call, "Planes", reason=reason, also="MIP thickness projection thick")


def _bodies(session: Session) -> Iterator[Choosable]:
    now = session.view.current
    reason = why_no_body(session, now)
    for one in session.three_d.presets(now):
        call = _runner(session, "view3d.preset", name=one.name)
        yield Choosable(f"3-D: {one.title}", call, "3-D", help=one.help, reason=reason, also=ALSO["view3d"])


def _series_to_lay(session: Session) -> Iterator[Choosable]:
    below = session.series(session.view.current.series)
    for study in session.state.studies:
        for above in study.series:
            if below is not None and above.key != below.key and not why_not(session, below, above):
                title = f"Lay over the picture: {above.modality} {above.description}".rstrip()
                call = _runner(session, "fusion.set", series=above.key)
                yield Choosable(title, call, "Fusion", also=ALSO["fusion"])


def _enhancements(session: Session) -> Iterator[Choosable]:
    reason = "" if session.view.current.series else NO_PICTURE
    for one in ENHANCEMENTS:
        call = _runner(session, "enhance.add", operation=one.name)
        yield Choosable(f"Add {one.title}", call, "Enhance", help=one.help, reason=reason)
    for name in recipe_names():
        call = _runner(session, "recipe.apply", name=name)
        yield Choosable(f"Recipe {name}", call, "Enhance", reason=reason)


def _layouts(session: Session) -> Iterator[Choosable]:
    reason = "" if session.view.current.series else NO_PICTURE
    for one in layouts().all:
        call = _runner(session, "grid.apply", name=one.name)
        yield Choosable(
            f"Enhancement grid: layout {one.name}", call, "Grid", reason=reason, also=ALSO["grid"]
        )


def _runner(session: Session, name: str, /, **values: object) -> object:
    return lambda: run(session, name, **values)
