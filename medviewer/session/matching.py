"""What a picture is to be matched to: the greys of another one, as they are seen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from medviewer.imaging.against import Side, seen
from medviewer.imaging.enhance.matching import curve_of
from medviewer.imaging.grayscale import outside
from medviewer.imaging.request import RenderRequest
from medviewer.kit.task import TaskContext

if TYPE_CHECKING:
    from medviewer.session.rendering import Rendering


def reference_of(rendering: Rendering, request: RenderRequest, context: TaskContext | None = None) -> str:
    """The greys of the picture of *request*, through its window and its enhancements, for a step "match".

    The reader's inversion is left out: it comes after all steps. Slow. Raises FileTrouble, Cancelled.
    """
    frame = rendering.load(request, context)
    upright = replace(request, voi=replace(rendering.decided(request), inverted=False))
    enhanced = rendering.drawing.enhanced(frame, upright, context)
    nowhere = None if frame.is_color else outside(frame)
    return curve_of(seen(Side(frame, upright, enhanced)), None if nowhere is None else ~nowhere)
