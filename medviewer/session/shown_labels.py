"""Which label maps a viewport shows, and their pixels for the slice or the plane that is shown there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from medviewer.core.cut import Cut
from medviewer.core.geometry import ImageGeometry
from medviewer.core.labels import Label, LabelLook, LabelMap, LabelStyle
from medviewer.core.study import Series
from medviewer.imaging.render import RenderRequest
from medviewer.kit.itself import Itself
from medviewer.kit.task import TaskContext
from medviewer.session.label_planes import LabelPlanes
from medviewer.session.state import Preview, View, Viewport

if TYPE_CHECKING:
    from medviewer.session.session import Session

TRIED = "tried"
"""Stands for the id of a map that is none: what a method would mark."""
TRIED_OPACITY = 0.3

Pixels = tuple[NDArray[np.uint8] | None, ...]


class ShownLabels:
    """The label maps of a session as they lie over pictures."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._planes = LabelPlanes(session.frames.shelf("labels"))

    def of_viewport(self, viewport: Viewport) -> tuple[LabelMap, ...]:
        """The label maps of which something may be seen in a viewport, which need not be shown anywhere."""
        view = self._session.view
        if viewport.series is None or view.labels_hidden:
            return ()
        groups = self._session.state.document.reading(viewport.series).groups
        seen = (one for one in groups if one.source not in view.hidden_objects)
        return tuple(one for one in seen if is_labelled(one, viewport))

    def looks(self, viewport: Viewport) -> tuple[LabelLook, ...]:
        """How they are drawn; the identity of their slices stands for their pixels, which never change."""
        view = self._session.view
        tried = () if view.labels_hidden else _tried(view.preview, viewport)
        return (*(_look(view, one, viewport) for one in self.of_viewport(viewport)), *tried)

    def pixels(self, request: RenderRequest, context: TaskContext | None = None) -> Pixels:
        """(row, column) labels for each look of a request; making those of a plane may take a moment."""
        if not request.labels:
            return ()
        groups = {one.id: one for one in self._session.state.document.reading(request.series).groups}
        tried = self._session.view.preview
        return tuple(
            _mask_of(tried, look)
            if look.group == TRIED
            else self._of(groups.get(look.group), request, context)
            for look in request.labels
        )

    def has_pixels(self, request: RenderRequest) -> bool:
        """Whether `pixels` answers at once, or nearly."""
        series = self._session.series(request.series)
        if not request.labels or request.cut is None or series is None:
            return True
        geometry = self._session.frames.geometry(series)
        return geometry is None or self._planes.is_quick(geometry, request.cut)

    def on_plane(
        self, series: Series, geometry: ImageGeometry, group: LabelMap, index: int, cut: Cut
    ) -> NDArray[np.uint8]:
        """The labels of one map on a cut through the stack of picture *index*: (row, column)."""
        return self._planes.make(series, geometry, group, index, cut)

    def forget(self) -> None:
        """Drop all planes that were made."""
        self._planes.forget()

    def _of(
        self, group: LabelMap | None, request: RenderRequest, context: TaskContext | None
    ) -> NDArray[np.uint8] | None:
        if group is None:
            return None
        if request.cut is None:
            return group.slices[request.index] if request.index < len(group.slices) else None
        series = self._session.series(request.series)
        geometry = None if series is None else self._session.frames.geometry(series)
        if series is None or geometry is None:
            return None
        if context is not None and not self._planes.is_quick(geometry, request.cut):
            context.check()
        return self._planes.make(series, geometry, group, request.index, request.cut)


def is_labelled(labels: LabelMap, viewport: Viewport) -> bool:
    """Whether something may be marked on the picture of a viewport; on a plane, anywhere in the stack."""
    if viewport.cut is not None:
        return any(one is not None for one in labels.slices)
    return viewport.index < len(labels.slices) and labels.slices[viewport.index] is not None


def is_seen(view: View, group: LabelMap, label: Label) -> bool:
    """Whether a label is drawn: switched on, and with no other one alone to be seen."""
    is_active = group.id == view.group and label.value == view.label
    if is_active and view.blinked_off:
        return False
    return label.visible and (is_active or not view.solo)


def _tried(tried: Preview | None, viewport: Viewport) -> tuple[LabelLook, ...]:
    """What a method would mark, where a viewport shows the very picture that it was tried on."""
    if tried is None or (viewport.series, viewport.cut) != (tried.series, tried.cut):
        return ()
    if viewport.cut is None and viewport.index != tried.index:
        return ()
    return (LabelLook((LabelStyle(1, tried.color, TRIED_OPACITY),), True, Itself(tried.mask), TRIED),)


def _mask_of(tried: Preview | None, look: LabelLook) -> NDArray[np.uint8] | None:
    return tried.mask if tried is not None and look.key == Itself(tried.mask) else None


def _look(view: View, labels: LabelMap, viewport: Viewport) -> LabelLook:
    styles = tuple(_style(labels, one) for one in labels.labels if is_seen(view, labels, one))
    marked = labels.slices if viewport.cut is not None else labels.slices[viewport.index]
    return LabelLook(styles, labels.is_proposal, Itself(marked), labels.id)


def _style(labels: LabelMap, label: Label) -> LabelStyle:
    opacity = labels.opacity if label.opacity is None else label.opacity
    return LabelStyle(label.value, label.color, opacity if label.filled else 0.0)
