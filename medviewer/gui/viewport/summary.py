"""A viewport in words, for screen readers."""

from __future__ import annotations

from medviewer.core.study import Series
from medviewer.core.volume import Frame
from medviewer.imaging.grayscale import effective_voi
from medviewer.session.blindness import HIDDEN
from medviewer.session.compared import marks
from medviewer.session.dimension import place_of
from medviewer.session.facts import dimension_words, plane_words
from medviewer.session.planes import place_in_stack
from medviewer.session.session import Session
from medviewer.session.state import Viewport


def spoken(session: Session, number: int, frame: Frame | None) -> str:
    """For instance "CT Chest, picture 41 of 104, window 40/400"; no names of patients."""
    viewport = session.view.viewports[number]
    series = session.series(viewport.series)
    if series is None:
        return "Empty"
    parts = [
        f"{series.modality} {series.description}".strip() or "Series",
        _place(session, series, viewport),
        *filter(None, [dimension_words(series, viewport)]),
    ]
    if viewport.view3d is not None:
        return ", ".join([parts[0], session.three_d.words(viewport)])
    if frame is not None and not frame.is_color:
        voi = effective_voi(frame, session.rendering.voi(viewport))
        if voi.lut is None:
            parts.append(f"window {voi.center:g}/{voi.width:g}")
    pipeline = session.rendering.shown_pipeline(number)
    if session.view.blind is not None:
        parts.append(HIDDEN)
    elif pipeline.active:
        parts.append(f"enhanced: {pipeline.name or f'{len(pipeline.active)} steps'}")
    compared = marks(session, number)
    if compared is not None:
        parts.append(compared.words)
    return ", ".join(parts)


def _place(session: Session, series: Series, viewport: Viewport) -> str:
    if viewport.cut is None:
        return f"picture {place_of(series, min(viewport.index, series.count - 1)) + 1} of {series.places}"
    at, count = place_in_stack(session, viewport)
    return f"{plane_words(viewport.cut)} plane {at + 1} of {count}"
