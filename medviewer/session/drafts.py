"""What takes long is shown coarsely first, so that whatever is dragged stays under the mouse."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from medviewer.core.against import Way
from medviewer.core.volume import Frame
from medviewer.imaging.request import RenderRequest
from medviewer.imaging.reslice import draft, is_slow
from medviewer.kit.task import Lane, Task, TaskContext

if TYPE_CHECKING:
    from medviewer.session.delivery import Shown
    from medviewer.session.session import Session

REST_S = 0.08
"""A picture is made fine when nothing has moved for so long."""


def draft_task(
    session: Session,
    number: int,
    request: RenderRequest,
    draw: Callable[[RenderRequest, Frame, TaskContext], Shown],
    came: Callable[[Shown], object],
    failed: Callable[[Exception], object],
) -> Task[Shown] | None:
    """Draws a coarse plane for a viewport; None where the plane itself is quick, or its stack is not built.

    What came has no frame: nothing is to be measured on it.
    """
    cut = request.cut
    volume = None if cut is None else session.frames.volume_at_hand(request.series, request.index)
    if cut is None or volume is None or not is_slow(volume.geometry, cut):
        return None
    stack, plane = volume, cut

    def work(context: TaskContext) -> Shown:
        shown = draw(request, draft(stack, plane, context), context)
        return replace(shown, frame=None, is_draft=True)

    return Task(work, came, failed, lane=Lane.NOW, replaces=("picture", number))


def preview_task(
    session: Session,
    number: int,
    request: RenderRequest,
    preview: Callable[[RenderRequest, TaskContext], Shown],
    came: Callable[[Shown], object],
    failed: Callable[[Exception], object],
) -> Task[Shown] | None:
    """Draws a picture whose enhancement is quick rather than exact; None where it is quick anyway.

    What came has its frame: values and measurements never come from an enhanced picture.
    """
    if request.against is not None and request.against.way is Way.DIFFERENCE:
        return None  # of something that is not exact it would show mostly that
    plane = session.rendering.plane(session.view.viewports[number])
    if plane is None or not session.rendering.drawing.is_slow(request, plane.shape[0] * plane.shape[1]):
        return None
    return Task(
        lambda context: preview(request, context), came, failed, lane=Lane.NOW, replaces=("picture", number)
    )
