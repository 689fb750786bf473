"""Enhancing the neighbours of a shown picture before anybody goes there."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from medviewer.core.study import SeriesKey
from medviewer.imaging.request import RenderRequest
from medviewer.kit.errors import MedviewerError
from medviewer.kit.task import Lane, Task, TaskContext
from medviewer.session.dimension import block

if TYPE_CHECKING:
    from medviewer.session.session import Session

STEPS = (1, 2, -1)
"""Which neighbours are enhanced, in the direction of travel: the nearest first."""
SHARE = 8
"""No more than one part in so many of the memory for pictures is filled ahead."""
PIXEL_BYTES = 9
"""What a pixel takes that is enhanced: its value, that of the step before, and whether there is a picture."""


class EnhancedAhead:
    """Works for each viewport; when that goes elsewhere, what was not yet done is dropped."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._last: dict[int, tuple[SeriesKey, int]] = {}

    def fetch(self, number: int, request: RenderRequest) -> None:
        """Enhance the neighbours of what *request* shows as that is enhanced."""
        last = self._last.get(number)
        here = (request.series, request.index)
        self._last[number] = here
        if last is None or last[0] != here[0] or last == here:
            return
        series = self._session.series(request.series)
        if series is None or not request.pipeline.active or request.presentation:
            return
        around, way = block(series, request.index), 1 if here[1] >= last[1] else -1
        near = [here[1] + way * step for step in STEPS if here[1] + way * step in around]
        shape = series.frames[request.index].plane.shape
        held = shape[0] * shape[1] * PIXEL_BYTES * len(near) * len(self._session.view.shown)
        if near and held * SHARE <= self._session.frames.capacity:
            asked = [replace(request, index=at) for at in near]
            work = partial(self._enhance, asked)
            self._session.submit(Task(work, lane=Lane.SOON, replaces=("enhanced ahead", number)))

    def _enhance(self, asked: list[RenderRequest], context: TaskContext) -> None:
        rendering = self._session.rendering
        for request in asked:
            context.check()
            try:
                frame = rendering.load(request, context)
                rendering.drawing.enhanced(frame, replace(request, voi=rendering.decided(request)), context)
            except MedviewerError:
                return  # whoever goes there is told
