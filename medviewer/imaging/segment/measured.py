"""How large a segmented part is, and what its values are."""

from __future__ import annotations

import math

import numpy as np

from medviewer.imaging.segment.grid import Grid, Mask
from medviewer.kit.frozen import frozen


@frozen
class Measured:
    """One mask in numbers; mean and SD are None where it holds nothing."""

    voxels: int
    size: float
    unit: str
    """of the size: ml of a stack, mm² of a picture, px² or voxels where nothing says how large a pixel is"""
    mean: float | None
    sd: float | None
    """that of a population, divided by N"""
    value_unit: str


def measured(mask: Mask, grid: Grid) -> Measured:
    """*mask* of *grid*: its volume or area, mean and SD of the modality values in it, padding left out."""
    shape = (-1, *grid.values.shape[-2:])
    voxels, total, squares, middle = 0, 0.0, 0.0, None
    valid = None if grid.valid is None else grid.valid.reshape(shape)
    # slice by slice: no copy of a stack in wider numbers
    for at, (one, inside) in enumerate(zip(grid.values.reshape(shape), mask.reshape(shape), strict=True)):
        found = one[inside if valid is None else inside & valid[at]].astype(np.float64)
        if not found.size:
            continue
        # squares of what is far from 0 would swallow the digits in which they differ
        middle = float(found[0]) if middle is None else middle
        found -= middle
        voxels, total = voxels + found.size, total + float(found.sum())
        squares += float(np.square(found).sum())
    size, unit = _size(voxels, grid)
    if middle is None:
        return Measured(0, size, unit, None, None, grid.unit)
    mean = total / voxels
    sd = math.sqrt(max(squares / voxels - mean * mean, 0.0))
    return Measured(voxels, size, unit, middle + mean, sd, grid.unit)


def _size(voxels: int, grid: Grid) -> tuple[float, str]:
    solid = grid.values.ndim == 3
    if not grid.calibrated:
        return (float(voxels), "voxels" if solid else "px²")
    return (voxels * grid.voxel_mm / 1000, "ml") if solid else (voxels * grid.voxel_mm, "mm²")
