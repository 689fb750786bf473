"""Connected parts of a mask, picture or stack: which are large enough to be meant, and which holes are none.

Voxels that touch at a corner are connected; what is not in the mask is connected only across faces.
"""

from __future__ import annotations

from itertools import pairwise, product
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

import medviewer.imaging.one_thread  # noqa: F401  before anything is computed with OpenCV
from medviewer.kit.frozen import frozen
from medviewer.kit.task import TaskContext

Mask = NDArray[np.bool_]
TABLE = 4_000_000
"""Pairs of parts of two slices that are kept in a table, beyond which they are sorted."""


@frozen(eq=False)
class Parts:
    """The connected parts of a mask.

    Slices are labelled one by one, in 16 bits where that is enough: a stack needs no 32 bits per voxel.
    """

    shape: tuple[int, ...]
    labels: tuple[NDArray[Any], ...]
    """(row, column) for each slice, 0 where nothing is"""
    numbers: tuple[NDArray[np.int64], ...]
    """for each slice, the part to which each of its labels belongs; that of label 0 is 0"""
    sizes: NDArray[np.int64]
    """how many voxels each part has; that of part 0 is 0"""

    def kept(self, stays: NDArray[np.bool_]) -> Mask:
        """The mask of those parts that stay, one bool for each."""
        mask = np.empty((len(self.labels), *self.shape[-2:]), bool)
        for target, labels, numbers in zip(mask, self.labels, self.numbers, strict=True):
            np.take(stays[numbers], labels, out=target)
        return mask.reshape(self.shape)

    def at(self, index: tuple[int, ...]) -> int:
        """The part to which a voxel belongs, 0 for none."""
        at = index[0] if len(self.shape) == 3 else 0
        return int(self.numbers[at][self.labels[at][index[-2:]]])

    def largest(self, count: int) -> NDArray[np.bool_]:
        """Which parts are the *count* largest; of those of one size the first ones."""
        stays = np.zeros(len(self.sizes), bool)
        stays[np.argsort(-self.sizes, kind="stable")[:count]] = True
        stays[0] = False
        return stays

    def inside(self) -> NDArray[np.bool_]:
        """Which parts touch no border of the picture, or none of the stack."""
        stays = np.ones(len(self.sizes), bool)
        ends = (0, len(self.labels) - 1) if len(self.shape) == 3 else ()
        for at, (labels, numbers) in enumerate(zip(self.labels, self.numbers, strict=True)):
            edges = (labels[0], labels[-1], labels[:, 0], labels[:, -1])
            touched = labels.ravel() if at in ends else np.concatenate(edges)
            stays[numbers[np.unique(touched)]] = False
        stays[0] = False
        return stays


def parts_of(mask: Mask, corners: bool = True, context: TaskContext | None = None) -> Parts:
    """The connected parts of *mask* (slice, row, column) or (row, column). Raises Cancelled."""
    slices = mask.reshape(-1, *mask.shape[-2:])
    labels, firsts, counted = [], [0], []
    for one in slices:
        if context is not None:
            context.check()
        count, found, facts, _ = cv2.connectedComponentsWithStats(
            one.view(np.uint8) if one.flags.c_contiguous else one.astype(np.uint8),
            connectivity=8 if corners else 4,
        )
        labels.append(found.astype(np.uint16) if count < 65_536 else found)
        counted.append(facts[1:, cv2.CC_STAT_AREA].astype(np.int64))
        firsts.append(firsts[-1] + count - 1)
    joined = _joined(labels, firsts, corners, context)
    sizes = np.zeros(int(joined.max(initial=-1)) + 2, np.int64)
    np.add.at(sizes, joined + 1, np.concatenate(counted) if counted else np.zeros(0, np.int64))
    numbers = tuple(np.concatenate([[0], joined[start:end] + 1]) for start, end in pairwise(firsts))
    return Parts(mask.shape, tuple(labels), numbers, sizes)


def without_islands(
    mask: Mask, smallest_px: int, keep: int = 0, context: TaskContext | None = None
) -> NDArray[np.bool_]:
    """*mask* without its connected parts of fewer than *smallest_px* pixels, or voxels of a stack.

    With *keep* above 0 only that many of the largest parts stay.
    """
    parts = parts_of(mask, context=context)
    stays = parts.sizes >= max(1, smallest_px)
    if keep > 0:
        stays &= parts.largest(keep)
    return parts.kept(stays)


def without_holes(mask: Mask, largest_px: int, context: TaskContext | None = None) -> NDArray[np.bool_]:
    """*mask* with its holes of at most *largest_px* pixels filled; what touches the border is no hole."""
    parts = parts_of(~mask, corners=False, context=context)
    return mask | parts.kept(parts.inside() & (parts.sizes <= largest_px))


def _joined(
    labels: list[NDArray[Any]], firsts: list[int], corners: bool, context: TaskContext | None
) -> NDArray[np.int64]:
    """The part of each label of each slice, those from 0 on, numbered in the order in which they begin."""
    if len(labels) == 1:
        return np.arange(firsts[-1], dtype=np.int64)
    from scipy.sparse import coo_array  # noqa: PLC0415  heavy, and only stacks need it
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415  (see above)

    touching: list[NDArray[np.int64]] = [np.zeros((2, 0), np.int64)]
    for at, (above, below) in enumerate(pairwise(labels)):
        if context is not None:
            context.check()
        counts = (firsts[at + 1] - firsts[at] + 1, firsts[at + 2] - firsts[at + 1] + 1)
        if min(counts) > 1:
            ahead = np.array([[firsts[at] - 1], [firsts[at + 1] - 1]], np.int64)
            touching.append(_touching(above, below, counts, corners) + ahead)
    one, other = np.concatenate(touching, axis=1)
    total = firsts[-1]
    graph = coo_array((np.ones(len(one), bool), (one, other)), (total, total))
    found: NDArray[np.int64] = connected_components(graph, directed=False)[1].astype(np.int64)
    return found


def _touching(
    above: NDArray[Any], below: NDArray[Any], counts: tuple[int, int], corners: bool
) -> NDArray[np.int64]:
    """Pairs of labels of two neighbouring slices that touch, (2, pairs)."""
    rows, columns = above.shape
    shifts = [*product((-1, 0, 1), repeat=2)] if corners else [(0, 0)]
    small = counts[0] * counts[1] <= TABLE
    table = np.zeros(counts[0] * counts[1] if small else 0, bool)
    found = [np.zeros(0, np.int64)]
    for down, right in shifts:
        one = above[max(0, down) : rows + min(0, down), max(0, right) : columns + min(0, right)]
        other = below[max(0, -down) : rows - max(0, down), max(0, -right) : columns - max(0, right)]
        both = (one != 0) & (other != 0)
        pairs = one[both].astype(np.int64) * counts[1] + other[both]
        if small:
            table[pairs] = True
        else:
            found.append(np.unique(pairs))
    codes = np.flatnonzero(table) if small else np.unique(np.concatenate(found))
    return np.stack([codes // counts[1], codes % counts[1]])
