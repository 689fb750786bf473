"""A session as it was when somebody asked, looking elsewhere: for workers that compose many pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from medviewer.core.cut import Cut
from medviewer.core.study import SeriesKey
from medviewer.core.volume import Frame
from medviewer.imaging.reslice import reslice
from medviewer.kit.cache import ByteCache, Shelf
from medviewer.kit.task import TaskContext
from medviewer.session.rendering import Rendering
from medviewer.session.state import State, View, Viewport

if TYPE_CHECKING:
    from medviewer.session.frames import Frames
    from medviewer.session.session import Session

OWN_BYTES = 64 << 20
"""What is made from pictures on their way out, before the oldest of it goes."""


class Passing:
    """The frames of a session for who passes through them once: what others look at stays in memory."""

    def __init__(self, session: Session) -> None:
        self._frames: Frames = session.frames
        self._session = session
        self._own: ByteCache[Any, Any] = ByteCache(OWN_BYTES)
        self._last: tuple[tuple[SeriesKey, int, Cut | None], Frame] | None = None

    def get(self, series: SeriesKey, index: int, cut: Cut | None = None) -> Frame | None:
        """The frame, when it is there already."""
        if self._last is not None and self._last[0] == (series, index, cut):
            return self._last[1]
        return self._frames.get(series, index, cut)

    def load(
        self, series: SeriesKey, index: int, cut: Cut | None = None, context: TaskContext | None = None
    ) -> Frame:
        """The frame, decoded if need be and then forgotten. Raises FileTrouble, SeriesTrouble."""
        frame = self.get(series, index, cut)
        if frame is None:
            if cut is None:
                frame = self._session.source(series)[1].frame(index)
            else:
                frame = reslice(self._frames.volume(series, index, context), cut, context)
            self._last = ((series, index, cut), frame)
        return frame

    def shelf(self, name: str) -> Shelf[Any]:
        """Room of its own for what is made from frames."""
        return self._own.shelf(name)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._frames, name)


class Elsewhere:
    """Like a session, but its state stands still and its one viewport looks wherever it is told.

    One worker uses it, so that hundreds of pictures cost the main thread nothing.
    """

    def __init__(self, session: Session, canvas: Mapping[int, tuple[int, int]] | None = None) -> None:
        """*canvas* is what `Session.canvas` is; without it pictures are as large as they are."""
        self._session = session
        self.state: State = replace(session.state, view=_alone(session.view))
        self.canvas = dict(canvas or {})
        self.frames = Passing(session)
        self.rendering = Rendering(self.as_session, session.rendering.windows)

    @property
    def as_session(self) -> Session:
        """Itself, under the name by which functions ask for a session."""
        return cast("Session", self)

    @property
    def view(self) -> View:
        """Where it looks."""
        return self.state.view

    def look(self, viewport: Viewport) -> None:
        """Look at something else."""
        view = self.state.view
        self.state = replace(self.state, view=view.with_viewport(view.active, viewport))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)


def _alone(view: View) -> View:
    """Only the active viewport, with nothing that holds for a moment."""
    return replace(
        view,
        maximised=True,
        before_planes=None,
        peek=False,
        labels_hidden=False,
        blinking=False,
        blinked_off=False,
        selected="",
    )
