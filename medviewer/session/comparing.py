"""Draws two renderings as one picture; dragging a divider or a lens costs a copy of finished pixels."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace
from typing import TYPE_CHECKING

from medviewer.core.against import SignedScale, Way
from medviewer.core.volume import Frame
from medviewer.imaging.against import (
    VALUES,
    Difference,
    Side,
    composed,
    difference,
    difference_key,
    difference_picture,
    is_of_greys,
)
from medviewer.imaging.region import OF_ONE
from medviewer.imaging.render import Picture
from medviewer.imaging.request import RenderRequest
from medviewer.kit.cache import Shelf
from medviewer.kit.errors import Cancelled
from medviewer.kit.frozen import frozen
from medviewer.kit.task import TaskContext, at_once
from medviewer.session.against import Second

if TYPE_CHECKING:
    from medviewer.session.drawing import Drawing
    from medviewer.session.frames import Frames


@frozen(eq=False)
class _Kept:
    """One side as it was finished last."""

    request: RenderRequest
    frame: Frame
    fused: Frame | None
    picture: Picture


class Comparing:
    """Draws comparisons whose frames are there. Any thread may ask."""

    def __init__(self, frames: Frames, drawing: Drawing) -> None:
        self._drawing = drawing
        self._differences: Shelf[Difference] = frames.shelf("differences")
        self._kept: dict[int, _Kept] = {}
        self._scales: dict[int, SignedScale | None] = {}

    def picture(
        self,
        number: int | None,
        frame: Frame,
        request: RenderRequest,
        fused: Frame | None,
        second: Second,
        context: TaskContext | None = None,
    ) -> Picture:
        """The finished picture that *request* asks for together with *second*.

        It is that of viewport *number*, which is likely to ask for nearly the same again, or nobody's.
        """
        how = request.against
        assert how is not None
        if how.way is Way.DIFFERENCE:
            found = self._difference(frame, request, second, context)
            kept = None if number is None else self._drawing.reduced(number, frame, request, found.enhanced)
            picture = difference_picture(frame, request, found, kept)
        else:
            own = self._side(number, frame, replace(request, against=None), fused, context)
            picture = self.over(number, own, request, second, context)
        if number is not None:
            self._scales[number] = picture.scale
        return picture

    def over(
        self,
        number: int | None,
        own: Picture,
        request: RenderRequest,
        second: Second,
        context: TaskContext | None = None,
    ) -> Picture:
        """*own*, the finished first picture of *request*, together with the second. Not for a difference."""
        assert request.against is not None
        slot = None if number is None else _second(number)
        other = self._side(slot, second.frame, second.request, second.fused, context)
        return composed(own, other, request.against)

    def is_ready(self, frame: Frame, request: RenderRequest, second: Second) -> bool:
        """Whether `picture` answers at once, as far as the other side and a difference go."""
        if not self._drawing.is_ready(second.frame, second.request):
            return False
        if request.against is None or request.against.way is not Way.DIFFERENCE:
            return True
        try:
            sides = self._sides(frame, request, second, at_once())
        except Cancelled:
            return False
        return difference_key(*sides) in self._differences

    def scale(self, number: int) -> SignedScale | None:
        """What the colours of the difference in a viewport mean, None while it shows none."""
        return self._scales.get(number)

    def scale_of(self, frame: Frame, request: RenderRequest, second: Second) -> SignedScale:
        """What the colours of the difference mean that *request* asks for. Slow."""
        span = 0.0 if request.against is None else request.against.span
        return self._difference(frame, request, second, None).scale(span)

    def difference_at(
        self, frame: Frame, request: RenderRequest, second: Second, at: tuple[int, int]
    ) -> tuple[float, str] | None:
        """The difference that *request* asks for, at a pixel (row, column), with its unit: "of 1" for greys.

        None where only one of both has a picture, or until it is there.
        """
        if not self.is_ready(frame, request, second):
            return None
        try:
            found = self._difference(frame, request, second, at_once())
        except Cancelled:
            return None
        made = found.enhanced
        if made.valid is not None and not made.valid[at]:
            return None
        unit = "" if found.unit == VALUES else found.unit
        return float(made.values[at]), OF_ONE if is_of_greys(found.scale()) else unit

    def hold_only(self, count: int, compared: Set[int]) -> None:
        """Drop what is kept for viewports beyond the first *count*, and what others than *compared* had."""
        both = {*compared, *(_second(number) for number in compared)}
        for kept, wanted in ((self._kept, both), (self._scales, compared)):
            for number in kept.keys() - wanted:
                kept.pop(number, None)
        self._drawing.hold_only({*range(count), *both})

    def forget(self) -> None:
        """Drop everything that is kept."""
        self._differences.clear()
        self._kept.clear()
        self._scales.clear()

    def _difference(
        self, frame: Frame, request: RenderRequest, second: Second, context: TaskContext | None
    ) -> Difference:
        sides = self._sides(frame, request, second, context)
        key = difference_key(*sides)
        kept = self._differences.get(key)
        if kept is None:
            if context is not None:
                context.check()
            kept = difference(*sides)
            self._differences.put(key, kept, kept.bytes)
        return kept

    def _sides(
        self, frame: Frame, request: RenderRequest, second: Second, context: TaskContext | None
    ) -> tuple[Side, Side]:
        made = self._drawing.enhanced(frame, request, context)
        other = self._drawing.enhanced(second.frame, second.request, context)
        return Side(frame, request, made), Side(second.frame, second.request, other)

    def _side(
        self,
        slot: int | None,
        frame: Frame,
        request: RenderRequest,
        fused: Frame | None,
        context: TaskContext | None,
    ) -> Picture:
        if slot is None:
            return self._drawing.picture(frame, request, fused)
        last = self._kept.get(slot)
        if last is not None and last.frame is frame and last.fused is fused and last.request == request:
            return last.picture
        picture = self._drawing.of_viewport(slot, frame, request, fused, context)
        self._kept[slot] = _Kept(request, frame, fused, picture)
        return picture


def _second(number: int) -> int:
    """Under which number the second picture of a viewport is kept: those of viewports count from 0."""
    return -1 - number
