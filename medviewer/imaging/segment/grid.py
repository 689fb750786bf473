"""What a segmentation looks at: values of a picture or a stack, how large a voxel is, what is padding."""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

import medviewer.imaging.one_thread  # noqa: F401  before anything is computed with OpenCV
from medviewer.core.geometry import Calibration
from medviewer.core.volume import Frame, Rescale, Volume, is_padding, read_only
from medviewer.imaging.enhance.operation import filled
from medviewer.kit.frozen import frozen

Mask = NDArray[np.bool_]
"""(slice, row, column) or (row, column)"""

HOUNSFIELD = "HU"


@frozen(eq=False)
class Grid:
    """Modality values on a regular grid, (slice, row, column) or (row, column). Nobody writes to them."""

    values: NDArray[Any]
    """int16 where that holds them exactly, else float32; finite where *valid*"""
    spacing: tuple[float, ...]
    """between slices, rows and columns, in mm; in pixels where it is not *calibrated*"""
    valid: Mask | None = None
    """where there is a picture at all; None where that is everywhere"""
    unit: str = ""
    """of the values: HU for CT, nothing when the file does not say"""
    calibrated: bool = True
    towards_head: int = 0
    """1 where slice numbers grow towards the head, -1 towards the feet, 0 where they do neither"""
    upright: float = 1.0
    """what a voxel holds as a share of the product of its sides: less than 1 where the gantry was tilted"""

    @property
    def voxel_mm(self) -> float:
        """What one voxel holds, in mm³, or in mm² of a picture."""
        return math.prod(self.spacing) * self.upright


def grid_of(volume: Volume) -> Grid:
    """The modality values of a stack, at most one copy of it."""
    values = _modality(volume.voxels, volume.rescale)
    valid = np.isfinite(values) if values.dtype.kind == "f" else None
    if volume.padding is not None:
        inside = ~is_padding(volume.voxels, volume.padding)
        valid = inside if valid is None else np.logical_and(valid, inside, out=inside)
    along = volume.geometry.directions[0][2]
    return Grid(
        read_only(values),
        volume.geometry.spacing,
        None if valid is None or valid.all() else read_only(valid),
        volume.rescale.unit,
        volume.geometry.calibration.unit == "mm",
        0 if abs(along) < math.cos(math.radians(45)) else int(math.copysign(1, along)),
        abs(float(np.linalg.det(np.asarray(volume.geometry.directions)))),
    )


def grid_of_frame(frame: Frame) -> Grid:
    """The modality values of one picture; of a colour picture its luminance, 0 to 255."""
    plane = frame.plane
    spacing = plane.spacing if plane.calibration.unit == "mm" else (plane.aspect, 1.0)
    # several scales on one picture are no scale for the whole of it
    calibrated = plane.calibration not in (Calibration.NONE, Calibration.REGIONS)
    if frame.is_color:
        grey = cv2.cvtColor(frame.pixels, cv2.COLOR_RGB2GRAY).astype(np.int16)
        return Grid(read_only(grey), spacing, None, "", calibrated)
    values = _modality(frame.pixels, frame.rescale)
    valid = np.isfinite(values)
    padded = frame.padded
    if padded is not None:
        valid &= ~padded
    return Grid(
        read_only(values), spacing, None if valid.all() else read_only(valid), frame.rescale.unit, calibrated
    )


def with_padding_filled(grid: Grid) -> NDArray[Any]:
    """Its values, with padding replaced slice by slice by the nearest value that is none.

    A slice that is nothing but padding gets the lowest value that there is.
    """
    if grid.valid is None:
        return grid.values
    slices = grid.values.reshape(-1, *grid.values.shape[-2:])
    valid = grid.valid.reshape(slices.shape)
    lowest = min(one[inside].min() for one, inside in zip(slices, valid, strict=True) if inside.any())
    values = np.empty(slices.shape, slices.dtype)
    for target, one, inside in zip(values, slices, valid, strict=True):
        if inside.all():
            target[...] = one
        else:
            target[...] = filled(one, inside) if inside.any() else lowest
    return read_only(values.reshape(grid.values.shape))


def _modality(stored: NDArray[Any], rescale: Rescale) -> NDArray[Any]:
    """Modality values as int16 where that is exact, else as float32; the very stored ones if they are."""
    if not _stays_whole(stored, rescale):
        return rescale.apply(stored)
    if stored.dtype == np.int16 and rescale.intercept == 0:
        return stored.view()
    values = np.empty(stored.shape, np.int16)
    # slice by slice: no second copy of a volume in wider numbers
    for target, one in zip(_slices(values), _slices(stored), strict=True):
        target[...] = one.astype(np.int32) + int(rescale.intercept)
    return values


def _stays_whole(stored: NDArray[Any], rescale: Rescale) -> bool:
    if rescale.lut is not None or stored.dtype.kind not in "iub" or not stored.size:
        return False
    if rescale.slope != 1 or not float(rescale.intercept).is_integer():
        return False
    low, high = (int(found) + int(rescale.intercept) for found in (stored.min(), stored.max()))
    limits = np.iinfo(np.int16)
    return limits.min <= low and high <= limits.max


def _slices(values: NDArray[Any]) -> NDArray[Any]:
    return values.reshape(-1, *values.shape[-2:])
