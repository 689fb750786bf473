"""Which pictures of other viewports are drawn as lines over one: planes, and the slice in use."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from medviewer.core.geometry import Plane
from medviewer.core.vectors import dot
from medviewer.imaging.crossing import LEAST_ANGLE, Crossing
from medviewer.session.state import View, Viewport

if TYPE_CHECKING:
    from medviewer.session.session import Session

WORDS = {"Axial": "Ax", "Coronal": "Cor", "Sagittal": "Sag"}
PARALLEL = math.cos(math.radians(LEAST_ANGLE))


def crossings(session: Session, number: int) -> tuple[Crossing, ...]:
    """What crosses the picture of viewport *number*: every plane, and the slice of the active viewport.

    Only where both lie in one frame of reference, and each plane once.
    """
    view = session.view
    if not view.reference_lines or len(view.shown) < 2:
        return ()
    cuts = [other for other in view.shown if other != number and view.viewports[other].cut is not None]
    if not cuts and (view.active == number or view.current.cut is not None):
        return ()
    own = _placed(session, view.viewports[number])
    if own is None:
        return ()
    planes = [found for other in cuts if (found := _plane(session, view, other, own))]
    kept: list[Crossing] = []
    for one in planes:
        if not _parallel(one.plane, own) and not any(_same(one.plane, other.plane) for other in kept):
            kept.append(one)
    active = _slice(session, view, number, own)
    if active is not None and not any(
        _parallel(active.plane, one) for one in (own, *(k.plane for k in kept))
    ):
        kept.append(active)
    return tuple(kept)


def _plane(session: Session, view: View, other: int, own: Plane) -> Crossing | None:
    """The plane that viewport *other* shows, None where it shows none that can be seen here."""
    cut = view.viewports[other].cut
    plane = None if cut is None else _placed(session, view.viewports[other])
    if cut is None or plane is None or plane.frame_of_reference != own.frame_of_reference:
        return None
    return Crossing(plane, other, WORDS.get(cut.name, ""), cut.name, cut.thickness)


def _slice(session: Session, view: View, number: int, own: Plane) -> Crossing | None:
    """The acquired slice of the active viewport."""
    viewport = view.current
    plane = None if view.active == number or viewport.cut is not None else _placed(session, viewport)
    if plane is None or plane.frame_of_reference != own.frame_of_reference:
        return None
    return Crossing(plane, view.active, str(viewport.index + 1))


def _placed(session: Session, viewport: Viewport) -> Plane | None:
    plane = None if viewport.view3d is not None else session.rendering.plane(viewport)
    return plane if plane is not None and plane.placed else None


def _same(one: Plane, other: Plane) -> bool:
    return one.normal == other.normal and abs(one.distance(other.origin)) < 1e-6


def _parallel(one: Plane, other: Plane) -> bool:
    if one.along_row == other.along_row and one.along_column == other.along_column:
        return True
    return abs(dot(one.normal, other.normal)) > PARALLEL
