"""Stacks as bodies: shown, turned, clipped and seen through presets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Literal

from medviewer.core.view3d import WHOLE, Quality, Shows, View3D
from medviewer.kit.errors import BadValue
from medviewer.kit.params import Slider
from medviewer.session.command import command
from medviewer.session.session_type import Session
from medviewer.session.state import Viewport
from medviewer.session.surfaces.wanted import are_alone, place_for_surfaces


@command("view3d.show", title="3-D", menu="Planes", icon="body")
def show(session: Session) -> None:
    """Show the stack of the active viewport as a body, from the front; once more goes back to its slices."""
    now = session.view.current
    if now.view3d is not None:
        _set(session, _upright(now, None))
        return
    _set(session, replace(_upright(now, session.three_d.start(now)), cut=None, presentation=""))


@command("view3d.labels", title="Labels in 3-D", menu="Planes", icon="segment")
def labels(session: Session) -> None:
    """Show the visible labels as surfaces, without the body; once more goes back to the slices.

    With planes side by side they take the place of the pictures as acquired.
    """
    number = place_for_surfaces(session.view)
    now = session.view.viewports[number]
    if are_alone(now):
        after = _upright(now, None)
    else:
        began = session.three_d.start(now, Shows.LABELS)
        if now.view3d is None:
            after = replace(_upright(now, began), cut=None, presentation="")
        else:
            after = replace(now, view3d=replace(now.view3d, shows=Shows.LABELS))
    session.change(lambda view: view.with_viewport(number, after))


@command("view3d.shows", title="Body and labels in 3-D")
def shows(session: Session, *, what: Literal["body", "both", "labels"] = "both") -> None:
    """See the body, its visible labels as surfaces, or both together."""
    now, wanted = session.view.current, Shows(what)
    session.three_d.start(now, wanted)  # says why it cannot be
    if now.view3d is None:
        show(session)
    _change(session, lambda view: replace(view, shows=wanted))


@command("view3d.preset", title="3-D preset")
def preset(session: Session, *, name: str) -> None:
    """See the body through another preset; 3-D begins with it where it was not on."""
    now = session.view.current
    known = session.three_d.presets(now)
    if name not in [one.name for one in known]:
        raise BadValue(
            f"There is no 3-D preset {name!r:.40} for this series.",
            f"There are: {', '.join(one.name for one in known) or 'none'}.",
        )
    if now.view3d is None:
        show(session)
    _change(session, lambda view: replace(view, preset=name, shows=_with_body(view.shows)))


@command("view3d.turn", title="Turn the body")
def turn(
    session: Session,
    *,
    right: Annotated[float, Slider(-360, 360, unit="°")] = 0.0,
    down: Annotated[float, Slider(-360, 360, unit="°")] = 0.0,
    roll: Annotated[float, Slider(-360, 360, unit="°")] = 0.0,
    viewport: int = -1,
) -> None:
    """Turn what is near to the right and down, and all of it clockwise."""
    _change(session, lambda view: view.turned(right, down, roll), viewport)


@command("view3d.face", title="See the body from")
def face(
    session: Session,
    *,
    side: Literal["anterior", "posterior", "left", "right", "head", "feet"] = "anterior",
) -> None:
    """See the body straight from one side of the patient."""
    _change(session, lambda view: view.from_face(side))


@command("view3d.clip", title="Clip the body")
def clip(
    session: Session,
    *,
    axis: Literal["right-left", "front-back", "feet-head"],
    low: Annotated[float, Slider(0, 1)] = 0.0,
    high: Annotated[float, Slider(0, 1)] = 1.0,
) -> None:
    """Keep a part of the body along one axis of the patient, as shares of the stack; the rest is cut away."""
    if low >= high:
        raise BadValue("Nothing would be left of the body.", "The lower end has to be below the upper one.")
    _change(session, lambda view: view.clipped(axis, low, high))


@command("view3d.table", title="Table in 3-D")
def table(session: Session, *, on: bool = True) -> None:
    """Show what lies beside the patient too, or leave it out: the table, cushions, tubes; CT only."""
    _change(session, lambda view: replace(view, table=on))


@command("view3d.quality", title="3-D quality")
def quality(session: Session, *, name: Literal["fast", "normal", "fine"] = "normal") -> None:
    """Choose how much work a picture is worth once nothing moves."""
    _change(session, lambda view: replace(view, quality=Quality(name)))


@command("view3d.reset", title="Reset the body")
def reset(session: Session) -> None:
    """See all of the body from the front again; the preset stays."""
    _change(session, lambda view: replace(view.from_face("anterior"), clip=WHOLE))
    now = session.view.current
    _set(session, _upright(now, now.view3d))


def _change(session: Session, how: Callable[[View3D], View3D], viewport: int = -1) -> None:
    number = session.view.number(viewport)
    now = session.view.viewports[number]
    if now.view3d is None:
        raise BadValue("This viewport shows no body.", "Switch 3-D on first.")
    after = replace(now, view3d=how(now.view3d))
    session.change(lambda view: view.with_viewport(number, after))


def _with_body(seen: Shows) -> Shows:
    return Shows.BOTH if seen is Shows.LABELS else seen


def _set(session: Session, viewport: Viewport) -> None:
    session.change(lambda view: view.with_viewport(view.active, viewport))


def _upright(now: Viewport, view3d: View3D | None) -> Viewport:
    return replace(now.upright(), view3d=view3d, playing=False)
