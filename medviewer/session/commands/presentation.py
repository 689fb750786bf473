"""Presentation states: showing pictures as an object of the study wants them, or as their own files say."""

from __future__ import annotations

from dataclasses import replace

from medviewer.core.presentation import Area, Look
from medviewer.core.voi import VOI
from medviewer.kit.errors import BadValue
from medviewer.session.command import command
from medviewer.session.session_type import Session
from medviewer.session.state import Viewport


@command("presentation.apply", title="Apply presentation state")
def apply(session: Session, *, uid: str) -> None:
    """Show the pictures of the active viewport as a presentation state of the study says."""
    now = session.view.current
    series = session.series(now.series)
    if uid not in {state.uid for state in session.presenting.of_series(series)}:
        raise BadValue(
            "There is no such presentation state for these pictures.", "Open the study that holds it."
        )
    look = session.presenting.look(now.series, now.index, uid)
    changed = replace(now, presentation=uid, voi=VOI.unknown(), cut=None, view3d=None)
    session.change(lambda view: view.with_viewport(view.active, _placed(session, changed, look)))


@command("presentation.off", title="No presentation state", menu="Picture")
def off(session: Session) -> None:
    """Show the pictures of the active viewport as their own files say."""
    now = session.view.current
    if now.presentation:
        plain = replace(
            now, presentation="", voi=VOI.unknown(), rotation=0, flipped=False, zoom=1.0, center=(0.5, 0.5),
            actual=False,
        )  # fmt: skip
        session.change(lambda view: view.with_viewport(view.active, plain))


@command("presentation.next", title="Presentation state", menu="Picture")
def following(session: Session) -> None:
    """Step through the presentation states of these pictures, and back to none."""
    now = session.view.current
    known = [state.uid for state in session.presenting.of_series(session.series(now.series))]
    if not known:
        raise BadValue("No presentation state is about these pictures.", "The study holds none.")
    at = known.index(now.presentation) + 1 if now.presentation in known else 0
    if at < len(known):
        apply(session, uid=known[at])
    else:
        off(session)


def _placed(session: Session, viewport: Viewport, look: Look | None) -> Viewport:
    """The viewport turned, flipped and centred as the state wants it."""
    if look is None:
        return viewport
    turned = replace(viewport.upright(), rotation=look.rotation, flipped=look.flipped)
    plane = session.rendering.plane(viewport)
    if look.area is None or plane is None:
        return turned
    return _centered(turned, look.area, plane.shape)


def _centered(viewport: Viewport, area: Area, shape: tuple[int, int]) -> Viewport:
    height, width = area.bottom - area.top, area.right - area.left
    center = (
        ((area.top + area.bottom) / 2 + 0.5) / shape[0],
        ((area.left + area.right) / 2 + 0.5) / shape[1],
    )
    if area.magnification is not None:
        return replace(viewport, actual=True, zoom=area.magnification, center=center)
    if min(height, width) < 1:
        return viewport
    # an area larger than the picture (some writers count from 0) is the picture
    zoom = max(1.0, min(shape[0] / height, shape[1] / width))
    return replace(viewport, zoom=zoom, center=center if zoom > 1.0 else (0.5, 0.5))
