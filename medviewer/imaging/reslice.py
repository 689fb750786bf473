"""Other planes through a stack: coronal, sagittal and oblique ones, slabs, and one stack on another's grid.

Voxels are taken as they are wherever the axes of the stack lie along the plane; otherwise values between
them are interpolated linearly. What is no part of the picture (padding, no number) is left out of every
mixture, and is NaN where it prevails.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.cut import Cut, Slab
from medviewer.core.geometry import ImageGeometry, Plane
from medviewer.core.volume import Frame, Rescale, Volume, read_only
from medviewer.imaging.reslice_grid import (
    Aligned,
    aligned,
    cut_plane,
    index_steps,
    reach,
    regular_geometry,
    slab_offsets,
    slice_of,
    step_across,
)
from medviewer.kit.task import TaskContext

__all__ = ["cut_plane", "onto", "reach", "regular_geometry", "reslice", "reslice_labels"]


def reslice(volume: Volume, cut: Cut, context: TaskContext | None = None) -> Frame:
    """The picture of *cut* on the grid of `cut_plane`.

    Pixels are stored values: those of the voxels where the plane lies along them, otherwise float32 with NaN
    outside the stack. A slab shows the mean, the largest or the smallest modality value of the planes in it.
    """
    plane = cut_plane(volume.geometry, cut)
    how = aligned(volume.geometry, cut.along_row, cut.along_column)
    if how is not None and (cut.thickness <= 0 or len(_layers(volume, cut, how)) == 1):
        return _frame(volume, _layer(volume, how, slice_of(volume.geometry, cut, how)), plane, exact=True)
    if how is not None:
        pictures = [_values(volume, _layer(volume, how, at)) for at in _layers(volume, cut, how)]
        return _frame(volume, _together(pictures, cut.slab, volume.rescale), plane, exact=False)
    offsets = slab_offsets(cut.thickness, step_across(volume.geometry, cut))
    pictures = []
    for offset in offsets:
        if context is not None:
            context.check()
        pictures.append(
            _sampled(volume, cut_plane(volume.geometry, replace(cut, distance=cut.distance + offset)))
        )
    return _frame(volume, _together(pictures, cut.slab, volume.rescale), plane, exact=False)


def onto(volume: Volume, plane: Plane, context: TaskContext | None = None) -> Frame:
    """*volume* on the grid of another picture, interpolated; float32, NaN where the volume does not reach."""
    if context is not None:
        context.check()
    return _frame(volume, _sampled(volume, plane), plane, exact=False)


def reslice_labels(labels: NDArray[np.uint8], geometry: ImageGeometry, plane: Plane) -> NDArray[np.uint8]:
    """The label at each pixel of *plane*: that of the nearest voxel of (slice, row, column), 0 outside."""
    index = np.floor(_indices(geometry, plane) + 0.5).astype(np.int64)
    inside = ((index >= 0) & (index < np.asarray(geometry.shape))).all(axis=-1)
    slices, rows, columns = np.moveaxis(np.clip(index, 0, np.asarray(geometry.shape) - 1), -1, 0)
    found: NDArray[np.uint8] = np.where(inside, labels[slices, rows, columns], 0).astype(np.uint8)
    return found


def _layers(volume: Volume, cut: Cut, how: Aligned) -> range:
    """The slices of a slab along the axis across it; those beyond the stack are left out."""
    axis = how.axes[0]
    half = (len(slab_offsets(cut.thickness, volume.geometry.spacing[axis])) - 1) // 2
    middle = slice_of(volume.geometry, cut, how)
    return range(max(0, middle - half), min(volume.geometry.shape[axis], middle + half + 1))


def _layer(volume: Volume, how: Aligned, at: int) -> NDArray[Any]:
    across, down, right = how.axes
    picture = volume.voxels.transpose(across, down, right)[at]
    rows, columns = (slice(None, None, -1 if flipped else 1) for flipped in how.flips[1:])
    return np.ascontiguousarray(picture[rows, columns])


def _is_linear(volume: Volume) -> bool:
    """Whether stored values may be mixed as they are: no table, and no more bits than float32 holds."""
    return volume.rescale.lut is None and not (
        volume.voxels.dtype.kind in "iu" and volume.voxels.dtype.itemsize > 2
    )


def _values(volume: Volume, stored: NDArray[Any]) -> NDArray[np.float32]:
    """Stored values that may be mixed, or modality values in their place; NaN where nothing is."""
    values = stored.astype(np.float32) if _is_linear(volume) else volume.rescale.apply(stored)
    if volume.padding is not None:
        low, high = sorted(volume.padding)
        values[(stored >= low) & (stored <= high)] = np.nan
    values[~np.isfinite(values)] = np.nan
    return values


def _together(pictures: list[NDArray[np.float32]], slab: Slab, rescale: Rescale) -> NDArray[np.float32]:
    if len(pictures) == 1:
        return pictures[0]
    stack = np.stack(pictures)
    if slab is Slab.MEAN:
        valid = np.isfinite(stack)
        count = valid.sum(axis=0)
        total = np.where(valid, stack, 0).sum(axis=0, dtype=np.float64)
        mean: NDArray[np.float32] = np.where(count > 0, total / np.maximum(count, 1), np.nan).astype(
            np.float32
        )
        return mean
    falls = rescale.lut is None and rescale.slope < 0
    choose = np.fmin if (slab is Slab.MINIMUM) != falls else np.fmax
    found: NDArray[np.float32] = choose.reduce(stack, axis=0)
    return found


def _frame(volume: Volume, pixels: NDArray[Any], plane: Plane, *, exact: bool) -> Frame:
    is_stored = exact or _is_linear(volume)
    return Frame(
        pixels=read_only(pixels),
        plane=plane,
        rescale=volume.rescale if is_stored else Rescale(unit=volume.rescale.unit),
        padding=volume.padding if exact else None,
        inverted=volume.inverted,
        windows=volume.windows,
        remarks=volume.remarks,
    )


def _indices(geometry: ImageGeometry, plane: Plane) -> NDArray[np.float64]:
    """(row, column, 3): the place of each pixel in the stack, in voxels."""
    down = index_steps(geometry, np.asarray(plane.along_column) * plane.spacing[0])
    right = index_steps(geometry, np.asarray(plane.along_row) * plane.spacing[1])
    rows, columns = np.arange(plane.shape[0]), np.arange(plane.shape[1])
    start = geometry.to_index(plane.origin)
    return start + rows[:, None, None] * down + columns[None, :, None] * right


def _sampled(volume: Volume, plane: Plane) -> NDArray[np.float32]:
    """Values of *volume* interpolated linearly at each pixel; NaN outside and where half is no picture."""
    shape = np.asarray(volume.geometry.shape)
    index = _indices(volume.geometry, plane)
    inside = ((index >= -0.5) & (index <= shape - 0.5)).all(axis=-1)
    index = np.clip(index, 0, shape - 1)
    low = np.minimum(index.astype(np.int64), np.maximum(shape - 2, 0))
    part = index - low
    total, weight = np.zeros(plane.shape), np.zeros(plane.shape)
    for corner in np.ndindex(2, 2, 2):
        at = np.minimum(low + corner, shape - 1)
        share = np.where(np.asarray(corner) == 1, part, 1 - part).prod(axis=-1)
        values = _values(volume, volume.voxels[at[..., 0], at[..., 1], at[..., 2]])
        there = np.isfinite(values)
        total += np.where(there, values, 0) * share
        weight += there * share
    good = inside & (weight >= 0.5 - 1e-9)
    found: NDArray[np.float32] = np.where(good, total / np.where(good, weight, 1), np.nan).astype(np.float32)
    return found
