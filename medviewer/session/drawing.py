"""From frames to finished pixels, keeping what the next picture can use: steps, reductions, the last one."""

from __future__ import annotations

import time
from collections.abc import Hashable, Set
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from medviewer.core.volume import Frame
from medviewer.imaging.enhance.apply import StepValue, as_run, inspect_steps
from medviewer.imaging.enhance.operation import ENHANCEMENTS, Stage
from medviewer.imaging.preview import preview, source_request, trial
from medviewer.imaging.region import Made
from medviewer.imaging.render import Enhanced, Picture, Reduced, enhance, enhanced_key, reduce, render
from medviewer.imaging.request import RenderRequest
from medviewer.kit.cache import Shelf
from medviewer.kit.errors import Cancelled
from medviewer.kit.frozen import frozen
from medviewer.kit.task import TaskContext, at_once
from medviewer.session.costs import Costs
from medviewer.session.shown_labels import ShownLabels

if TYPE_CHECKING:
    from medviewer.session.frames import Frames

REDUCED_AT_ONCE = 16_000_000
"""Pixels that are reduced in one turn of the event loop: one radiograph, or nine slices."""
TRIAL_PX = 128
"""Side of the piece on which an enhancement is timed that was never run before."""


@frozen(eq=False)
class _Finished:
    """The picture that was finished last, and all that it was made of."""

    request: RenderRequest
    frame: Frame
    fused: Frame | None
    picture: Picture


class Drawing:
    """Draws pictures whose frames are there. Any thread may ask."""

    def __init__(self, frames: Frames, labels: ShownLabels) -> None:
        self._labels = labels
        self._enhanced: Shelf[Enhanced] = frames.shelf("enhanced")
        self._steps: Shelf[NDArray[np.float32]] = frames.shelf("steps")
        self._reduced: dict[int, tuple[Hashable, Enhanced | None, Reduced]] = {}
        self._sources: dict[int, tuple[Hashable, Reduced]] = {}
        self._costs = Costs()
        self._finished: _Finished | None = None

    def picture(self, frame: Frame, request: RenderRequest, fused: Frame | None) -> Picture:
        """The finished picture, for nobody who will ask again soon."""
        return render(
            frame, self._labels.pixels(request), request, self.enhanced(frame, request), fused=fused
        )

    def of_viewport(
        self,
        number: int,
        frame: Frame,
        request: RenderRequest,
        fused: Frame | None,
        context: TaskContext | None = None,
    ) -> Picture:
        """The finished picture of a viewport, which is likely to ask for nearly the same again."""
        last = self._finished
        # linked viewports of one size that show the same picture share it
        if last is not None and last.frame is frame and last.fused is fused and last.request == request:
            return last.picture
        enhanced = self.enhanced(frame, request, context)
        reduced = self.reduced(number, frame, request, enhanced)
        labels = self._labels.pixels(request, context)
        picture = render(frame, labels, request, enhanced, reduced, fused)
        self._finished = _Finished(request, frame, fused, picture)
        return picture

    def enhanced(
        self, frame: Frame, request: RenderRequest, context: TaskContext | None = None
    ) -> Enhanced | None:
        """The frame after its active steps at full resolution, kept if possible; None without steps."""
        if not request.pipeline.active:
            return None
        key = (frame, enhanced_key(frame, request.voi, request.pipeline))
        kept = self._enhanced.get(key)
        if kept is None:
            if context is not None:
                context.check()
            kept = enhance(frame, request.voi, request.pipeline, context, self._steps, frame)
            self._enhanced.put(key, kept, kept.bytes)
        return kept

    def made(self, frame: Frame, request: RenderRequest, context: TaskContext | None = None) -> Made | None:
        """The same with the name of what made it, for values beside those of the file; None without any."""
        steps = [ENHANCEMENTS[step.operation] for step in as_run(request.pipeline)]
        by = " + ".join(one.title for one in steps if one.stage is not Stage.MARKS)
        enhanced = self.enhanced(frame, request, context) if by else None
        return None if enhanced is None else Made(enhanced, request.pipeline.name or by)

    def made_at_hand(self, frame: Frame, request: RenderRequest) -> Made | None:
        """The same, as far as it is there already."""
        try:
            return self.made(frame, request, at_once()) if self.is_ready(frame, request) else None
        except Cancelled:
            return None

    def is_ready(self, frame: Frame, request: RenderRequest) -> bool:
        """Whether a picture can be drawn at once, as far as its window, its labels and its steps go."""
        if not (frame.windows or frame.is_color or request.voi.is_known):
            return False
        return self._labels.has_pixels(request) and self.has_enhanced(frame, request)

    def is_slow(self, request: RenderRequest, pixels: int) -> bool:
        """Whether the steps of *request* may take too long on so many *pixels* to follow a slider."""
        return bool(request.pipeline.active) and self._costs.is_slow(request.pipeline, pixels)

    def preview(
        self,
        number: int,
        frame: Frame,
        request: RenderRequest,
        fused: Frame | None,
        context: TaskContext | None = None,
    ) -> Picture:
        """The picture of a viewport, enhanced as finely as can be done at once."""
        pipeline, costs = request.pipeline, self._costs
        if not costs.is_known(pipeline):
            start = time.perf_counter()
            tried = trial(frame, request.voi, pipeline, TRIAL_PX)
            costs.tried(pipeline, tried, time.perf_counter() - start)
        reduced = self._source(number, frame, request)
        halvings = costs.halvings(pipeline, reduced.values.shape[0] * reduced.values.shape[1])
        start = time.perf_counter()
        made = preview(frame, request, reduced, halvings, context)
        costs.previewed(pipeline, halvings, time.perf_counter() - start)
        return render(frame, self._labels.pixels(request), request, made.enhanced, made.reduced, fused)

    def _source(self, number: int, frame: Frame, request: RenderRequest) -> Reduced:
        """What a preview is made of; every step of a slider finds it again."""
        source = source_request(request, frame.pixels.shape[:2])
        key = (frame, source.reduction)
        kept = self._sources.get(number)
        if kept is None or kept[0] != key:
            kept = self._sources[number] = (key, reduce(frame, source))
        return kept[1]

    def is_quick(self, number: int, frame: Frame, request: RenderRequest, viewports: int) -> bool:
        """Whether the pictures of so many viewports like this one can be made without anybody waiting.

        What is left to do for a picture that is enhanced already is to reduce it, unless that is kept too.
        """
        kept = self._reduced.get(number)
        rows, columns = request.part(frame.pixels.shape[:2])
        pixels = (rows.stop - rows.start) * (columns.stop - columns.start)
        return viewports * pixels <= REDUCED_AT_ONCE or (
            kept is not None and kept[0] == (frame, request.reduction)
        )

    def has_enhanced(self, frame: Frame, request: RenderRequest) -> bool:
        """Whether `enhanced` answers at once."""
        if not request.pipeline.active:
            return True
        return (frame, enhanced_key(frame, request.voi, request.pipeline)) in self._enhanced

    def steps_at(
        self, frame: Frame, request: RenderRequest, at: tuple[int, int], context: TaskContext | None = None
    ) -> tuple[StepValue, ...]:
        """What each active step gives at a pixel (row, column); nothing is computed that is still kept."""
        return inspect_steps(frame, request.voi, request.pipeline, at, context, self._steps, frame)

    def hold_only(self, numbers: Set[int]) -> None:
        """Drop what is kept for viewports other than *numbers*: whole pictures that no cache counts."""
        for kept in (self._reduced, self._sources):
            for number in kept.keys() - numbers:
                kept.pop(number, None)

    def forget(self) -> None:
        """Drop everything that is kept."""
        self._enhanced.clear()
        self._steps.clear()
        self._reduced.clear()
        self._sources.clear()
        self._finished = None

    def reduced(
        self, number: int, frame: Frame, request: RenderRequest, enhanced: Enhanced | None
    ) -> Reduced:
        """The reduced picture of a viewport; a window drag finds the one that it left."""
        key = (frame, request.reduction)
        kept = self._reduced.get(number)
        if kept is not None and kept[0] == key and kept[1] is enhanced:
            return kept[2]
        reduced = reduce(frame, request, enhanced)
        self._reduced[number] = (key, enhanced, reduced)
        return reduced
