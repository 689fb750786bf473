"""What a picture carries beside its pixels: its colours, the overlays and the shutter of its file."""

from __future__ import annotations

from dataclasses import replace

from medviewer.core.beside_pixels import SHUTTER
from medviewer.core.volume import Frame
from medviewer.imaging.colormaps import FIRST_CHOICE, color_map
from medviewer.kit.errors import BadValue
from medviewer.session.command import command
from medviewer.session.linking import change_alike
from medviewer.session.session_type import Session
from medviewer.session.state import Viewport

COLOR_ALREADY = "This picture has colours of its own."
NO_OVERLAYS = "The file of this picture brings no overlays."
NO_SHUTTER = "The file of this picture brings no shutter."


@command("view.colors", title="Colours")
def colors(session: Session, *, name: str = FIRST_CHOICE) -> None:
    """Show the greys of the series through a colour map; "grey" shows them as they are."""
    wanted = "" if name in ("", "grey") else color_map(name).name
    frame = _frame(session)
    if wanted and frame is not None and frame.is_color:
        raise BadValue(COLOR_ALREADY, "Colour maps are for grey pictures.")
    change_alike(session, lambda one: replace(one, colors=wanted))


@command("view.overlay", title="Overlay of the file")
def overlay(session: Session, *, group: int, on: bool = True) -> None:
    """Draw one overlay of the file over the picture, by its group (0x6000 is 24576), or leave it off."""
    frame = _frame(session)
    groups = [one.group for one in frame.overlays] if frame is not None else []
    if frame is not None and group not in groups:
        known = ", ".join(f"{one} ({one:04X})" for one in groups)
        raise BadValue(f"There is no overlay {group} here.", f"There are: {known}." if known else NO_OVERLAYS)
    _switch(session, (group,), on)


@command("view.overlays", title="Overlays of the file")
def overlays(session: Session) -> None:
    """Draw all overlays of the file over the picture, or none."""
    frame = _frame(session)
    groups = tuple(one.group for one in frame.overlays) if frame is not None else ()
    if not groups:
        raise BadValue(NO_OVERLAYS, "")
    hidden = session.view.current.hidden_overlays
    _switch(session, groups, on=all(group in hidden for group in groups))


@command("view.shutter", title="Shutter of the file")
def shutter(session: Session) -> None:
    """Cover what the file's shutter covers, or show what lies below it; that is no way to hide a name."""
    frame = _frame(session)
    if frame is not None and frame.shutter is None:
        raise BadValue(NO_SHUTTER, "")
    _switch(session, (SHUTTER,), on=SHUTTER in session.view.current.hidden_overlays)


def _switch(session: Session, groups: tuple[int, ...], on: bool) -> None:
    def switched(one: Viewport) -> Viewport:
        others = set(one.hidden_overlays) - set(groups)
        return replace(one, hidden_overlays=tuple(sorted(others if on else others | set(groups))))

    change_alike(session, switched)


def _frame(session: Session) -> Frame | None:
    return session.rendering.frame(session.view.current)
