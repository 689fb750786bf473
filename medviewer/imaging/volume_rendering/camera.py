"""Where the reader stands: parallel projection, described by what every other viewport has too.

The picture of a body is a plane through the body's middle, as large as the body's longest side, whose pixels
are millimetres. Zoom, pan, rotation and orientation letters follow from it as they do for a slice.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from medviewer.core.geometry import Calibration, ImageGeometry, Plane
from medviewer.core.vectors import Point, Vector, cross, dot, point, unit, way
from medviewer.core.view3d import View3D
from medviewer.imaging.viewing import Viewing
from medviewer.kit.frozen import frozen

ROOM = 1.08
"""How much larger than the body's longest side the picture is."""
OWN_FRAME = "3-D"
"""The frame of reference of such a picture: nothing that is drawn elsewhere lies on it."""


@frozen
class Camera:
    """A parallel projection onto a picture."""

    focus: Point
    """what is in the middle of the picture, patient millimetres"""
    forward: Vector
    """unit vector away from the reader"""
    up: Vector
    """unit vector towards the upper edge"""
    millimetres: float
    """between the centres of neighbouring pixels, in both directions"""
    middle: Point
    """of what is looked at, patient millimetres; the picture may have been pulled aside"""
    radius: float
    """of a ball around that which holds all of it, millimetres"""
    mirrored: bool = False
    """the picture is to be exchanged left and right when it is finished"""


def body_plane(geometry: ImageGeometry, view: View3D) -> Plane:
    """The picture that a body makes at zoom 1: square, a millimetre a pixel, the body in its middle."""
    corners = box(geometry)
    side = max(1, math.ceil(float(np.ptp(corners, axis=0).max()) * ROOM))
    middle = corners.mean(axis=0)
    half = (side - 1) / 2
    origin = middle - half * np.asarray(view.along_row) - half * np.asarray(view.along_column)
    return Plane(
        shape=(side, side),
        origin=point(origin),
        along_row=view.along_row,
        along_column=view.along_column,
        spacing=(1.0, 1.0),
        calibration=Calibration.NONE,
        frame_of_reference=OWN_FRAME,
        placed=True,
    )


def box(geometry: ImageGeometry) -> NDArray[np.float64]:
    """(2, 3) the smallest and largest patient positions of a grid, to the outer faces of its voxels."""
    ends = [(-0.5, count - 0.5) for count in geometry.shape]
    corners = geometry.to_patient([(a, b, c) for a in ends[0] for b in ends[1] for c in ends[2]])
    return np.stack([corners.min(axis=0), corners.max(axis=0)])


def kept(geometry: ImageGeometry, view: View3D) -> tuple[tuple[float, float], ...]:
    """(low, high) patient millimetres that clipping leaves along x, y and z."""
    low, high = box(geometry)
    return tuple(
        (float(a + first * (b - a)), float(a + last * (b - a)))
        for a, b, (first, last) in zip(low, high, view.clip, strict=True)
    )


def camera(plane: Plane, viewing: Viewing) -> Camera:
    """The camera for a body whose picture *plane* lies so in its viewport."""
    height, width = viewing.size
    middle = plane.to_patient(*viewing.to_image(width / 2, height / 2))
    right = plane.to_patient(*viewing.to_image(width / 2 + viewing.scale, height / 2))
    down = plane.to_patient(*viewing.to_image(width / 2, height / 2 + viewing.scale))
    rows, columns = plane.shape
    return Camera(
        focus=middle,
        forward=plane.normal,
        up=unit(way(down, middle)),
        millimetres=1.0 / viewing.scale,
        middle=plane.to_patient((rows - 1) / 2, (columns - 1) / 2),
        radius=math.sqrt(3) / 2 * math.hypot(*plane.spacing) / math.sqrt(2) * max(rows, columns),
        mirrored=dot(cross(way(middle, right), way(middle, down)), plane.normal) < 0,
    )
