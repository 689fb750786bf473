"""The window: which grey values are shown between black and white."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from typing import Annotated, Any

from medviewer.core.voi import VOI
from medviewer.core.volume import Frame
from medviewer.imaging.grayscale import automatic_voi, effective_voi, reader_voi
from medviewer.kit.errors import BadValue
from medviewer.kit.frozen import frozen
from medviewer.kit.params import Slider
from medviewer.kit.paths import resource
from medviewer.session.command import command
from medviewer.session.linking import change_alike
from medviewer.session.session_type import Session


@frozen
class Preset:
    """A named window."""

    voi: VOI
    modality: str
    unit: str = ""
    """of the values it is meant for; "" for whatever the modality has"""

    def check(self, frame: Frame | None) -> None:
        """Raise BadValue when the values of *frame* are of another unit."""
        if self.unit and frame is not None and frame.rescale.unit != self.unit:
            raise BadValue(f"{self.voi.name} is meant for {self.unit}.", _other_unit(frame.rescale.unit))


@cache
def presets() -> tuple[Preset, ...]:
    """The named windows, in the order of the table."""
    found = json.loads(resource("windows.json").read_text(encoding="utf-8"))
    return tuple(Preset(_window(item), item["modality"], item.get("unit", "")) for item in found)


def _window(item: dict[str, Any]) -> VOI:
    if "lowest" in item:
        return VOI.from_range(item["lowest"], item["highest"], name=item["name"])
    return VOI(item["center"], item["width"], name=item["name"])


def presets_for(modality: str, unit: str | None = None) -> tuple[VOI, ...]:
    """The named windows for a modality and the unit of its values; None where nobody knows the unit yet."""
    fitting = (one for one in presets() if one.modality == modality)
    return tuple(one.voi for one in fitting if unit is None or one.unit in ("", unit))


def offered(session: Session) -> tuple[VOI, ...]:
    """The named windows for the active picture; until it is decoded those of its modality."""
    series = session.series(session.view.current.series)
    return () if series is None else presets_for(series.modality, _unit(session))


def why_none(session: Session) -> str:
    """Why no named windows are offered for the active picture, in words; "" when there are some."""
    series = session.series(session.view.current.series)
    if series is None or offered(session):
        return ""
    if series.modality == "MR":
        return "MR has no fixed scale: equal tissue has other values in each series. Automatic fits each."
    units = {one.unit for one in presets() if one.modality == series.modality}
    if units:
        return f"Presets for {series.modality} are in {', '.join(units)}. {_other_unit(_unit(session) or '')}"
    return f"There are no presets for {series.modality or 'pictures without a modality'}."


def _unit(session: Session) -> str | None:
    frame = session.rendering.frame(session.view.current)
    return None if frame is None else str(frame.rescale.unit)


def _other_unit(unit: str) -> str:
    return f"These values are in {unit}." if unit else "These values have no unit."


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
    for one in presets():
        if one.voi.name == name:
            one.check(session.rendering.frame(session.view.current))
            _apply(session, one.voi)
            return
    known = ", ".join(dict.fromkeys(one.voi.name for one in presets()))
    raise BadValue(f"There is no window called {name!r:.40}.", f"There are: {known}.")


@command("window.number", title="Window by number")
def by_number(session: Session, *, number: Annotated[int, Slider(0, 9)]) -> None:
    """Window 0 is automatic, 1 the file's own, 2 and on are the presets of the modality."""
    if number == 0:
        automatic(session)
    elif number == 1:
        _apply(session, VOI.unknown())
    else:
        known = offered(session)
        if number - 2 < len(known):
            _apply(session, known[number - 2])
        elif why := why_none(session):
            raise BadValue("There is no preset here.", why)


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
