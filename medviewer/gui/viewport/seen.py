"""What of the state one viewport shows."""

from __future__ import annotations

from collections.abc import Hashable

from medviewer.session.crossings import crossings
from medviewer.session.session import Session
from medviewer.session.state import State


def seen(session: Session, number: int, state: State) -> tuple[Hashable, ...]:
    """Everything that viewport *number* shows: where this is another value it has to be painted anew."""
    view = state.view
    viewport = view.viewports[number]
    reading = None if viewport.series is None else state.document.reading(viewport.series)
    return (
        viewport,
        reading,
        state.document.readings if view.layout.count > 1 else None,
        session.series(viewport.series),
        view.active == number,
        view.shown,
        view.linked,
        view.before_planes is None,
        view.corner_text,
        view.selected,
        view.peek,
        view.labels_hidden,
        view.preview,
        (view.group, view.label) if view.solo or view.blinking else None,
        view.blinked_off,
        view.annotations_hidden,
        view.hidden_objects,
        state.outlined,
        view.overlay_color,
        view.crosshair,
        view.blind,
        crossings(session, number),
        bool(state.studies),
    )
