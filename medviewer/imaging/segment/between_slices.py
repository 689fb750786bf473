"""What lies between two labelled slices: shape-based interpolation.

The signed distance from the edge of a shape is interpolated, and what is inside lies where it is below zero
(S. Raya and J. Udupa, IEEE Transactions on Medical Imaging 9(1), 1990; G. Herman, J. Zheng and C. Bucholtz,
IEEE Computer Graphics and Applications 12(3), 1992). Where both shapes are of one piece they are laid over
one another by their centres first, so that what runs aslant through the slices keeps its width.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

import medviewer.imaging.one_thread  # noqa: F401  before anything is computed with OpenCV
from medviewer.imaging.segment.grid import Mask
from medviewer.kit.task import TaskContext

Spacing = tuple[float, float]


def between_slices(
    shapes: Mapping[int, Mask],
    positions: Sequence[float],
    spacing: Spacing,
    shifts: Sequence[Spacing] | None = None,
    context: TaskContext | None = None,
) -> dict[int, Mask]:
    """The shapes of the slices between those in *shapes*, by number; (row, column) masks of one size.

    *positions* says where (mm) each slice lies, ascending or descending; *spacing* is that of (rows,
    columns). *shifts* says by how much (rows, columns; pixels) each slice is displaced where a stack does not
    stand upright. Slices without neighbours on both sides are left out.
    """
    found: dict[int, Mask] = {}
    pairs = [(one, two) for one, two in pairwise(sorted(shapes)) if two - one > 1]
    for done, (first, last) in enumerate(pairs):
        if context is not None:
            context.report(done / len(pairs), "Interpolating between slices")
        if not (shapes[first].any() and shapes[last].any()):
            continue
        away = np.subtract(shifts[last], shifts[first]) if shifts is not None else np.zeros(2)
        morph = _Morph(shapes[first], shapes[last], spacing, away)
        for number in range(first + 1, last):
            share = (positions[number] - positions[first]) / (positions[last] - positions[first])
            found[number] = morph.at(share)
    return found


class _Morph:
    """One shape on its way to another."""

    def __init__(self, one: Mask, other: Mask, spacing: Spacing, shift: NDArray[np.float64]) -> None:
        """*shift* (rows, columns; pixels) leads from a place of one slice to that of the other above it."""
        self._shape = one.shape
        own = [_center(mask) for mask in (one, other)]
        is_whole = all(_pieces(mask) == 1 for mask in (one, other))
        self._way = own[1] - own[0] if is_whole else shift
        boxes = np.array([_box(one), _box(other) - self._way])
        # distances matter near the edges only, but must not be cut off between them
        margin = 2 + np.ceil(max(np.abs(boxes[0] - boxes[1]).max(), 1))
        self._low = np.floor(boxes[:, 0].min(axis=0) - margin)
        size = (np.ceil(boxes[:, 1].max(axis=0) + margin) - self._low + 1).astype(int)
        self._size = (int(size[0]), int(size[1]))
        self._distances = (
            _signed(one, self._low, self._size, spacing),
            _signed(other, self._low + self._way, self._size, spacing),
        )

    def at(self, share: float) -> Mask:
        """The shape a *share* of the way on."""
        mixed = (1 - share) * self._distances[0] + share * self._distances[1]
        moved = self._way * share
        found = np.zeros(self._shape, bool)
        whole = np.floor(self._low + moved).astype(int)
        place = _translated(mixed, self._low + moved - whole) < 0
        top, left = np.maximum(whole, 0)
        bottom, right = np.minimum(whole + place.shape, self._shape)
        if bottom > top and right > left:
            part = place[top - whole[0] : bottom - whole[0], left - whole[1] : right - whole[1]]
            found[top:bottom, left:right] = part
        return found


def _signed(
    mask: Mask, low: NDArray[np.float64], size: tuple[int, int], spacing: Spacing
) -> NDArray[np.float32]:
    """The signed distance from the edge of a shape (mm, below zero inside), sampled from *low* on."""
    from scipy.ndimage import distance_transform_edt  # noqa: PLC0415  heavy, and needed only here

    whole = np.floor(low).astype(int)
    window = np.zeros((size[0] + 1, size[1] + 1), bool)
    top, left = np.maximum(whole, 0)
    bottom, right = np.minimum(whole + window.shape, mask.shape)
    if bottom > top and right > left:
        part = mask[top:bottom, left:right]
        window[top - whole[0] : bottom - whole[0], left - whole[1] : right - whole[1]] = part
    outside = distance_transform_edt(~window, sampling=spacing)
    inside = distance_transform_edt(window, sampling=spacing)
    # the edge lies between two centres: half a pixel from both
    half = min(spacing) / 2
    signed = np.where(window, half - inside, outside - half).astype(np.float32)
    return _translated(signed, whole - low)[: size[0], : size[1]]


def _translated(values: NDArray[np.float32], by: NDArray[np.float64]) -> NDArray[np.float32]:
    """*values* moved by less than a pixel down and to the right, interpolated."""
    if not by.any():
        return values
    way = np.array([[1, 0, by[1]], [0, 1, by[0]]], np.float64)
    size = (values.shape[1] + 1, values.shape[0] + 1)
    moved = cv2.warpAffine(values, way, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, np.float32)


def _center(mask: Mask) -> NDArray[np.float64]:
    rows, columns = np.nonzero(mask)
    return np.array([rows.mean(), columns.mean()])


def _box(mask: Mask) -> NDArray[np.float64]:
    """The first and the last (row, column)."""
    left, top, width, height = cv2.boundingRect(mask.view(np.uint8))
    return np.array([[top, left], [top + height - 1, left + width - 1]], np.float64)


def _pieces(mask: Mask) -> int:
    count, _ = cv2.connectedComponents(np.ascontiguousarray(mask).view(np.uint8), connectivity=8)
    return int(count) - 1
