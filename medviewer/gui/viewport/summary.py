"""A viewport in words, for screen readers."""

from __future__ import annotations

from medviewer.core.volume import Frame
from medviewer.imaging.grayscale import effective_voi
from medviewer.session.dimension import place_of
from medviewer.session.facts import dimension_words
from medviewer.session.session import Session


def spoken(session: Session, number: int, frame: Frame | None) -> str:
    """For instance "CT Chest, picture 41 of 104, window 40/400"; no names of patients."""
    viewport = session.view.viewports[number]
    series = session.series(viewport.series)
    if series is None:
        return "Empty"
    parts = [
        f"{series.modality} {series.description}".strip() or "Series",
        f"picture {place_of(series, min(viewport.index, series.count - 1)) + 1} of {series.places}",
        *filter(None, [dimension_words(series, viewport)]),
    ]
    if frame is not None and not frame.is_color:
        voi = effective_voi(frame, session.rendering.voi(viewport))
        if voi.lut is None:
            parts.append(f"window {voi.center:g}/{voi.width:g}")
    pipeline = session.rendering.shown_pipeline(number)
    if pipeline.active:
        parts.append(f"enhanced: {pipeline.name or f'{len(pipeline.active)} steps'}")
    return ", ".join(parts)
