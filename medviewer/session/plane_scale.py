"""One scale for planes that stand side by side: a length in one is as long in the others."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from medviewer.core.cut import PLANES, Cut, anatomical
from medviewer.core.geometry import ImageGeometry
from medviewer.imaging.reslice import cut_plane
from medviewer.kit.remembered import remembered

if TYPE_CHECKING:
    from medviewer.session.session import Session

Size = tuple[int, int]
"""(height, width) in device pixels"""


def shared_scale(session: Session, number: int, size: Size) -> float:
    """Device pixels per millimetre at which all straight planes of a stack fit; infinite where it has no say.

    It is that of the stack, not of what is shown: while planes are turned or moved nothing else changes its
    size. Only a turned plane that needs more room is smaller than the others.
    """
    view = session.view
    viewport = view.viewports[number]
    series = session.series(viewport.series)
    if view.before_planes is None or view.maximised or viewport.view3d is not None or series is None:
        return math.inf
    geometry = session.frames.geometry(series)
    if geometry is None:
        return math.inf
    height, width = _smallest(session, number, size)
    return min(min(height / rows, width / columns) for rows, columns in _extents(geometry))


def _smallest(session: Session, number: int, size: Size) -> Size:
    """The size of the smallest viewport of the grid: all are about as large."""
    if session.canvas.get(number) != size:
        return size
    sizes = [session.canvas.get(one, size) for one in range(session.view.layout.count)]
    return min(height for height, _ in sizes), min(width for _, width in sizes)


@remembered(16)
def _extents(geometry: ImageGeometry) -> tuple[tuple[float, float], ...]:
    """(height, width) in millimetres of the axial, the coronal and the sagittal plane of a stack."""
    planes = [cut_plane(geometry, Cut(*anatomical(name), 0.0)) for name in PLANES]
    return tuple((one.shape[0] * one.spacing[0], one.shape[1] * one.spacing[1]) for one in planes)
