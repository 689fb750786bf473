"""A self-organising map: a sheet of nodes that is bent until neighbours on it are alike (T. Kohonen 1982)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from medviewer.kit.frozen import frozen

Points = NDArray[np.float64]
ROUNDS = 60


@frozen(eq=False)
class Sheet:
    """A map of nodes."""

    nodes: Points
    """(row, column, feature)"""
    error: float
    """the mean distance of points from their nearest node"""
    torn: float
    """the share of points whose two nearest nodes are no neighbours on the sheet"""

    def places(self, points: Points) -> NDArray[np.int64]:
        """The nearest node of each of *points*, (n, 2) rows and columns."""
        rows, columns, _ = self.nodes.shape
        nearest = squares(points, self.nodes.reshape(rows * columns, -1)).argmin(axis=1)
        return np.stack([nearest // columns, nearest % columns], axis=1).astype(np.int64)

    def examples(self, points: Points) -> dict[tuple[int, int], int]:
        """For each node that is the nearest to some of *points*, which of them is nearest to it."""
        rows, columns, _ = self.nodes.shape
        distances = squares(points, self.nodes.reshape(rows * columns, -1))
        nearest = distances.argmin(axis=1)
        found = {}
        for node in np.unique(nearest).tolist():
            of = np.flatnonzero(nearest == node)
            found[node // columns, node % columns] = int(of[distances[of, node].argmin()])
        return found


def trained(points: Points, rows: int, columns: int, rounds: int = ROUNDS) -> Sheet:
    """A sheet of *rows* x *columns* nodes for *points* (n, feature).

    Batch training: all points at once, the neighbourhood shrinking from half the sheet to half a node. The
    nodes begin on the plane of the two largest principal components, so nothing is drawn by chance.
    """
    nodes = _plane(points, rows, columns)
    grid = np.argwhere(np.ones((rows, columns), bool)).astype(np.float64)
    apart = squares(grid, grid)
    widths = np.geomspace(max(rows, columns) / 2, 0.5, rounds)
    for width in widths:
        nearest = squares(points, nodes).argmin(axis=1)
        counts = np.bincount(nearest, minlength=len(nodes)).astype(np.float64)
        sums = np.zeros_like(nodes)
        np.add.at(sums, nearest, points)
        pull = np.exp(-apart / (2 * width**2))
        weight = pull @ counts
        moved = weight > 1e-12
        nodes[moved] = (pull @ sums)[moved] / weight[moved, None]
    distances = squares(points, nodes)
    two = np.argsort(distances, axis=1)[:, :2]
    torn = apart[two[:, 0], two[:, 1]] > 2.0 if len(nodes) > 1 else np.zeros(len(points))
    error = float(np.sqrt(distances.min(axis=1)).mean())
    return Sheet(nodes.reshape(rows, columns, -1), error, float(np.mean(torn)))


def squares(one: Points, other: Points) -> Points:
    """Squared distances, (one, other)."""
    found = (one**2).sum(axis=1)[:, None] + (other**2).sum(axis=1)[None] - 2 * one @ other.T
    return np.asarray(np.maximum(found, 0.0))


def _plane(points: Points, rows: int, columns: int) -> Points:
    middle = points.mean(axis=0)
    _, sizes, axes = np.linalg.svd(points - middle, full_matrices=False)
    spread = sizes / np.sqrt(max(1, len(points) - 1))
    second = axes[1] * spread[1] if len(axes) > 1 else np.zeros_like(middle)
    down, across = np.linspace(-1, 1, rows), np.linspace(-1, 1, columns)
    sheet = middle + down[:, None, None] * second + across[None, :, None] * axes[0] * spread[0]
    return np.asarray(sheet.reshape(rows * columns, -1)).copy()
