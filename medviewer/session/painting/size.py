"""How large a brush is on a picture."""

from __future__ import annotations

from medviewer.core.geometry import Plane
from medviewer.core.vectors import Point
from medviewer.imaging.scale import scale_at
from medviewer.session.state import Brush


def brush_radius(plane: Plane, brush: Brush, at: Point) -> float:
    """Of a brush at a position, in the unit of the plane's positions; pixels' widths without any scale."""
    scale = scale_at(plane, [plane.to_image(at)])
    return brush.diameter / 2 * plane.spacing[1] / scale.spacing[1]
