"""Which label map a viewport shows, and its pixels for the slice or the plane that is shown there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from medviewer.core.finding import State
from medviewer.core.labels import LabelLook, LabelMap
from medviewer.imaging.render import RenderRequest
from medviewer.kit.task import TaskContext
from medviewer.session.label_planes import LabelPlanes
from medviewer.session.state import Viewport

if TYPE_CHECKING:
    from medviewer.session.session import Session


class ShownLabels:
    """The label maps of a session as they lie over pictures."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._planes = LabelPlanes(session.frames.shelf("labels"))

    def of(self, number: int) -> LabelMap | None:
        """The label map that viewport *number* shows, or None."""
        return self.of_viewport(self._session.view.viewports[number])

    def of_viewport(self, viewport: Viewport) -> LabelMap | None:
        """The same for a viewport that need not be shown anywhere."""
        if viewport.series is None or self._session.view.labels_hidden:
            return None
        labels = self._session.state.document.reading(viewport.series).labels
        return labels if labels is not None and is_labelled(labels, viewport) else None

    def pixels(self, request: RenderRequest, context: TaskContext | None = None) -> NDArray[np.uint8] | None:
        """(row, column) labels of a request; on a plane that may take a moment, see `has_pixels`."""
        if request.labels is None:
            return None
        labels = self._session.state.document.reading(request.series).labels
        if labels is None or request.cut is None:
            return None if labels is None else labels.slices[request.index]
        series = self._session.series(request.series)
        geometry = None if series is None else self._session.frames.geometry(series)
        if series is None or geometry is None:
            return None
        found = self._planes.get(series, labels.slices, request.index, request.cut)
        if found is not None:
            return found
        if context is not None:
            context.check()
        return self._planes.make(series, geometry, labels.slices, request.index, request.cut)

    def has_pixels(self, request: RenderRequest) -> bool:
        """Whether `pixels` answers at once."""
        labels = self._session.state.document.reading(request.series).labels
        series = self._session.series(request.series)
        if request.labels is None or request.cut is None or labels is None or series is None:
            return True
        return self._planes.get(series, labels.slices, request.index, request.cut) is not None

    def forget(self) -> None:
        """Drop all planes that were made."""
        self._planes.forget()


def is_labelled(labels: LabelMap, viewport: Viewport) -> bool:
    """Whether something may be marked on the picture of a viewport; on a plane, anywhere in the stack."""
    if viewport.cut is not None:
        return any(one is not None for one in labels.slices)
    return viewport.index < len(labels.slices) and labels.slices[viewport.index] is not None


def look(labels: LabelMap, viewport: Viewport) -> LabelLook:
    """How a label map is drawn; its identity stands for its pixels, which never change."""
    shown = tuple((label.value, label.color) for label in labels.labels if label.visible)
    marked = labels.slices if viewport.cut is not None else labels.slices[viewport.index]
    return LabelLook(shown, labels.opacity, labels.state is State.PROPOSED, id(marked))
