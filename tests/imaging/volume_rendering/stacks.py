"""Stacks for the tests of bodies: something bright in something dark, in grids of any kind."""

from __future__ import annotations

import numpy as np

from medviewer.core.geometry import ImageGeometry
from medviewer.core.vectors import Vector
from medviewer.core.volume import Rescale, Volume, read_only

AIR, TISSUE, BONE = -1000, 40, 900


def grid(
    shape: tuple[int, int, int] = (24, 32, 40),
    spacing: tuple[float, float, float] = (3.0, 2.0, 1.5),
    directions: tuple[Vector, Vector, Vector] = ((0, 0, 1), (0, 1, 0), (1, 0, 0)),
    origin: tuple[float, float, float] = (-30.0, -30.0, 100.0),
) -> ImageGeometry:
    """An axial grid whose numbers grow to the head, to the back and to the left."""
    return ImageGeometry(shape, origin, directions, spacing)


def stack(geometry: ImageGeometry, bright: tuple[slice, slice, slice], **values: object) -> Volume:
    """Air with a block of bone at *bright* (slices, rows, columns)."""
    voxels = np.full(geometry.shape, AIR, np.int16)
    voxels[bright] = BONE
    return Volume(read_only(voxels), Rescale(unit="HU"), geometry, "series", **values)  # type: ignore[arg-type]
