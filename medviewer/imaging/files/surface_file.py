"""Surfaces as STL and PLY files, written and read through trimesh.

Neither format says in which way its axes point, so both are told in the file: LPS as in DICOM, in
millimetres, or RAS where a program wants that (x and y then have the other sign).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from medviewer.core.geometry import Plane
from medviewer.core.volume import read_only
from medviewer.imaging.files.names import SURFACES
from medviewer.imaging.segment.surface import Surface
from medviewer.kit.errors import DamagedFile, ExportTrouble, FileTrouble, TooLarge
from medviewer.kit.files import write_atomically
from medviewer.kit.frozen import frozen
from medviewer.kit.task import TaskContext

Axes = Literal["LPS", "RAS"]
MOST_TRIANGLES = 20_000_000
STL_HEAD, STL_TRIANGLE = 80, 50
"""Bytes."""
ASIDE = 1e-5
"""By how much of a slice spacing a picture moves, so that no corner of a triangle lies on it."""


@frozen(eq=False)
class Colored:
    """A surface with its name and colour."""

    surface: Surface
    name: str
    color: str
    """#rrggbb"""


def write_surfaces(path: Path, parts: Sequence[Colored], axes: Axes = "LPS") -> None:
    """Write all *parts* as one binary file; PLY keeps their colours. Raises ExportTrouble, OSError."""
    import trimesh  # noqa: PLC0415  heavy, and needed only here

    kind = path.suffix.lower()
    if kind not in SURFACES:
        raise ExportTrouble(f"{path.name} has another ending.", f"Choose {' or '.join(SURFACES)}.")
    meshes = [_mesh(trimesh, one, axes) for one in parts]
    whole: Any = meshes[0] if len(meshes) == 1 else trimesh.util.concatenate(meshes)
    said = f"millimetres, axes {axes}; medviewer; not for diagnostic use"
    if kind == ".stl":
        content = bytearray(trimesh.exchange.stl.export_stl(whole))
        # readers take a file for text that begins with "solid"
        content[:STL_HEAD] = f"SPACE={axes}; {said}".encode()[:STL_HEAD].ljust(STL_HEAD)
    else:
        content = bytearray(trimesh.exchange.ply.export_ply(whole, encoding="binary"))
        names = " ".join("".join(sign for sign in one.name if sign.isprintable()) for one in parts)[:200]
        lines = f"comment SPACE={axes}\ncomment {said}\ncomment {names.encode('ascii', 'replace').decode()}\n"
        first = content.index(b"\n", content.index(b"format ")) + 1
        content[first:first] = lines.encode()
    write_atomically(path, bytes(content))


def read_surface(path: Path, axes: Axes | None = None) -> Surface:
    """The triangles of a closed surface, in patient millimetres (LPS).

    Without *axes* those that the file names, else LPS. Raises FileTrouble where it is cut off or not closed.
    """
    import trimesh  # noqa: PLC0415  heavy, and needed only here

    head = _checked(path)
    try:
        found: Any = trimesh.load(path, force="mesh", process=False)
        vertices, triangles = np.asarray(found.vertices, np.float64), np.asarray(found.faces, np.int64)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, MemoryError, RuntimeError, OSError):
        raise DamagedFile(
            f"{path.name} is cut off, or no {path.suffix[1:].upper()} file.", "Fetch it again."
        ) from None
    if not len(triangles):
        raise DamagedFile(f"{path.name} holds no triangles.", "Choose another file.")
    if triangles.max() >= len(vertices) or triangles.min() < 0 or not np.isfinite(vertices).all():
        raise DamagedFile(f"{path.name} holds impossible numbers.", "Fetch it again.")
    mesh: Any = trimesh.Trimesh(vertices, triangles, process=True)
    if not mesh.is_watertight:
        raise FileTrouble(
            f"The surface in {path.name} is not closed, so nothing says what lies inside.",
            "Close its holes in the program that made it.",
        )
    axes = axes or ("RAS" if b"SPACE=RAS" in head else "LPS")
    vertices = np.asarray(mesh.vertices, np.float64) * _signs(axes)
    return Surface(
        read_only(vertices.astype(np.float32)), read_only(np.ascontiguousarray(mesh.faces, np.int32))
    )


def rasterised(
    surface: Surface, planes: Sequence[Plane], context: TaskContext | None = None
) -> tuple[NDArray[np.bool_] | None, ...]:
    """Which pixels of each placed picture have their middle inside of a closed surface, None where none has.

    Even and odd crossings are counted along rows of pixels, so inner surfaces are cavities. Raises Cancelled.
    """
    import trimesh  # noqa: PLC0415  heavy, and needed only here

    context = context or TaskContext()
    library: Any = trimesh
    mesh = library.Trimesh(surface.vertices.astype(np.float64), surface.triangles, process=False)
    found: list[NDArray[np.bool_] | None] = []
    for number, plane in enumerate(planes):
        context.report(number / len(planes), f"Picture {number + 1} of {len(planes)}")
        aside = ASIDE * min(plane.spacing)
        origin = np.asarray(plane.origin) + aside * np.asarray(plane.normal)
        lines = library.intersections.mesh_plane(mesh, np.asarray(plane.normal), origin)
        found.append(_inside(np.asarray(lines), plane) if len(lines) else None)
    return tuple(found)


def _inside(lines: NDArray[np.float64], plane: Plane) -> NDArray[np.bool_] | None:
    """Pixels whose middles lie inside of closed outlines, given as (n, 2, 3) pieces of them."""
    away = lines - np.asarray(plane.origin)
    rows = away @ np.asarray(plane.along_column) / plane.spacing[0]
    columns = away @ np.asarray(plane.along_row) / plane.spacing[1]
    order = np.argsort(rows, axis=1)
    rows = np.take_along_axis(rows, order, axis=1)
    columns = np.take_along_axis(columns, order, axis=1)
    # half open: an end that two pieces share is crossed once
    first = np.maximum(np.ceil(rows[:, 0]), 0).astype(np.int64)
    last = np.minimum(np.ceil(rows[:, 1]), plane.shape[0]).astype(np.int64)
    count = np.maximum(last - first, 0)
    if not count.any():
        return None
    piece = np.repeat(np.arange(len(rows)), count)
    row = first[piece] + np.arange(len(piece)) - np.repeat(np.cumsum(count) - count, count)
    share = (row - rows[piece, 0]) / (rows[piece, 1] - rows[piece, 0])
    column = columns[piece, 0] + share * (columns[piece, 1] - columns[piece, 0])
    start = np.clip(np.ceil(column), 0, plane.shape[1]).astype(np.int64)
    turned = np.zeros((plane.shape[0], plane.shape[1] + 1), np.int64)
    np.add.at(turned, (row, start), 1)
    inside = np.cumsum(turned, axis=1)[:, :-1] % 2 == 1
    return inside if inside.any() else None


def _mesh(trimesh: Any, one: Colored, axes: Axes) -> Any:
    rgb = [int(one.color[start : start + 2], 16) for start in (1, 3, 5)]
    vertices = one.surface.vertices.astype(np.float64) * _signs(axes)
    colors = np.tile(np.array([*rgb, 255], np.uint8), (len(vertices), 1))
    # two axes change their sign, so corners still go round the same way
    return trimesh.Trimesh(vertices, one.surface.triangles, vertex_colors=colors, process=False)


def _signs(axes: Axes) -> NDArray[np.float64]:
    return np.array([-1.0, -1.0, 1.0] if axes == "RAS" else [1.0, 1.0, 1.0])


def _checked(path: Path) -> bytes:
    """The beginning of a file that may be read. Raises FileTrouble."""
    if not path.is_file():
        raise FileTrouble(f"There is no file called {path.name}.", "Check the path.")
    size = path.stat().st_size
    with open(path, "rb") as file:
        head = file.read(4096)
    is_stl = path.suffix.lower() == ".stl"
    if is_stl and len(head) > STL_HEAD + 4 and head.lstrip()[:5].lower() != b"solid":
        count = int.from_bytes(head[STL_HEAD : STL_HEAD + 4], "little")
        if STL_HEAD + 4 + count * STL_TRIANGLE != size:
            raise DamagedFile(f"{path.name} claims {count:,} triangles and is cut off.", "Fetch it again.")
    if not is_stl:
        claimed = [line.split()[-1] for line in head.splitlines() if line.startswith(b"element ")]
        if not head.startswith(b"ply") or not claimed or not all(one.isdigit() for one in claimed):
            raise DamagedFile(f"{path.name} is no PLY file.", "Choose another file.")
        if sum(map(int, claimed)) > size:
            raise DamagedFile(f"{path.name} claims more than it holds: it is cut off.", "Fetch it again.")
    if size > MOST_TRIANGLES * STL_TRIANGLE:
        raise TooLarge(f"{path.name} is too large: {size / 1e9:.1f} GB.", "Simplify the surface first.")
    return head
