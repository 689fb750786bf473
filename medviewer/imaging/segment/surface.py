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
SLAB = 8
"""Slices that are marched through in one go: scikit-image lets no other thread run meanwhile."""
HALF = 0.5


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
    mask: Mask | NDArray[np.float32],
    geometry: ImageGeometry,
    smooth: int = SMOOTHING,
    context: TaskContext | None = None,
) -> Surface:
    """The surface of *mask*, (slice, row, column), where *geometry* puts it; closed at the ends of the stack.

    Numbers instead of marks are the shares of voxels that are marked, 0 to 1. Marching cubes (T. Lewiner et
    al., Journal of Graphics Tools 8(2), 2003) half way between the voxels, then *smooth* rounds of G.
    Taubin's smoothing (SIGGRAPH 1995), 0 for none. What that and cut corners take is given back along the
    normals, so that as much is enclosed as the voxels hold. Slow for large parts. Raises BadValue where
    nothing is marked, and Cancelled.
    """
    context = context or TaskContext()
    is_marks = mask.dtype == np.bool_
    box = _box(np.asarray(mask > HALF))
    if box is None:
        raise BadValue("Nothing is marked, so there is no surface.", "Paint or segment something first.")
    context.report(0.0, "Surface")
    if not is_marks:  # what is less than half marked still draws the surface nearer
        box = tuple(slice(max(one.start - 1, 0), one.stop + 1) for one in box)
    corners, triangles = _marched(np.pad(mask[box], 1), context.part(0.0, 0.5))
    first = np.array([one.start - 1 for one in box], np.float64)
    vertices = geometry.to_patient(corners.astype(np.float64) + first)
    if _volume(vertices, triangles) < 0:
        triangles = np.ascontiguousarray(triangles[:, ::-1])
    if is_marks:
        across = abs(float(np.linalg.det(np.asarray(geometry.directions))))
        wanted = int(np.count_nonzero(mask[box])) * float(np.prod(geometry.spacing)) * across
    else:
        wanted = _volume(vertices, triangles)
    vertices = _smoothed(vertices, triangles, smooth, context.part(0.5, 0.9))
    vertices = _holding(vertices, triangles, wanted, context)
    context.check()
    return Surface(read_only(vertices.astype(np.float32)), read_only(triangles))


def _marched(shares: NDArray[Any], context: TaskContext) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Corners in voxels and triangles of all that is more than half, slab by slab: none holds others up."""
    from skimage import measure  # noqa: PLC0415  heavy, and needed only here

    marching_cubes: Any = measure.marching_cubes
    level = HALF if shares.dtype == np.bool_ else HALF - 1e-3  # a corner on a voxel would be many corners
    corners, triangles, count = [], [], 0
    for start in range(0, len(shares) - 1, SLAB):
        context.report(start / len(shares), "Surface")
        slab = shares[start : start + SLAB + 1].astype(np.float32)
        if slab.max() <= level or slab.min() >= level:
            continue
        found = marching_cubes(slab, level)
        corners.append(found[0] + np.array([start, 0, 0], np.float32))
        triangles.append(found[1].astype(np.int32) + count)
        count += len(found[0])
    return _joined(np.concatenate(corners), np.concatenate(triangles))


def _joined(
    corners: NDArray[np.float32], triangles: NDArray[np.int32]
) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """The same with corners on the planes between slabs, which both have, once."""
    between = np.flatnonzero(corners[:, 0] % SLAB == 0)
    places = np.rint(corners[between].astype(np.float64) * (1, 1024, 1024)).astype(np.int64)
    keys = (places[:, 0] << 48) + (places[:, 1] << 24) + places[:, 2]
    _, first, same = np.unique(keys, return_index=True, return_inverse=True)
    numbers = np.arange(len(corners), dtype=np.int32)
    numbers[between] = between[first[same.ravel()]]
    is_kept = numbers == np.arange(len(corners))
    packed = (np.cumsum(is_kept) - 1).astype(np.int32)
    return corners[is_kept], np.ascontiguousarray(packed[numbers][triangles])


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
    vertices: NDArray[np.float64], triangles: NDArray[np.int32], wanted: float, context: TaskContext
) -> NDArray[np.float64]:
    """*vertices* moved along their normals, all equally far, until *wanted* mm³ are enclosed."""
    for _ in range(CORRECTIONS):
        context.check()
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
