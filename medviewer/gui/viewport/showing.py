"""What one viewport has asked for, and what it has got: always the newest, never under another's name."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable

from medviewer.core.geometry import Plane
from medviewer.core.study import Series
from medviewer.core.volume import Frame
from medviewer.imaging.request import RenderRequest
from medviewer.imaging.viewing import Target, Viewing
from medviewer.imaging.volume_rendering.request import BodyRequest
from medviewer.kit.frozen import frozen
from medviewer.session.delivery import Shown
from medviewer.session.plane_scale import shared_scale
from medviewer.session.session import Session
from medviewer.session.state import Viewport

Size = tuple[int, int]
"""(height, width) in device pixels"""


@frozen(eq=False)
class _Viewed:
    """A `Viewing` and what it was computed from; values of the state are exchanged, never changed."""

    viewport: Viewport | None = None
    series: Series | None = None
    size: Size = (0, 0)
    shared_scale: float = math.inf
    viewing: Viewing | None = None


class Showing:
    """The picture of viewport *number*; *came* is called on the main thread when there is another one."""

    def __init__(
        self,
        session: Session,
        number: int,
        came: Callable[[], object],
        kept_back: Callable[[], object] = lambda: None,
    ) -> None:
        """*kept_back* is called instead when a picture has to wait for that of another viewport."""
        self._session = session
        self._number = number
        self._came = came
        self._told_back = kept_back
        self._asked: Hashable = None
        self._viewed = _Viewed()
        self.shown = Shown(number)
        self._held = False
        self._kept_back: Shown | None = None
        """what has come in a preference study, and is not to be seen before that of the other viewport"""
        self.is_stale = True
        """whether something has changed since the last `ask`"""

    @property
    def viewport(self) -> Viewport:
        """Where the viewport looks."""
        return self._session.view.viewports[self._number]

    @property
    def plane(self) -> Plane | None:
        """Where the picture that is meant lies in the patient."""
        return self._session.rendering.plane(self.viewport)

    @property
    def frame(self) -> Frame | None:
        """The picture at hand, when it is decoded and the one that is meant."""
        request, viewport = self.shown.request, self.viewport
        if not isinstance(request, RenderRequest) or viewport.view3d is not None:
            return None
        if (request.series, request.index) != (viewport.series, viewport.index):
            return None
        if request.cut != viewport.cut:
            return None
        return self.shown.frame

    @property
    def is_waiting(self) -> bool:
        """Whether what was asked for last is still to come."""
        return self._asked is not None and self.shown.request is not self._asked

    @property
    def has_come(self) -> bool:
        """Whether what was asked for last is there, be it to be seen already or not."""
        is_there = self._kept_back is not None or not self.is_waiting
        return is_there and not self.is_stale and not self._held

    @property
    def is_preview(self) -> bool:
        """Whether the picture at hand is enhanced less finely than the exact one, which is under way."""
        shown = self.shown
        is_enhanced = isinstance(shown.request, RenderRequest) and bool(shown.request.pipeline.active)
        return shown.is_draft and is_enhanced

    @property
    def shows_body(self) -> bool:
        """Whether the picture at hand is one of the body that is meant."""
        request, viewport = self.shown.request, self.viewport
        if not isinstance(request, BodyRequest) or viewport.view3d is None or self.shown.picture is None:
            return False
        shown, meant = request.view, viewport.view3d
        # seen from elsewhere it is the same body, through another preset it would stand under a wrong name
        return request.series == viewport.series and (shown.preset, shown.table, shown.shows) == (
            meant.preset,
            meant.table,
            meant.shows,
        )

    def viewing(self, size: Size) -> Viewing | None:
        """How the picture that is meant lies in the viewport, None when nothing is."""
        viewport = self.viewport
        series = self._session.series(viewport.series)
        known, scale = self._viewed, shared_scale(self._session, self._number, size)
        is_same = known.viewport is viewport and known.series is series
        if not is_same or (known.size, known.shared_scale) != (size, scale):
            viewing = self._session.rendering.viewing(self._number, size)
            self._viewed = known = _Viewed(viewport, series, size, scale, viewing)
        return known.viewing

    def ask(self, size: Size) -> None:
        """Ask for the picture that is wanted now, unless it was asked for already. It may come at once."""
        if not self.is_stale:
            return
        if not self._keeps_back:
            self.let_come()
        self.is_stale = False
        wanted = self._session.rendering.wanted(self._number, size)
        if wanted != self._asked and self._is_under_way(wanted):
            self._held = True
        elif wanted != self._asked:
            self._asked, self._held, self._kept_back = wanted, False, None
            self._session.rendering.show(self._number, size, self._take, wanted)

    def forget(self) -> None:
        """Wait for nothing; the next `ask` asks anew."""
        self._asked = None
        self._held = False
        self._kept_back = None
        self.is_stale = True

    def target(self, viewing: Viewing | None) -> Target | None:
        """Where the picture at hand is painted, None when it belongs to another series than is meant."""
        request = self.shown.request
        if viewing is None or request is None or self.shown.viewing is None:
            return None
        if request.series != self.viewport.series:
            return None
        if isinstance(request, BodyRequest) != (self.viewport.view3d is not None):
            return None
        if isinstance(request, BodyRequest):
            # other voxels take seconds: the body before would stand there under the name of the next
            other = isinstance(self._asked, BodyRequest) and not self._asked.is_of(request)
            return None if other else request.target
        return (self.shown.viewing if self.is_waiting else viewing).target()

    def let_come(self) -> None:
        """Show what was kept back, if anything was."""
        if self._kept_back is not None:
            self.shown, self._kept_back = self._kept_back, None
            self._came()

    @property
    def _keeps_back(self) -> bool:
        """Whether pictures wait for each other: the one that comes later would be the enhanced one."""
        blind = self._session.view.blind
        return blind is not None and blind.stands

    def _take(self, shown: Shown) -> None:
        if self._keeps_back:
            self._kept_back = shown
        else:
            self.shown, self._kept_back = shown, None
        # the frame may have decided the window: then this says more than what was asked for
        self._asked = shown.request
        self.is_stale = self.is_stale or self._held
        self._held = False
        if self._kept_back is None:
            self._came()
        else:
            self._told_back()

    def _is_under_way(self, wanted: Hashable) -> bool:
        """Whether another plane of the same stack, or a picture of the series, is being enhanced or computed.

        It comes first: would every move of a drag begin anew, nothing were to be seen before its end.
        """
        now = self._asked
        if self._kept_back is not None or not self.is_waiting:
            return False
        if not isinstance(now, RenderRequest) or not isinstance(wanted, RenderRequest):
            return False
        if now.series != wanted.series:
            return False
        if now.cut is not None and wanted.cut is not None:
            return True
        if now.cut != wanted.cut or not (now.pipeline.active and wanted.pipeline.active):
            return False
        # what has to be decoded first may take long, and the next slice is then the one to wait for
        return now.index == wanted.index or self._session.frames.get(now.series, now.index) is not None
