"""What viewports ask for, and what is known of their pictures; all pixels are made through here."""

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
from medviewer.kit.task import TaskContext
from medviewer.session import compared
from medviewer.session.against import comparison, load_second
from medviewer.session.comparing import Comparing
from medviewer.session.delivery import Delivery, Shown
from medviewer.session.drawing import Drawing
from medviewer.session.laid import fused_at_hand, fusion_of, load_fused, value_at
from medviewer.session.measuring.calibrating import uid_of, with_scale
from medviewer.session.plane_scale import shared_scale
from medviewer.session.probe import Probe, probe
from medviewer.session.scene import scene, shapes
from medviewer.session.shown_labels import ShownLabels
from medviewer.session.state import Viewport
from medviewer.session.windows import SeriesWindows

if TYPE_CHECKING:
    from medviewer.session.session import Session


class Rendering:
    """Turns viewports into pictures."""

    def __init__(self, session: Session, windows: SeriesWindows | None = None) -> None:
        """*windows* were decided already, by whoever renders the same series too."""
        self._session = session
        self.labels = ShownLabels(session)
        """label maps as they lie over pictures"""
        self.drawing = Drawing(session.frames, self.labels)
        """makes the pixels, once frames are there"""
        self.comparing = Comparing(session.frames, self.drawing)
        """makes two pictures one"""
        self.windows = windows or SeriesWindows(session)
        """of series whose files bring none"""
        self._delivery = Delivery(session, self)

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
        index = min(viewport.index, series.count - 1)
        scales = self._session.state.document.reading(series.key).scales
        plane = series.frames[index].plane
        return with_scale(plane, scales, uid_of(series, index)) if scales else plane

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
        return self.drawing.made_at_hand(frame, request)

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
            shared_scale=shared_scale(self._session, number, size) * plane.spacing[1],
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
            return self._session.three_d.request(viewport, viewing, overlay)
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
        return RenderRequest(
            series=viewport.series,
            index=viewport.index,
            voi=self.voi(viewport),
            pipeline=self.pipeline_of(viewport),
            labels=self.labels.looks(viewport) if overlay else (),
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
        return viewport.voi if viewport.series is None else self.windows.of(viewport.series, viewport.voi)

    def groups(self, number: int) -> tuple[LabelMap, ...]:
        """The label maps of which something may be seen in a viewport."""
        return self.labels.of_viewport(self._session.view.viewports[number])

    @property
    def has_drawn(self) -> Event:
        """Whether any viewport has had a picture; any thread may wait for it."""
        return self._delivery.has_drawn

    def show(
        self,
        number: int,
        size: tuple[int, int],
        done: Callable[[Shown], object],
        request: RenderRequest | BodyRequest | None = None,
    ) -> None:
        """Render a viewport and call *done* on the main thread; *request* is what `wanted` gave, if known.

        At once where all is at hand, otherwise by a worker; only its newest request is answered.
        """
        self._delivery.show(number, size, done, request)

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
        found = probe(frame, row, column, self.made(viewport), self.plane(viewport))
        if found is not None and request.fusion is not None:
            position = frame.plane.to_patient(row, column)
            found = replace(found, fused_text=value_at(self._session, request.fusion, position))
        if found is not None and request.against is not None:
            found = compared.with_other(self._session, number, found, request, frame)
        return found

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
        return self._delivery.drawn(number, viewing, request, frame)

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
        self.windows.decide(request, frame, context)
        return frame

    def forget(self, series: SeriesKey) -> None:
        """Drop what is known of a series that was closed or changed."""
        self.drawing.forget()
        self.comparing.forget()
        self.labels.forget()
        self.windows.forget(series)

    def decided(self, request: RenderRequest) -> VOI:
        """The window of a request: its own, else the one of its series, else unknown: the file's."""
        return self.windows.of(request.series, request.voi)
