"""Labels on a plane through a stack, taken straight from its slices: one that changes costs one slice."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from medviewer.core.cut import Cut
from medviewer.core.geometry import ImageGeometry, Plane
from medviewer.imaging.reslice_grid import aligned, cut_plane, slice_of
from medviewer.imaging.reslice_sampling import inside, walk
from medviewer.kit.frozen import frozen

Layers = Sequence[NDArray[np.uint8] | None]
"""The labels of each slice of a stack, (row, column); None where nothing is labelled"""


@frozen(eq=False)
class LabelCut:
    """Which voxel of which slice each pixel of a plane shows: the nearest one, as `reslice_labels` has it."""

    shape: tuple[int, int]
    """(rows, columns) of the plane"""
    starts: NDArray[np.int64]
    """where in *pixels* and *voxels* those of each slice begin, and the end"""
    pixels: NDArray[np.int32]
    """numbers of pixels, slice by slice"""
    voxels: NDArray[np.int32]
    """the number within its slice of the voxel that each of them shows"""
    slice_as_it_is: tuple[int, int, int] | None = None
    """number of the slice that the plane is, and the steps (1, or -1 backwards) of its rows and columns"""


def label_cut(geometry: ImageGeometry, cut: Cut) -> LabelCut:
    """How the labels of a stack come to lie on a plane through it; pixels outside the stack show nothing."""
    plane = cut_plane(geometry, cut)
    how = aligned(geometry, cut.along_row, cut.along_column)
    if how is not None and how.axes == (0, 1, 2):
        nothing, starts = np.zeros(0, np.int32), np.zeros(geometry.shape[0] + 1, np.int64)
        down_by, right_by = (-1 if flipped else 1 for flipped in how.flips[1:])
        at = slice_of(geometry, cut, how)
        return LabelCut(plane.shape, starts, nothing, nothing, (at, down_by, right_by))
    pixels = np.flatnonzero(covered(geometry, plane)).astype(np.int32)
    rows, columns = np.divmod(pixels, plane.shape[1])
    layers, down, right = nearest_voxels(geometry, plane, rows, columns)
    order = np.argsort(layers.astype(np.uint16), kind="stable")  # counting sort, as numbers are narrow
    starts = np.searchsorted(layers[order], np.arange(geometry.shape[0] + 1))
    voxels = (down * geometry.shape[2] + right).astype(np.int32)
    return LabelCut(plane.shape, starts, pixels[order], voxels[order])


def nearest_voxels(
    geometry: ImageGeometry, plane: Plane, rows: NDArray[np.integer], columns: NDArray[np.integer]
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """(slice, row, column) of the voxels that pixels of *plane* show, kept within the stack."""
    way = walk(geometry, plane)
    found = []
    for axis, count in enumerate(geometry.shape):
        at = way.start[axis] + rows * way.down[axis] + 0.5 + columns * way.right[axis]
        found.append(np.clip(np.floor(at), 0, count - 1).astype(np.intp))
    return found[0], found[1], found[2]


def covered(
    geometry: ImageGeometry, plane: Plane, part: tuple[slice, slice] = (slice(None), slice(None))
) -> NDArray[np.bool_]:
    """Which pixels of a *part* of *plane* lie in the stack."""
    first, last = inside(geometry, plane, walk(geometry, plane))
    first, last, columns = first[part[0], None], last[part[0], None], np.arange(plane.shape[1])[part[1]]
    found: NDArray[np.bool_] = (columns >= first) & (columns < last)
    return found


def on_plane(
    cut: LabelCut, layers: Layers, before: tuple[NDArray[np.uint8], Layers] | None = None
) -> NDArray[np.uint8]:
    """(row, column) labels of *layers* on a plane.

    *before* is what this gave for other layers, and those: nothing is done for slices that are the same.
    """
    if cut.slice_as_it_is is not None:
        number, rows, columns = cut.slice_as_it_is
        own = layers[number]
        return np.zeros(cut.shape, np.uint8) if own is None else own[::rows, ::columns].copy()
    known: Layers = (None,) * len(layers) if before is None else before[1]
    found = np.zeros(cut.shape, np.uint8) if before is None else before[0].copy()
    flat = found.reshape(-1)
    for number, (now, then) in enumerate(zip(layers, known, strict=True)):
        if now is then:
            continue
        some = slice(cut.starts[number], cut.starts[number + 1])
        pixels = cut.pixels[some]
        if pixels.size:
            flat[pixels] = 0 if now is None else now.reshape(-1)[cut.voxels[some]]
    return found
