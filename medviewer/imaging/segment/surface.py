"""The surface of a segmented part: triangles in patient millimetres that enclose what its voxels hold."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.geometry import ImageGeometry
from medviewer.core.volume import read_only
from medviewer.imaging.segment.grid import Mask
from medviewer.kit.errors import BadValue
from medviewer.kit.frozen import frozen
from medviewer.kit.task import TaskContext

INWARDS, OUTWARDS = 0.5, -0.53
"""Taubin's two steps: the second one gives back what the first one has shrunk."""
SMOOTHING = 10
"""Rounds that take away the stairs between slices and pixels and leave what is larger."""
CORRECTIONS = 3


@frozen(eq=False)
class Surface:
    """Closed triangles whose corners go round anticlockwise as seen from outside."""

    vertices: NDArray[np.float32]
    """(n, 3) patient millimetres: left, posterior, head"""
    triangles: NDArray[np.int32]
    """(m, 3) numbers of vertices"""

    @property
    def volume_ml(self) -> float:
        """What it encloses (divergence theorem)."""
        return _volume(self.vertices.astype(np.float64), self.triangles) / 1000


def surface(
    mask: Mask, geometry: ImageGeometry, smooth: int = SMOOTHING, context: TaskContext | None = None
) -> Surface:
    """The surface of *mask*, (slice, row, column), where *geometry* puts it; closed at the ends of the stack.

    Marching cubes (T. Lewiner et al., Journal of Graphics Tools 8(2), 2003) half way between the voxels, then
    *smooth* rounds of G. Taubin's smoothing (SIGGRAPH 1995), 0 for none. What that and cut corners take is
    given back along the normals, so that as much is enclosed as the voxels hold. Slow for large parts. Raises
    BadValue where nothing is marked, and Cancelled.
    """
    from skimage import measure  # noqa: PLC0415  heavy, and needed only here

    context = context or TaskContext()
    box = _box(mask)
    if box is None:
        raise BadValue("Nothing is marked, so there is no surface.", "Paint or segment something first.")
    context.report(0.0, "Surface")
    cropped = np.pad(mask[box], 1).astype(np.float32)
    marching_cubes: Any = measure.marching_cubes
    found = marching_cubes(cropped, 0.5)
    corners, triangles = found[0], np.ascontiguousarray(found[1], np.int32)
    del cropped
    context.report(0.5)
    first = np.array([one.start - 1 for one in box], np.float64)
    vertices = geometry.to_patient(corners.astype(np.float64) + first)
    if _volume(vertices, triangles) < 0:
        triangles = np.ascontiguousarray(triangles[:, ::-1])
    vertices = _smoothed(vertices, triangles, smooth, context.part(0.5, 0.9))
    across = abs(float(np.linalg.det(np.asarray(geometry.directions))))
    voxels = int(np.count_nonzero(mask[box]))
    vertices = _holding(vertices, triangles, voxels * float(np.prod(geometry.spacing)) * across)
    context.check()
    return Surface(read_only(vertices.astype(np.float32)), read_only(triangles))


def _box(mask: Mask) -> tuple[slice, ...] | None:
    """The smallest box that holds all that is marked."""
    box = []
    for axis in range(3):
        others = tuple(one for one in range(3) if one != axis)
        some = np.flatnonzero(mask.any(axis=others))
        if not some.size:
            return None
        box.append(slice(int(some[0]), int(some[-1]) + 1))
    return tuple(box)


def _volume(vertices: NDArray[np.float64], triangles: NDArray[np.int32]) -> float:
    """In mm³, negative where corners go round clockwise."""
    middle = vertices.mean(axis=0)  # far from the origin, digits would be lost
    one, two, three = (vertices[triangles[:, at]] - middle for at in range(3))
    return float(np.einsum("ij,ij->", one, np.cross(two, three)) / 6)


def _smoothed(
    vertices: NDArray[np.float64], triangles: NDArray[np.int32], rounds: int, context: TaskContext
) -> NDArray[np.float64]:
    """Each vertex drawn towards the mean of its neighbours, and pushed back, *rounds* times."""
    if rounds <= 0:
        return vertices
    from scipy.sparse import coo_matrix, diags  # noqa: PLC0415  heavy, and needed only here

    here = np.concatenate([triangles[:, at] for at in (0, 1, 2)])
    there = np.concatenate([triangles[:, at] for at in (1, 2, 0)])
    count = len(vertices)
    joined: Any = coo_matrix((np.ones(len(here), np.float32), (here, there)), (count, count)).tocsr()
    joined = joined + joined.T
    joined.data[:] = 1.0
    share = diags(1.0 / np.maximum(np.asarray(joined.sum(axis=1)).ravel(), 1.0))
    mean: Any = share @ joined
    for at in range(rounds):
        context.report(at / rounds)
        for step in (INWARDS, OUTWARDS):
            vertices = vertices + step * (mean @ vertices - vertices)
    return vertices


def _holding(
    vertices: NDArray[np.float64], triangles: NDArray[np.int32], wanted: float
) -> NDArray[np.float64]:
    """*vertices* moved along their normals, all equally far, until *wanted* mm³ are enclosed."""
    for _ in range(CORRECTIONS):
        one, two, three = (vertices[triangles[:, at]] for at in range(3))
        areas = np.cross(two - one, three - one) / 2
        normals = np.zeros_like(vertices)
        for at in range(3):
            for axis in range(3):
                normals[:, axis] += np.bincount(triangles[:, at], areas[:, axis], len(vertices))
        lengths = np.linalg.norm(normals, axis=1, keepdims=True)
        # what a step of 1 mm along the unit normals would enclose more, to the first order
        directions = normals / np.maximum(lengths, 1e-12)
        gained = float(np.einsum("ij,ij->", normals, directions)) / 3
        missing = wanted - _volume(vertices, triangles)
        if gained <= 0 or abs(missing) < 1e-4 * wanted:
            break
        vertices = vertices + directions * (missing / gained)
    return vertices
