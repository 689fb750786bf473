"""Where a point lands that is drawn or dragged: on other points, straight beside the last one, on an edge."""

from __future__ import annotations

import math

from medviewer.core.geometry import Plane
from medviewer.gui.tools.tool import Pointer, Surface
from medviewer.imaging.annotation_lines import handles
from medviewer.imaging.edge import strongest_edge
from medviewer.imaging.positions import Position
from medviewer.imaging.viewing import Viewing
from medviewer.session.scene import annotations_on

SNAP_PX = 10.0
"""So near (logical pixels) a point snaps to another one, or to an edge."""


def landed(
    surface: Surface,
    at: Pointer,
    spot: Position,
    beside: Position | None = None,
    is_box: bool = False,
    own: str = "",
) -> Position:
    """The image position (row, column) that is meant with the mouse at *spot*.

    With Ctrl the strongest edge near by. With Shift straight across or straight down from *beside* as seen on
    the screen; the other corner of a square where *is_box*. Else another point of an annotation, if that is
    switched on and it is not one of *own*, the id of what is dragged.
    """
    viewing, plane = surface.viewing, surface.plane
    if viewing is None or plane is None:
        return spot
    if at.fine and surface.frame is not None:
        reach = SNAP_PX * surface.ratio / viewing.scale
        return strongest_edge(surface.frame, spot, max(reach, 1.0)) or spot
    if at.fast and beside is not None:
        return _square(viewing, beside, spot) if is_box else _straight(viewing, beside, spot)
    if surface.session.view.snapping:
        return _other_point(surface, viewing, plane, spot, own) or spot
    return spot


def _straight(viewing: Viewing, beside: Position, spot: Position) -> Position:
    (left, top), (x, y) = viewing.to_view(*beside), viewing.to_view(*spot)
    return viewing.to_image(x, top) if abs(x - left) >= abs(y - top) else viewing.to_image(left, y)


def _square(viewing: Viewing, beside: Position, spot: Position) -> Position:
    """A square of millimetres, which is one on the screen."""
    (left, top), (x, y) = viewing.to_view(*beside), viewing.to_view(*spot)
    side = max(abs(x - left), abs(y - top))
    return viewing.to_image(left + math.copysign(side, x - left), top + math.copysign(side, y - top))


def _other_point(
    surface: Surface, viewing: Viewing, plane: Plane, spot: Position, own: str
) -> Position | None:
    """The nearest point of what is drawn on this picture, if it is near enough."""
    viewport = surface.session.view.viewports[surface.number]
    series = surface.session.series(viewport.series)
    if series is None:
        return None
    x, y = viewing.to_view(*spot)
    found = [
        point
        for one in annotations_on(surface.session, series, viewport, plane)
        if one.id != own
        for point in handles(one, plane)
    ]
    near = [(math.dist(viewing.to_view(*point), (x, y)), point) for point in found]
    distance, nearest = min(near, default=(math.inf, spot))
    return nearest if distance <= SNAP_PX * surface.ratio else None
