"""The window: which grey values are shown between black and white."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from typing import Annotated

from medviewer.core.voi import VOI
from medviewer.imaging.grayscale import automatic_voi, effective_voi, reader_voi
from medviewer.kit.errors import BadValue
from medviewer.kit.params import Slider
from medviewer.kit.paths import resource
from medviewer.session.command import command
from medviewer.session.linking import change_alike
from medviewer.session.session_type import Session


@cache
def presets() -> tuple[tuple[str, str, VOI], ...]:
    """The named windows as (name, modality, window)."""
    found = json.loads(resource("windows.json").read_text(encoding="utf-8"))
    return tuple(
        (item["name"], item["modality"], VOI(item["center"], item["width"], name=item["name"]))
        for item in found
    )


def presets_for(modality: str) -> tuple[VOI, ...]:
    """The named windows that make sense for a modality."""
    return tuple(voi for _, meant, voi in presets() if meant == modality)


@command("window.set", title="Set window")
def set_window(session: Session, *, center: float, width: float) -> None:
    """Show the values around *center*, over *width*."""
    voi = reader_voi(center, width, session.rendering.frame(session.view.current))
    if not voi.is_known:
        raise BadValue(
            f"A window cannot have the centre {center:g} and the width {width:g}.", "Widths are above 0."
        )
    _apply(session, voi)


@command("window.drag", title="Drag window")
def drag(
    session: Session,
    *,
    wider: Annotated[float, Slider(-100, 100)],
    brighter: Annotated[float, Slider(-100, 100)],
) -> None:
    """Widen and brighten by fractions of the present width."""
    _apply(session, current(session).dragged(max(wider, -0.9), brighter))


@command("window.preset", title="Window preset")
def preset(session: Session, *, name: str) -> None:
    """Show the picture through a named window."""
    for known, _, voi in presets():
        if known == name:
            _apply(session, voi)
            return
    known = ", ".join(dict.fromkeys(one for one, _, _ in presets()))
    raise BadValue(f"There is no window called {name!r:.40}.", f"There are: {known}.")


@command("window.number", title="Window by number")
def by_number(session: Session, *, number: Annotated[int, Slider(0, 9)]) -> None:
    """Window 0 is automatic, 1 the file's own, 2 and on are the presets of the modality."""
    if number == 0:
        automatic(session)
    elif number == 1:
        _apply(session, VOI.unknown())
    else:
        series = session.series(session.view.current.series)
        known = presets_for(series.modality if series else "")
        if number - 2 < len(known):
            _apply(session, known[number - 2])


@command("window.file", title="Window of the file")
def of_file(session: Session, *, number: Annotated[int, Slider(0, 99)] = 0) -> None:
    """Show the picture through one of the windows that its file offers."""
    frame = session.rendering.frame(session.view.current)
    if frame is None or number >= len(frame.windows):
        raise BadValue("The file offers no such window.", "Choose a preset or the automatic window.")
    _apply(session, frame.windows[number])


@command("window.automatic", title="Automatic window", menu="Picture")
def automatic(session: Session) -> None:
    """Choose the window from the values of the shown picture, padding left out."""
    frame = session.rendering.frame(session.view.current)
    if frame is not None:
        _apply(session, automatic_voi(frame))


@command("window.invert", title="Invert", menu="Picture", icon="invert")
def invert(session: Session) -> None:
    """Exchange black and white on the screen; the file and its values stay as they are."""
    now = session.view.current.voi
    _set(session, now.with_inversion(not now.inverted))


def current(session: Session) -> VOI:
    """The window through which the active picture is seen, whoever chose it."""
    now = session.view.current
    wanted = session.rendering.voi(now)
    frame = session.rendering.frame(now)
    return wanted if frame is None else effective_voi(frame, wanted)


def _apply(session: Session, voi: VOI) -> None:
    """Show through *voi*; the reader's inversion stays."""
    _set(session, voi.with_inversion(session.view.current.voi.inverted))


def _set(session: Session, voi: VOI) -> None:
    """A window acts on all pictures of the series; when linked also on the other viewports that show it."""
    change_alike(session, lambda one: replace(one, voi=voi))
