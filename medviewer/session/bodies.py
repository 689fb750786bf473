"""Which stacks make a body; menus ask it long before anybody wants to see one."""

from __future__ import annotations

from medviewer.core.geometry import ImageGeometry
from medviewer.imaging.volume_rendering.available import LEAST_SLICES, why_not
from medviewer.session.session_type import Session
from medviewer.session.state import Viewport

NO_BODY = "These pictures do not make a body."


def body_geometry(session: Session, viewport: Viewport) -> ImageGeometry | None:
    """The grid of the stack of a viewport, None when it makes no body."""
    series = session.series(viewport.series)
    geometry = None if series is None else session.frames.geometry(series)
    return geometry if geometry is not None and geometry.shape[0] >= LEAST_SLICES else None


def why_no_body(session: Session, viewport: Viewport) -> str:
    """Why a viewport cannot be shown as a body, "" when it can."""
    if session.series(viewport.series) is None:
        return "Open a study first."
    return why_not() or ("" if body_geometry(session, viewport) is not None else NO_BODY)
