"""Viewports that show a stack as a body: what they show, and how it gets there without anybody waiting.

Volume rendering is an extra (``medviewer[view3d]``). VTK is never loaded here: it renders in a process of its
own (`imaging.volume_rendering`), so that it cannot hold up the window, nor take it along.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from medviewer.core.geometry import ImageGeometry, Plane
from medviewer.core.study import Series, SeriesKey
from medviewer.core.view3d import WHOLE, Shows, View3D
from medviewer.core.voi import VOI
from medviewer.imaging.render import Picture
from medviewer.imaging.viewing import Viewing
from medviewer.imaging.volume_rendering.around import Around
from medviewer.imaging.volume_rendering.available import check
from medviewer.imaging.volume_rendering.camera import body_plane, camera, kept
from medviewer.imaging.volume_rendering.look import EMPTY, grey_window, look
from medviewer.imaging.volume_rendering.presets import Preset, preset, presets_for
from medviewer.imaging.volume_rendering.renderer import Held, Model, Renderer, Shot
from medviewer.imaging.volume_rendering.request import BodyRequest, Stack
from medviewer.kit.errors import BadValue, MedviewerError
from medviewer.kit.task import Lane, TaskContext
from medviewer.session.bodies import NO_BODY, body_geometry
from medviewer.session.body_pictures import BodyPictures, Done
from medviewer.session.delivery import Shown
from medviewer.session.dimension import block
from medviewer.session.held_stacks import HeldStacks
from medviewer.session.state import Viewport
from medviewer.session.surfaces.held import HeldSurfaces
from medviewer.session.surfaces.surfacing import Surfacing
from medviewer.session.surfaces.wanted import (
    NO_LABELS,
    NO_STACK,
    model_lines,
    stack_geometry,
    surfaces_of,
)

if TYPE_CHECKING:
    from medviewer.session.session import Session

NOT_FOR_MEASURING = "3-D, not for measuring"
NOTHING_MARKED = "Nothing is marked on these pictures."
MOST_NAMES = 6
"""Labels that are named on a picture; the others are counted."""


class ThreeD:
    """The bodies of open series, and the pictures of them."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._renderer = Renderer()
        self._stacks = HeldStacks(session)
        self._preparing: dict[Stack, str] = {}
        """stacks that are being made ready, with the key of the job"""
        self._waiting: dict[int, tuple[BodyRequest, Done]] = {}
        """the newest request of each viewport whose stack is being made ready"""
        self._surfaces = HeldSurfaces(session)
        self._pictures = BodyPictures(session, self._drawn)
        self._surfacing = Surfacing(session, self._surfaces, self._pictures.show, self._pictures.again)

    @property
    def renderer_pid(self) -> int | None:
        """The process that renders, while it runs."""
        return self._renderer.pid

    @property
    def held_bytes(self) -> int:
        """The shared memory of all stacks and surfaces that are ready."""
        return self._stacks.held_bytes + self._surfaces.held_bytes

    # what a viewport shows

    def geometry(self, viewport: Viewport) -> ImageGeometry | None:
        """The grid of the stack of a viewport, None when it makes neither a body nor surfaces."""
        if viewport.view3d is not None and viewport.view3d.shows is Shows.LABELS:
            return stack_geometry(self._session, viewport)
        return body_geometry(self._session, viewport)

    def start(self, viewport: Viewport, shows: Shows = Shows.BOTH) -> View3D:
        """How a stack is shown first: from the front, by the first preset of its kind. Raises BadValue."""
        check()
        if shows is Shows.LABELS:
            if stack_geometry(self._session, viewport) is None:
                raise BadValue(NO_STACK, "Choose a series of parallel slices.")
            if not surfaces_of(self._session, viewport):
                raise BadValue(NO_LABELS, "Mark something, or show its label, in the Segment panel.")
        elif body_geometry(self._session, viewport) is None:
            raise BadValue(NO_BODY, "Choose a series of parallel slices, at equal distances.")
        return View3D(self.presets(viewport)[0].name, shows=shows)

    def presets(self, viewport: Viewport) -> tuple[Preset, ...]:
        """The presets that suit the series of a viewport."""
        series = self._session.series(viewport.series)
        return () if series is None else presets_for(series.modality)

    def plane(self, viewport: Viewport) -> Plane | None:
        """The picture of a body as a plane of its own, see `imaging.volume_rendering.camera`."""
        geometry = self.geometry(viewport)
        if geometry is None or viewport.view3d is None:
            return None
        return body_plane(geometry, viewport.view3d)

    def request(self, viewport: Viewport, viewing: Viewing, overlay: bool = True) -> BodyRequest | None:
        """Everything that decides the picture of a viewport; without *overlay* nothing lies in the body."""
        series = self._session.series(viewport.series)
        if series is None or viewport.view3d is None:
            return None
        voi = viewport.voi if preset(viewport.view3d.preset).is_grey else VOI.unknown()
        key, index, around = _stack(series, viewport.index, viewport.view3d)
        shows = viewport.view3d.shows
        has_surfaces = shows is Shows.LABELS or (overlay and shows is Shows.BOTH)
        surfaces = surfaces_of(self._session, viewport) if has_surfaces else ()
        return BodyRequest(key, index, viewport.view3d, viewing, voi, around, surfaces)

    def voi(self, viewport: Viewport) -> VOI:
        """The window of a projection: the reader's, else the preset's; unknown while that is not known."""
        series = self._session.series(viewport.series)
        if viewport.voi.is_known or series is None or viewport.view3d is None:
            return viewport.voi
        chosen = preset(viewport.view3d.preset)
        found = self._stacks.get(_stack(series, viewport.index, viewport.view3d))
        if found is None or not chosen.is_grey:
            return viewport.voi
        return grey_window(chosen, found.body).with_inversion(viewport.voi.inverted)

    def words(self, viewport: Viewport) -> str:
        """What has to stand beside the picture of a viewport in every mode."""
        request = self.request(viewport, Viewing((1, 1), size=(1, 1)))
        return "" if request is None else self.words_of(request)

    def model_lines(self, viewport: Viewport) -> tuple[str, ...]:
        """What models have found of that which is seen as surfaces, and whether anybody has accepted it."""
        view = viewport.view3d
        if view is None or view.shows is Shows.BODY:
            return ()
        return model_lines(self._session, viewport)

    def words_of(self, request: BodyRequest) -> str:
        """The same for a picture that was asked for earlier."""
        # the warning first: in a small viewport the end is cut
        view = request.view
        words = [NOT_FOR_MEASURING, preset(view.preset).title if request.has_body else ""]
        if request.surfaces:
            kind = "labels" if request.has_body else "labels only"
            words.append(_named(kind, self._surfaces.names(request)))
            if not self._surfaces.are_ready(request, fine=True):
                words.append("coarse surfaces")
        if view.clip != WHOLE:
            words.append("clipped")
        found = self._stacks.get(request.stack) if request.has_body else None
        if found is not None and found.body.around is not Around.KEPT:
            words.append("table left out")
        if found is not None and found.body.reduced != (1, 1, 1):
            slices, rows, columns = found.body.reduced
            words.append(f"large stack, {columns} × {rows} × {slices} voxels shown as one")
        return " · ".join(filter(None, words))

    # pictures

    def show(self, number: int, request: BodyRequest, done: Done) -> None:
        """Render a viewport and call *done* on the main thread: soon, and once more when it is sharp.

        Only the newest request of a viewport is answered.
        """
        self._waiting.pop(number, None)
        try:
            check()
        except MedviewerError as trouble:
            done(Shown(number, request, request.viewing, trouble=trouble))
            return
        if not request.has_body and not request.surfaces:
            nothing = BadValue(NO_LABELS, "Show one in the Segment panel, or show the body.")
            done(Shown(number, request, request.viewing, trouble=nothing))
            return
        key = request.stack
        if not request.has_body or self._stacks.is_ready(key):
            self._surfacing.show(number, request, done)
        else:
            self._waiting[number] = (request, done)
            self._prepare(key)

    def leave(self, number: int) -> None:
        """A viewport shows something else now: what only it has waited for is stopped."""
        self._pictures.leave(number)
        self._surfacing.leave(number)
        request, _ = self._waiting.pop(number, (None, None))
        if request is None:
            return
        key = request.stack
        if key not in {one.stack for one, _ in self._waiting.values()}:
            self._session.jobs.cancel(self._preparing.get(key, ""))

    def picture(self, request: BodyRequest, context: TaskContext | None = None) -> Picture:
        """The sharp picture of a request; workers, terminals and tests call it. Raises MedviewerError."""
        check()
        if (known := self.at_hand(request)) is not None:
            return known
        return self._rendered(request, False, True, context or TaskContext())

    def at_hand(self, request: BodyRequest) -> Picture | None:
        """The sharp picture of a request, when a viewport shows it."""
        return self._pictures.at_hand(request) if self._surfaces.are_ready(request, fine=True) else None

    def forget(self, series: SeriesKey) -> None:
        """Drop what is known of a series that was closed or changed."""
        self._stacks.forget(series)
        self._surfaces.forget(series)

    def close(self) -> None:
        """End the process and give all memory back."""
        self._waiting.clear()
        self._renderer.close()
        self._stacks.close()
        self._surfaces.close()

    def _drawn(self, request: BodyRequest, quick: bool, context: TaskContext) -> Picture:
        """The picture of a request for a viewport: with the surfaces that are there."""
        fine = not quick and self._surfaces.are_ready(request, fine=True)
        return self._rendered(request, quick, fine, context)

    def _rendered(self, request: BodyRequest, quick: bool, fine: bool, context: TaskContext) -> Picture:
        found = self._stacks.make(request.stack, context) if request.has_body else None
        geometry = self._geometry(request.series)
        view = request.view
        shot = Shot(
            camera=camera(body_plane(geometry, view), request.viewing),
            look=EMPTY if found is None else look(preset(view.preset), found.body, request.voi),
            clip=None if view.clip == WHOLE else kept(geometry, view),
            size=request.size,
            quality=view.quality.value,
            quick=quick,
        )
        with self._surfaces.lend(request, fine, context) as surfaces:
            if found is None and not surfaces:
                reason = NOTHING_MARKED if request.surfaces else NO_LABELS
                raise BadValue(reason, "Mark something, show a label, or show the body.")
            held: tuple[Held, ...] = (*self._stacks.all(), *self._surfaces.all())
            return Picture(self._renderer.render(found, replace(shot, surfaces=surfaces), held, context))

    def _geometry(self, key: SeriesKey) -> ImageGeometry:
        series, _ = self._session.source(key)
        geometry = self._session.frames.geometry(series)
        if geometry is None:
            raise BadValue(NO_BODY, "Choose a series of parallel slices, at equal distances.")
        return geometry

    # stacks

    def _prepare(self, key: Stack) -> None:
        """Make a stack ready in the background, unless that is being done."""
        if key in self._preparing:
            return
        self._preparing[key] = ""

        def work(context: TaskContext) -> Model | MedviewerError:
            context.token.on_cancel(lambda: self._stopped(key))
            try:
                return self._stacks.make(key, context)
            except MedviewerError as trouble:
                return trouble

        def done(found: Model | MedviewerError) -> None:
            self._preparing.pop(key, None)
            for number, (request, answer) in self._awaiting(key):
                if isinstance(found, Model):
                    self._surfacing.show(number, request, answer)
                else:
                    answer(Shown(number, request, request.viewing, trouble=found))

        job = self._session.jobs.start("Volume for 3-D", work, done, kind="body", lane=Lane.APART)
        if key in self._preparing:
            self._preparing[key] = job

    def _stopped(self, key: Stack) -> None:
        """The reader has cancelled the job; tiles that wait for it say so."""
        if self._preparing.pop(key, None) is None:
            return
        for number, (request, answer) in self._awaiting(key):
            trouble = MedviewerError(
                "The volume was not made ready: it was stopped.", "Turn it to begin anew."
            )
            answer(Shown(number, request, request.viewing, trouble=trouble))

    def _awaiting(self, key: Stack) -> list[tuple[int, tuple[BodyRequest, Done]]]:
        found = [(number, waiting) for number, waiting in self._waiting.items() if waiting[0].stack == key]
        for number, _ in found:
            del self._waiting[number]
        return found


def _named(kind: str, names: tuple[str, ...]) -> str:
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return f"{kind}: {', '.join(names[:MOST_NAMES])}{more}" if names else ""


def _stack(series: Series, index: int, view: View3D) -> Stack:
    """The voxels that are looked at when picture *index* of a series is shown as a body."""
    around = Around.KEPT if view.table or series.modality != "CT" else preset(view.preset).around
    return (series.key, block(series, index).start, around)
