"""Pictures brought to viewports: at once where all is at hand, else by workers; the newest request wins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from threading import Event
from typing import TYPE_CHECKING

from medviewer.core.volume import Frame
from medviewer.imaging.render import Picture
from medviewer.imaging.request import RenderRequest
from medviewer.imaging.viewing import Viewing
from medviewer.imaging.volume_rendering.request import BodyRequest
from medviewer.kit.errors import Cancelled, MedviewerError
from medviewer.kit.frozen import frozen
from medviewer.kit.task import Lane, Task, TaskContext, at_once
from medviewer.session.against import load_second, second_at_hand
from medviewer.session.ahead import Ahead
from medviewer.session.drafts import REST_S, draft_task, preview_task
from medviewer.session.enhanced_ahead import EnhancedAhead
from medviewer.session.laid import fused_at_hand
from medviewer.session.stack_builds import StackBuilds

if TYPE_CHECKING:
    from medviewer.session.rendering import Rendering
    from medviewer.session.session import Session


@frozen(eq=False)
class Shown:
    """What a viewport is to paint."""

    number: int
    request: RenderRequest | BodyRequest | None = None
    viewing: Viewing | None = None
    picture: Picture | None = None
    frame: Frame | None = None
    trouble: MedviewerError | None = None
    is_draft: bool = False
    """whether a finer picture of the same is under way"""


class Delivery:
    """Draws what viewports ask for, and what they are likely to ask for next."""

    def __init__(self, session: Session, rendering: Rendering) -> None:
        self._session = session
        self._rendering = rendering
        self._ahead = Ahead(session)
        self._enhanced_ahead = EnhancedAhead(session)
        self._builds = StackBuilds(session)
        self.has_drawn = Event()
        """whether any viewport has had a picture; any thread may wait for it"""

    def show(
        self,
        number: int,
        size: tuple[int, int],
        done: Callable[[Shown], object],
        request: RenderRequest | BodyRequest | None = None,
    ) -> None:
        """Render a viewport and call *done* on the main thread; *request* is what `wanted` gave, if known.

        At once when the frame is decoded and enhanced already: that takes a millisecond, less than a turn
        through a worker. Otherwise a worker does it; only the newest request of a viewport is answered.
        """
        viewing = self._rendering.viewing(number, size)
        if request is None and viewing is not None:
            request = self._rendering.asked(number, viewing)
        if isinstance(request, BodyRequest):
            self._session.runner.cancel(("picture", number))
            self._builds.leave(number)
            self._session.three_d.show(number, request, done)
            return
        self._session.leave_body(number)
        self._hold_only_shown()
        if viewing is None or request is None:
            self._session.runner.cancel(("picture", number))
            self._builds.leave(number)
            done(Shown(number))
            return
        frame = self._rendering.frame(self._session.view.viewports[number])
        at_hand = None if frame is None else self._drawn_at_once(number, viewing, request, frame)
        if at_hand is not None:
            self._session.runner.cancel(("picture", number))
            self._builds.leave(number)
            done(at_hand)
        elif request.cut is not None and frame is None and not self._has_stack(request):
            self._session.runner.cancel(("picture", number))
            self._wait_for_stack(number, viewing, request, done)
        else:
            self._builds.leave(number)
            self._submit(number, viewing, request, done)
        if request.cut is None:
            self._ahead.fetch(number, request.series, request.index)
            self._enhanced_ahead.fetch(number, request)

    def drawn(
        self,
        number: int,
        viewing: Viewing | None,
        request: RenderRequest,
        frame: Frame,
        context: TaskContext | None = None,
    ) -> Shown:
        """A viewport with its exact picture, made now. Raises FileTrouble, SeriesTrouble, Cancelled."""
        fused = self._rendering.load_fused(request, frame, context)
        second = load_second(self._session, request, frame, context)
        if second is None:
            picture = self._rendering.drawing.of_viewport(number, frame, request, fused, context)
        else:
            picture = self._rendering.comparing.picture(number, frame, request, fused, second, context)
        self.has_drawn.set()
        return Shown(number, request, viewing, picture, frame)

    def _drawn_at_once(
        self, number: int, viewing: Viewing, request: RenderRequest, frame: Frame
    ) -> Shown | None:
        """The same, None where something would have to be made first: it may have been dropped just now."""
        try:
            is_at_hand = self._is_at_hand(number, frame, request)
            return self.drawn(number, viewing, request, frame, at_once()) if is_at_hand else None
        except Cancelled:
            return None

    def _hold_only_shown(self) -> None:
        """Hold no pictures of viewports that are gone, nor second ones where nothing is compared."""
        view = self._session.view
        there = range(view.layout.count)
        compared = {number for number in there if view.viewports[number].against is not None}
        self._rendering.comparing.hold_only(len(there), compared)

    def _is_at_hand(self, number: int, frame: Frame, request: RenderRequest) -> bool:
        """Whether a picture can be drawn without a worker, and those of the other viewports as well."""
        shown = len(self._session.view.shown)
        if shown > 1 and not self._rendering.drawing.is_quick(number, frame, request, shown):
            return False
        return self._is_ready(frame, request) and self._is_second_ready(frame, request)

    def _is_ready(self, frame: Frame, request: RenderRequest) -> bool:
        if request.fusion is not None and fused_at_hand(self._session, request.fusion, frame) is None:
            return False
        return self._rendering.drawing.is_ready(frame, request)

    def _is_second_ready(self, frame: Frame, request: RenderRequest) -> bool:
        if request.against is None:
            return True
        second = second_at_hand(self._session, request, frame)
        return second is not None and self._rendering.comparing.is_ready(frame, request, second)

    def _has_stack(self, request: RenderRequest) -> bool:
        return self._session.frames.volume_at_hand(request.series, request.index) is not None

    def _wait_for_stack(
        self, number: int, viewing: Viewing, request: RenderRequest, done: Callable[[Shown], object]
    ) -> None:
        def answer(trouble: MedviewerError | None) -> None:
            if trouble is None:
                self._submit(number, viewing, request, done)
            else:
                done(Shown(number, request, viewing, trouble=trouble))

        self._builds.wait(number, request.series, request.index, answer)

    def _submit(
        self, number: int, viewing: Viewing, request: RenderRequest, done: Callable[[Shown], object]
    ) -> None:
        def work(context: TaskContext) -> Shown:
            frame = self._rendering.load(request, context)
            context.check()
            final = replace(request, voi=self._rendering.decided(request))
            return self.drawn(number, viewing, final, frame, context)

        def failed(trouble: Exception) -> None:
            if not isinstance(trouble, MedviewerError):
                self._session.notify(trouble)
                trouble = MedviewerError("This picture cannot be shown.", "The log says where it failed.")
            done(Shown(number, request, viewing, trouble=trouble))

        def refine(context: TaskContext) -> Shown:
            context.rest(REST_S)
            return work(context)

        full = Task(work, done, failed, lane=Lane.NOW, replaces=("picture", number))

        def draw(asked: RenderRequest, frame: Frame, context: TaskContext) -> Shown:
            known = replace(asked, voi=self._rendering.decided(asked))
            return self.drawn(number, viewing, known, frame, context)

        def preview(asked: RenderRequest, context: TaskContext) -> Shown:
            return self._previewed(number, viewing, asked, context)

        def came(shown: Shown) -> None:
            done(shown)
            if shown.is_draft:
                self._session.submit(replace(full, work=refine))

        if self._session.view.blind is not None:
            self._session.submit(full)  # a draft would tell which picture is enhanced
            return
        first = draft_task(self._session, number, request, draw, came, failed)
        first = first or preview_task(self._session, number, request, preview, came, failed)
        self._session.submit(first or full)

    def _previewed(self, number: int, viewing: Viewing, asked: RenderRequest, context: TaskContext) -> Shown:
        """A viewport whose enhancement is not exact yet, unless that is kept."""
        frame = self._rendering.load(asked, context)
        context.check()
        request = replace(asked, voi=self._rendering.decided(asked))
        if self._rendering.drawing.has_enhanced(frame, request):
            return self.drawn(number, viewing, request, frame, context)
        fused = self._rendering.load_fused(request, frame, context)
        second = load_second(self._session, request, frame, context)
        picture = self._rendering.drawing.preview(number, frame, request, fused, context)
        if second is not None:
            picture = self._rendering.comparing.over(number, picture, request, second, context)
        self.has_drawn.set()
        return Shown(number, request, viewing, picture, frame, is_draft=True)
