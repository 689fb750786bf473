"""Looking elsewhere for a moment: what stands over a picture is taken from the view as it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from medviewer.session.state import View, Viewport

if TYPE_CHECKING:
    from medviewer.session.session import Session


@contextmanager
def looking_at(session: Session, viewport: Viewport) -> Iterator[None]:
    """As if this were all that is shown: what stands over a picture is taken from the view as it is.

    Nobody hears of it, as everything is back before the turn is over.
    """
    before = session.state
    view = View(
        viewports=(viewport, *before.view.viewports[1:]),
        corner_text=before.view.corner_text,
        group=before.view.group,
        label=before.view.label,
        solo=before.view.solo,
        overlay_color=before.view.overlay_color,
        before_grid=before.view.before_grid,
    )
    session.store.set(replace(before, view=view))
    try:
        yield
    finally:
        session.store.set(before)
