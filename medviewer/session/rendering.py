"""Pictures for viewports: the newest request wins, finished work is kept, neighbours are fetched ahead."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from threading import Event
from typing import TYPE_CHECKING

from medviewer.core.against import SignedScale
from medviewer.core.geometry import Plane
from medviewer.core.labels import LabelMap
from medviewer.core.pipeline import Pipeline
from medviewer.core.study import SeriesKey
from medviewer.core.voi import VOI
from medviewer.core.volume import Frame
from medviewer.imaging.histogram import Histogram, histogram
from medviewer.imaging.region import Made
from medviewer.imaging.render import Picture
from medviewer.imaging.request import RenderRequest
from medviewer.imaging.reslice import cut_plane
from medviewer.imaging.shapes import Drawn
from medviewer.imaging.viewing import Viewing
from medviewer.imaging.volume_rendering.request import BodyRequest
from medviewer.kit.errors import MedviewerError
from medviewer.kit.frozen import frozen
from medviewer.kit.task import Lane, Task, TaskContext
from medviewer.session.against import comparison, load_second, second_at_hand
from medviewer.session.ahead import Ahead
from medviewer.session.comparing import Comparing
from medviewer.session.drafts import REST_S, draft_task, preview_task
from medviewer.session.drawing import Drawing
from medviewer.session.enhanced_ahead import EnhancedAhead
from medviewer.session.laid import fused_at_hand, fusion_of, load_fused, value_at
from medviewer.session.probe import Probe, probe
from medviewer.session.scene import scene, shapes
from medviewer.session.shown_labels import ShownLabels, look
from medviewer.session.stack_builds import StackBuilds
from medviewer.session.state import Viewport
from medviewer.session.windows import SeriesWindows

if TYPE_CHECKING:
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


class Rendering:
    """Turns viewports into pictures."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._labels = ShownLabels(session)
        self.drawing = Drawing(session.frames, self._labels)
        """makes the pixels, once frames are there"""
        self.comparing = Comparing(session.frames, self.drawing)
        """makes two pictures one"""
        self._windows = SeriesWindows(session)
        self._ahead = Ahead(session)
        self._enhanced_ahead = EnhancedAhead(session)
        self._builds = StackBuilds(session)
        self.has_drawn = Event()
        """whether any viewport has had a picture; any thread may wait for it"""

    def plane(self, viewport: Viewport) -> Plane | None:
        """Where the picture of a viewport lies, or None when it shows none."""
        series = self._session.series(viewport.series)
        if series is None or not series.count:
            return None
        if viewport.view3d is not None:
            return self._session.three_d.plane(viewport)
        if viewport.cut is not None:
            geometry = self._session.frames.geometry(series)
            return None if geometry is None else cut_plane(geometry, viewport.cut)
        return series.frames[min(viewport.index, series.count - 1)].plane

    def frame(self, viewport: Viewport) -> Frame | None:
        """The decoded picture of a viewport, or None while it has none; a body never has one."""
        if viewport.series is None or viewport.view3d is not None:
            return None
        frame = self._session.frames.get(viewport.series, viewport.index, viewport.cut)
        if frame is None or not viewport.presentation or viewport.cut is not None:
            return frame
        return self._session.presenting.presented(
            frame, viewport.series, viewport.index, viewport.presentation
        )

    def made(self, viewport: Viewport) -> Made | None:
        """What the enhancement of a viewport has made of its frame; None without any, or until it is there.

        Only for what is said beside the values of the file, never in their place; in a preference study
        nothing is said, as it would tell the original from the rest.
        """
        if self._session.view.blind is not None:
            return None
        frame, request = self.frame(viewport), self.request_of(viewport, None, overlay=False)
        if frame is None or request is None or not request.pipeline.active:
            return None
        return self.drawing.made(frame, request) if self.drawing.is_ready(frame, request) else None

    def fused(self, number: int) -> Frame | None:
        """The series over the picture of a viewport, on its grid; None while there is none."""
        viewport = self._session.view.viewports[number]
        fusion = fusion_of(self._session, viewport)
        frame = None if fusion is None else self.frame(viewport)
        return fused_at_hand(self._session, fusion, frame)

    def load_fused(
        self, request: RenderRequest, frame: Frame, context: TaskContext | None = None
    ) -> Frame | None:
        """What a request lays over *frame*, on its grid. Slow. Raises FileTrouble, SeriesTrouble."""
        return load_fused(self._session, request.fusion, frame, context)

    def viewing(self, number: int, size: tuple[int, int]) -> Viewing | None:
        """How the picture lies in a viewport of *size* (height, width) device pixels, or None without one."""
        viewport = self._session.view.viewports[number]
        plane = self.plane(viewport)
        if plane is None or min(size) < 1:
            return None
        return Viewing(
            shape=plane.shape,
            aspect=plane.aspect,
            size=size,
            zoom=viewport.zoom,
            actual=viewport.actual,
            center=viewport.center,
            rotation=viewport.rotation,
            flipped=viewport.flipped,
        )

    def wanted(self, number: int, size: tuple[int, int]) -> RenderRequest | BodyRequest | None:
        """What a viewport has to show; another value means that it must be rendered again."""
        viewing = self.viewing(number, size)
        return None if viewing is None else self.asked(number, viewing)

    def asked(
        self, number: int, viewing: Viewing, overlay: bool = True
    ) -> RenderRequest | BodyRequest | None:
        """Everything that decides the pixels of a viewport, be it a slice, a cut or a body."""
        viewport = self._session.view.viewports[number]
        if viewport.view3d is not None:
            return self._session.three_d.request(viewport, viewing)
        return self.request(number, viewing, overlay)

    def request(self, number: int, viewing: Viewing | None, overlay: bool = True) -> RenderRequest | None:
        """Everything that decides the pixels of a slice or a cut; without *viewing* the file's own, 1:1."""
        view = self._session.view
        made = self.request_of(view.viewports[number], viewing, overlay)
        against = None if made is None else comparison(self._session, number, made, viewing, overlay)
        return made if made is None or against is None else replace(made, against=against)

    def request_of(
        self, viewport: Viewport, viewing: Viewing | None, overlay: bool = True
    ) -> RenderRequest | None:
        """The same for a viewport that need not be shown anywhere; what it is compared with is left out."""
        if self.plane(viewport) is None or viewport.series is None or viewport.view3d is not None:
            return None
        labels = self._labels.of_viewport(viewport) if overlay else None
        return RenderRequest(
            series=viewport.series,
            index=viewport.index,
            voi=self.voi(viewport),
            pipeline=self.pipeline_of(viewport),
            labels=None if labels is None else look(labels, viewport),
            region=None if viewing is None else viewing.region(),
            size=None if viewing is None else viewing.target().size,
            rotation=0 if viewing is None else viewing.rotation,
            flipped=viewing is not None and viewing.flipped,
            cut=viewport.cut,
            colors=viewport.colors,
            fusion=fusion_of(self._session, viewport),
            hidden_overlays=viewport.hidden_overlays,
            overlay_color=self._session.view.overlay_color,
            presentation=viewport.presentation if viewport.cut is None else "",
        )

    def pipeline(self, series: SeriesKey | None) -> Pipeline:
        """The enhancement stack of a series."""
        return Pipeline() if series is None else self._session.state.document.reading(series).pipeline

    def shown_pipeline(self, number: int) -> Pipeline:
        """What is applied in a viewport at this moment: nothing where the original is to be seen."""
        return self.pipeline_of(self._session.view.viewports[number])

    def pipeline_of(self, viewport: Viewport) -> Pipeline:
        """The same for a viewport that need not be shown anywhere."""
        if self._session.view.peek or not viewport.enhanced:
            return Pipeline()
        return self.pipeline(viewport.series) if viewport.recipe is None else viewport.recipe

    def voi(self, viewport: Viewport) -> VOI:
        """The window of a viewport: the reader's, else one for the whole series, else unknown: the file's."""
        if viewport.view3d is not None:
            return self._session.three_d.voi(viewport)
        return viewport.voi if viewport.series is None else self._windows.of(viewport.series, viewport.voi)

    def labels(self, number: int) -> LabelMap | None:
        """The label map that a viewport shows, or None."""
        return self._labels.of(number)

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
        viewing = self.viewing(number, size)
        if request is None and viewing is not None:
            request = self.asked(number, viewing)
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
        frame = self.frame(self._session.view.viewports[number])
        if frame is not None and self._is_at_hand(number, frame, request):
            self._session.runner.cancel(("picture", number))
            self._builds.leave(number)
            done(self._drawn(number, viewing, request, frame))
        elif request.cut is not None and frame is None and not self._has_stack(request):
            self._session.runner.cancel(("picture", number))
            self._wait_for_stack(number, viewing, request, done)
        else:
            self._builds.leave(number)
            self._submit(number, viewing, request, done)
        if request.cut is None:
            self._ahead.fetch(number, request.series, request.index)
            self._enhanced_ahead.fetch(number, request)

    def shapes(
        self, number: int, viewing: Viewing, identity: bool = True, density: float = 1.0
    ) -> tuple[Drawn, ...]:
        """What is to be drawn over the picture of a viewport, in its device pixels."""
        taken = scene(self._session, number, viewing, identity=identity, density=density)
        if taken is None:
            return ()
        viewport = self._session.view.viewports[number]
        scale, made = self.comparing.scale(number), self.made(viewport)
        return shapes(taken, self.frame(viewport), self.fused(number), scale, made)

    def probe(self, number: int, row: float, column: float) -> Probe | None:
        """What lies at an image position of a viewport; None beside the picture or while it is decoded."""
        viewport = self._session.view.viewports[number]
        request = self.request(number, None)
        frame = self.frame(viewport)
        if frame is None or request is None:
            return None
        found = probe(frame, row, column, self.made(viewport))
        if found is None or request.fusion is None:
            return found
        position = frame.plane.to_patient(row, column)
        return replace(found, fused_text=value_at(self._session, request.fusion, position))

    def histogram(self, number: int) -> Histogram | None:
        """How often each modality value occurs in the picture of a viewport, padding left out."""
        viewport = self._session.view.viewports[number]
        frame = self.frame(viewport)
        return None if frame is None else histogram(frame)

    def draw(self, number: int, size: tuple[int, int] | None) -> Shown:
        """Render a viewport here and now; workers, terminals and tests call it. Raises FileTrouble.

        Without *size* the picture's own pixels, 1:1.
        """
        viewing = None if size is None else self.viewing(number, size)
        if viewing is not None and isinstance(body := self.asked(number, viewing), BodyRequest):
            return Shown(number, body, viewing, self.body(body))
        request = self.request(number, viewing)
        if request is None:
            return Shown(number)
        frame = self.load(request)
        request = self.request(number, viewing) or request  # the frame may have decided the window
        return self._drawn(number, viewing, request, frame)

    def body(self, request: BodyRequest) -> Picture:
        """The finished picture of a body; workers call it. Raises MedviewerError."""
        return self._session.three_d.picture(request)

    def body_words(self, request: BodyRequest) -> str:
        """What has to stand beside the picture of a body."""
        return self._session.three_d.words_of(request)

    def picture(self, request: RenderRequest, frame: Frame) -> Picture:
        """The finished picture of a request that was made earlier; workers call it."""
        final = replace(request, voi=self.decided(request))
        fused = self.load_fused(final, frame)
        second = load_second(self._session, final, frame)
        if second is None:
            return self.drawing.picture(frame, final, fused)
        return self.comparing.picture(None, frame, final, fused, second)

    def difference_scale(self, request: RenderRequest, frame: Frame) -> SignedScale:
        """What the colours of a requested difference mean. Slow. Raises FileTrouble, SeriesTrouble."""
        final = replace(request, voi=self.decided(request))
        second = load_second(self._session, final, frame)
        assert second is not None
        return self.comparing.scale_of(frame, final, second)

    def load(self, request: RenderRequest, context: TaskContext | None = None) -> Frame:
        """The frame of a request; in a series without windows one picture decides the window of all."""
        series = request.series
        frame = self._session.frames.load(series, request.index, request.cut, context)
        if request.presentation:
            frame = self._session.presenting.presented(frame, series, request.index, request.presentation)
        self._windows.decide(request, frame, context)
        return frame

    def forget(self, series: SeriesKey) -> None:
        """Drop what is known of a series that was closed or changed."""
        self.drawing.forget()
        self.comparing.forget()
        self._labels.forget()
        self._windows.forget(series)

    def _hold_only_shown(self) -> None:
        """Hold no pictures of viewports that are gone, nor second ones where nothing is compared."""
        view = self._session.view
        there = range(view.layout.count)
        compared = {number for number in there if view.viewports[number].against is not None}
        self.comparing.hold_only(len(there), compared)

    def _is_at_hand(self, number: int, frame: Frame, request: RenderRequest) -> bool:
        """Whether a picture can be drawn without a worker, and those of the other viewports as well."""
        shown = len(self._session.view.shown)
        if shown > 1 and not self.drawing.is_quick(number, frame, request, shown):
            return False
        return self._is_ready(frame, request) and self._is_second_ready(frame, request)

    def _is_ready(self, frame: Frame, request: RenderRequest) -> bool:
        if request.fusion is not None and fused_at_hand(self._session, request.fusion, frame) is None:
            return False
        return self.drawing.is_ready(frame, request)

    def _is_second_ready(self, frame: Frame, request: RenderRequest) -> bool:
        if request.against is None:
            return True
        second = second_at_hand(self._session, request, frame)
        return second is not None and self.comparing.is_ready(frame, request, second)

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
            frame = self.load(request, context)
            context.check()
            final = replace(request, voi=self.decided(request))
            return self._drawn(number, viewing, final, frame, context)

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
            return self._drawn(number, viewing, replace(asked, voi=self.decided(asked)), frame, context)

        def preview(asked: RenderRequest, context: TaskContext) -> Shown:
            return self._previewed(number, viewing, asked, context)

        def came(shown: Shown) -> None:
            done(shown)
            if shown.is_draft:
                self._session.submit(replace(full, work=refine))

        first = draft_task(self._session, number, request, draw, came, failed)
        first = first or preview_task(self._session, number, request, preview, came, failed)
        self._session.submit(first or full)

    def decided(self, request: RenderRequest) -> VOI:
        """The window of a request: its own, else the one of its series, else unknown: the file's."""
        return self._windows.of(request.series, request.voi)

    def _previewed(self, number: int, viewing: Viewing, asked: RenderRequest, context: TaskContext) -> Shown:
        """A viewport whose enhancement is not exact yet, unless that is kept."""
        frame = self.load(asked, context)
        context.check()
        request = replace(asked, voi=self.decided(asked))
        if self.drawing.has_enhanced(frame, request):
            return self._drawn(number, viewing, request, frame, context)
        fused = self.load_fused(request, frame, context)
        second = load_second(self._session, request, frame, context)
        picture = self.drawing.preview(number, frame, request, fused, context)
        if second is not None:
            picture = self.comparing.over(number, picture, request, second, context)
        self.has_drawn.set()
        return Shown(number, request, viewing, picture, frame, is_draft=True)

    def _drawn(
        self,
        number: int,
        viewing: Viewing | None,
        request: RenderRequest,
        frame: Frame,
        context: TaskContext | None = None,
    ) -> Shown:
        fused = self.load_fused(request, frame, context)
        second = load_second(self._session, request, frame, context)
        if second is None:
            picture = self.drawing.of_viewport(number, frame, request, fused, context)
        else:
            picture = self.comparing.picture(number, frame, request, fused, second, context)
        self.has_drawn.set()
        return Shown(number, request, viewing, picture, frame)
