"""Labels as surfaces for the renderer: fine ones for pictures at rest, light ones for what moves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.geometry import ImageGeometry
from medviewer.core.vectors import point
from medviewer.imaging.segment.grid import Mask
from medviewer.imaging.segment.surface import Surface, surface
from medviewer.imaging.volume_rendering.available import RenderingTrouble
from medviewer.kit.child import forget
from medviewer.kit.memory import shared_bytes
from medviewer.kit.task import TaskContext

if TYPE_CHECKING:
    from multiprocessing.shared_memory import SharedMemory

FINE, LIGHT = 3_000_000, 80_000
"""The most triangles of a label at rest, and while something moves."""
CUBE, MOST_MM = 0.7, 2.0
"""Slices that are far apart would be seen as terraces: so pixels of a label with many triangles become blocks
about as large as this share of the distance between slices, and not larger than so many millimetres."""
LEAST = 2000
"""Triangles that are made however little memory there is."""
BYTES_EACH = 18
"""Of a triangle, with its share of the corners."""
Factors = tuple[int, int, int]


@dataclass(eq=False, slots=True)
class SurfaceModel:
    """The surface of a label in shared memory, until `end`."""

    vertices: int
    triangles: int
    memories: list[SharedMemory] = field(default_factory=list)

    @property
    def is_there(self) -> bool:
        """Whether it can still be rendered."""
        return bool(self.memories)

    @property
    def bytes(self) -> int:
        """The memory of corners and triangles, four bytes a number."""
        return 12 * (self.vertices + self.triangles)

    def end(self) -> None:
        """Give its memory back."""
        forget(self.memories)

    def described(self) -> dict[str, Any]:
        """What the process has to know of it."""
        return {"memory": self.memories[0].name, "vertices": self.vertices, "triangles": self.triangles}


def surface_model(
    mask: Mask, geometry: ImageGeometry, factors: Factors, context: TaskContext
) -> SurfaceModel:
    """The surface of *mask*, made of blocks of *factors* voxels.

    Slow. Raises BadValue where nothing is left, RenderingTrouble without memory, and Cancelled.
    """
    if factors == (1, 1, 1):
        return _shared(surface(mask, geometry, context=context))
    reduced = _reduced(geometry, mask.shape, factors)
    return _shared(surface(_shares(mask, factors), reduced, context=context))


def surface_factors(mask: Mask, spacing: tuple[float, float, float], most: int) -> Factors:
    """How many voxels along (slice, row, column) become one, so that about *most* triangles are made at most.

    The finest axes give way first, so that voxels become more nearly cubes. Little shared memory allows less.
    """
    most = min(most, max(shared_bytes() // (4 * BYTES_EACH), LEAST))
    faces = [int(np.count_nonzero(np.diff(mask, axis=axis))) for axis in range(3)]
    factors = [1, 1, 1]
    if 2 * sum(faces) > LIGHT:
        block = min(CUBE * max(spacing), MOST_MM)
        factors = [max(1, round(block / space)) for space in spacing]

    def triangles() -> float:
        # two for each face between what is marked and what is not, of which larger voxels have fewer
        return sum(
            2 * count / (factors[(axis + 1) % 3] * factors[(axis + 2) % 3])
            for axis, count in enumerate(faces)
        )

    while triangles() > most:
        sizes = [space * factor for space, factor in zip(spacing, factors, strict=True)]
        factors[min(range(3), key=sizes.__getitem__)] += 1
    return (factors[0], factors[1], factors[2])


def _shares(mask: Mask, factors: Factors) -> NDArray[np.float32]:
    """How much of each block of voxels is marked."""
    slices, rows, columns = (-(-n // f) for n, f in zip(mask.shape, factors, strict=True))
    deep, high, wide = factors
    found = np.zeros((slices, rows, columns), np.float32)
    for at, one in enumerate(mask):
        whole = np.zeros((rows * high, columns * wide), np.float32)
        whole[: one.shape[0], : one.shape[1]] = one
        found[at // deep] += whole.reshape(rows, high, columns, wide).mean(axis=(1, 3), dtype=np.float32)
    found /= deep
    return found


def _reduced(geometry: ImageGeometry, shape: tuple[int, ...], factors: Factors) -> ImageGeometry:
    slices, rows, columns = (-(-n // f) for n, f in zip(shape, factors, strict=True))
    deep, high, wide = (space * factor for space, factor in zip(geometry.spacing, factors, strict=True))
    first = point(geometry.to_patient([(factor - 1) / 2 for factor in factors]))
    return ImageGeometry((slices, rows, columns), first, geometry.directions, (deep, high, wide))


def _shared(found: Surface) -> SurfaceModel:
    from multiprocessing.shared_memory import SharedMemory  # noqa: PLC0415  (a start without 3-D loads none)

    made = SurfaceModel(len(found.vertices), len(found.triangles))
    if made.bytes > shared_bytes():  # writing beyond it would end the program
        raise RenderingTrouble("There is no shared memory left for this surface.", "Close other studies.")
    memory = SharedMemory(create=True, size=made.bytes)
    assert memory.buf is not None
    numbers = 3 * made.vertices
    np.ndarray(numbers, np.float32, memory.buf)[:] = found.vertices.ravel()
    np.ndarray(3 * made.triangles, np.int32, memory.buf, 4 * numbers)[:] = found.triangles.ravel()
    made.memories.append(memory)
    return made
