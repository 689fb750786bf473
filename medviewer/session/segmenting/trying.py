"""What a method would mark on the shown picture, made quickly while its settings are being tried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

import medviewer.imaging.segment  # noqa: F401 - the methods declare themselves on import
from medviewer.core.volume import read_only
from medviewer.imaging.segment.method import METHODS
from medviewer.kit.errors import BadValue, MedviewerError
from medviewer.kit.task import Lane, Task, TaskContext
from medviewer.session.segmenting.grids import of_cut
from medviewer.session.session_type import Session
from medviewer.session.state import Preview

QUICK = ("threshold", "region_growing", "confidence_connected")
"""Methods that take some milliseconds for a picture, and find in a stack nearly what they find in it."""


def begin(session: Session, method: str, values: Mapping[str, Any], color: str) -> None:
    """Show what a method would mark in the active viewport; the newest wins. Raises BadValue."""
    chosen = METHODS[method]
    settings = chosen.checked(values)
    viewport = session.view.current
    series = session.series(viewport.series)
    if method not in QUICK:
        raise BadValue(f"{chosen.title} takes too long to be tried at once.", "Run it on the shown slice.")
    if series is None or viewport.view3d is not None or not series.count:
        end(session)
        return
    index, cut = min(viewport.index, series.count - 1), viewport.cut
    seeds = session.state.document.reading(series.key).seeds

    def work(context: TaskContext) -> Preview | None:
        grid, on_it = of_cut(session, series, index, cut, seeds)
        given = tuple(seed for seed in on_it if seed.inside or chosen.takes_outside)
        if chosen.needs_seeds and not given:
            return None
        try:
            mask = chosen(grid, given if chosen.takes_seeds else (), context=context, **settings)
        except MedviewerError:
            return None  # what cannot be run is told when it is run
        return Preview(series.key, index, cut, read_only(mask.astype(np.uint8)), color)

    def done(found: Preview | None) -> None:
        session.change(lambda view: replace(view, preview=found))

    session.submit(Task(work, done, session.notify, lane=Lane.NOW, replaces="segment preview"))


def end(session: Session) -> None:
    """Show nothing of the kind any more, nor what is still on its way."""
    session.submit(Task(lambda _: None, lane=Lane.NOW, replaces="segment preview"))
    if session.view.preview is not None:
        session.change(lambda view: replace(view, preview=None))
