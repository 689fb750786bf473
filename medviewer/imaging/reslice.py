"""Other planes through a stack: coronal, sagittal and oblique ones, slabs, and one stack on another's grid.

Voxels are taken as they are wherever the axes of the stack lie along the plane; otherwise values between
them are interpolated linearly. What is no part of the picture (padding, no number) is left out of every
mixture, and is NaN where it prevails.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.cut import Cut, Slab
from medviewer.core.geometry import ImageGeometry, Plane
from medviewer.core.vectors import moved
from medviewer.core.volume import Frame, Rescale, Volume, is_padding, read_only
from medviewer.imaging.reslice_grid import (
    Aligned,
    aligned,
    cut_plane,
    reach,
    regular_geometry,
    slab_offsets,
    slice_of,
    step_across,
)
from medviewer.imaging.reslice_sampling import Values, facing, layer, nearest, sampled
from medviewer.imaging.reslice_slab import of_whole_numbers, together
from medviewer.kit.task import TaskContext

__all__ = [
    "cut_plane",
    "derived_words",
    "draft",
    "is_slow",
    "onto",
    "reach",
    "regular_geometry",
    "reslice",
    "reslice_labels",
]

_SLOW_FROM = 5
"""Planes in a slab from which on a draft is worth its while."""
INTERPOLATED = "interpolated"
_SLABS = {Slab.MEAN: "mean", Slab.MAXIMUM: "max", Slab.MINIMUM: "min"}


def reslice(volume: Volume, cut: Cut, context: TaskContext | None = None) -> Frame:
    """The picture of *cut* on the grid of `cut_plane`.

    Pixels are stored values: those of the voxels where the plane lies along them, otherwise float32 with NaN
    outside the stack. A slab shows the mean, the largest or the smallest modality value of the planes whose
    middle lies in it, a step of `reach` apart.
    """
    plane = cut_plane(volume.geometry, cut)
    how = aligned(volume.geometry, cut.along_row, cut.along_column)
    step = volume.geometry.spacing[how.axes[0]] if how else step_across(volume.geometry, cut)
    offsets = slab_offsets(cut.thickness, step)
    if how is None:
        planes = [cut_plane(volume.geometry, replace(cut, distance=cut.distance + off)) for off in offsets]
        pictures = _several(volume, planes, context)
        return _resampled(
            volume, _together(pictures, volume, cut.slab), plane, derived_words(volume.geometry, cut)
        )
    middle = slice_of(volume.geometry, cut, how)
    if len(offsets) == 1:
        return _framed(volume, layer(volume.voxels, how, middle), plane)
    reaches = len(offsets) // 2
    numbers = range(max(0, middle - reaches), min(volume.geometry.shape[how.axes[0]], middle + reaches + 1))
    pixels = _slab_of_voxels(volume, how, numbers, cut.slab)
    return _resampled(volume, pixels, plane, derived_words(volume.geometry, cut))


def is_slow(geometry: ImageGeometry, cut: Cut) -> bool:
    """Whether a `draft` is worth its while: slabs that do not lie along voxels take a fifth of a second."""
    if aligned(geometry, cut.along_row, cut.along_column) is not None:
        return False
    return len(slab_offsets(cut.thickness, step_across(geometry, cut))) >= _SLOW_FROM


def draft(volume: Volume, cut: Cut, context: TaskContext | None = None) -> Frame:
    """*cut* from an eighth of the samples, on the same grid; for what moves and does not lie along voxels."""
    step = step_across(volume.geometry, cut)
    plane = cut_plane(volume.geometry, cut)
    coarse = _coarse(plane)
    pictures = (
        sampled(volume, _beside(coarse, offset), _mixable(volume), context)
        for offset in slab_offsets(cut.thickness, 2 * step)
    )
    rows, columns = plane.shape
    pixels = _together(pictures, volume, cut.slab).repeat(2, axis=0).repeat(2, axis=1)[:rows, :columns]
    return _resampled(volume, pixels, plane, derived_words(volume.geometry, cut))


def _coarse(plane: Plane) -> Plane:
    """Pixels twice as large that cover the same."""
    rows, columns = plane.shape
    down, right = plane.spacing
    return replace(
        plane,
        shape=((rows + 1) // 2, (columns + 1) // 2),
        origin=plane.to_patient(0.5, 0.5),
        spacing=(2 * down, 2 * right),
    )


def _beside(plane: Plane, offset: float) -> Plane:
    return replace(plane, origin=moved(plane.origin, plane.normal, offset))


def onto(volume: Volume, plane: Plane, context: TaskContext | None = None) -> Frame:
    """*volume* on the grid of another picture, interpolated; float32, NaN where the volume does not reach."""
    return _resampled(volume, sampled(volume, plane, _mixable(volume), context), plane, INTERPOLATED)


def derived_words(geometry: ImageGeometry, cut: Cut) -> str:
    """What has to stand beside the values of *cut*: its slab, and whether they lie between voxels."""
    slab = f"Slab {cut.thickness:g} mm {_SLABS[cut.slab]}" if cut.thickness > 0 else ""
    is_between = aligned(geometry, cut.along_row, cut.along_column) is None
    return " · ".join(filter(None, (slab, INTERPOLATED if is_between else "")))


def reslice_labels(labels: NDArray[np.uint8], geometry: ImageGeometry, plane: Plane) -> NDArray[np.uint8]:
    """The label at each pixel of *plane*: that of the nearest voxel of (slice, row, column), 0 outside."""
    return nearest(labels, geometry, plane)


def _several(
    volume: Volume, planes: Sequence[Plane], context: TaskContext | None
) -> Iterator[NDArray[np.float32]]:
    """The planes of a slab in turn; several are under way at once, as numpy leaves the interpreter free."""
    values = _mixable(volume)
    if len(planes) == 1:
        yield sampled(volume, planes[0], values, context)
        return
    with ThreadPoolExecutor(min(len(planes), os.cpu_count() or 1)) as pool:
        try:
            yield from pool.map(lambda plane: sampled(volume, plane, values, context), planes)
        finally:
            pool.shutdown(cancel_futures=True)


def _framed(volume: Volume, pixels: NDArray[Any], plane: Plane) -> Frame:
    return Frame(
        pixels=read_only(pixels),
        plane=plane,
        rescale=volume.rescale,
        padding=volume.padding,
        inverted=volume.inverted,
        windows=volume.windows,
        remarks=volume.remarks,
        decided=volume.decided,
    )


def _resampled(volume: Volume, pixels: NDArray[np.float32], plane: Plane, derived: str) -> Frame:
    frame = replace(_framed(volume, pixels, plane), padding=None, derived=derived)
    return frame if _mixable(volume) is None else replace(frame, rescale=Rescale(unit=volume.rescale.unit))


def _mixable(volume: Volume) -> Values | None:
    """What makes numbers of stored values that may be mixed; None where stored values may themselves.

    Not where a table stands between them and modality values, nor where float32 is too narrow for them.
    """
    is_wide = volume.voxels.dtype.kind in "iu" and volume.voxels.dtype.itemsize > 2
    return volume.rescale.apply if volume.rescale.lut is not None or is_wide else None


def _values(volume: Volume, stored: NDArray[Any]) -> NDArray[np.float32]:
    """Stored values as numbers that may be mixed, NaN where nothing is."""
    change = _mixable(volume)
    values = stored.astype(np.float32) if change is None else change(stored)
    if volume.padding is not None:
        values[is_padding(stored, volume.padding)] = np.nan
    if stored.dtype.kind == "f":
        values[~np.isfinite(values)] = np.nan
    return values


def _falls(volume: Volume) -> bool:
    """Whether the largest modality value is the smallest of what is mixed."""
    return _mixable(volume) is None and volume.rescale.slope < 0


def _together(pictures: Iterable[NDArray[np.float32]], volume: Volume, slab: Slab) -> NDArray[np.float32]:
    return together(pictures, slab, _falls(volume))


def _slab_of_voxels(volume: Volume, how: Aligned, numbers: range, slab: Slab) -> NDArray[np.float32]:
    """Layers of voxels as one picture."""
    if volume.padding is None and volume.voxels.dtype.kind in "iu" and _mixable(volume) is None:
        layers = facing(volume.voxels, how)[numbers.start : numbers.stop]
        return np.ascontiguousarray(of_whole_numbers(layers, slab, _falls(volume)))
    pictures = (_values(volume, layer(volume.voxels, how, number)) for number in numbers)
    return _together(pictures, volume, slab)
