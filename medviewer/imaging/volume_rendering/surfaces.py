"""The coloured surfaces of labels as VTK draws them: lit from where the reader stands, cut open by clipping.

Runs in the process that `process.py` describes, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Collection
from multiprocessing.shared_memory import SharedMemory
from typing import Any

import numpy as np

from medviewer.imaging.volume_rendering.actor import planes

AMBIENT, DIFFUSE, SPECULAR, SHINE = 0.16, 0.78, 0.14, 24.0


class Surfaces:
    """Those that were shown, by the name of the memory that they came in."""

    def __init__(self, renderer: Any) -> None:
        self._renderer = renderer
        self._actors: dict[str, Any] = {}
        self._shown: dict[str, dict[str, Any]] = {}

    def show(self, wanted: list[dict[str, Any]], clip: list[list[float]] | None) -> None:
        """Have exactly these in the picture, each in its colour."""
        for name in self._shown:
            self._renderer.RemoveActor(self._actors[name])
        self._shown = {one["memory"]: one for one in wanted}
        for name, one in self._shown.items():
            if name not in self._actors:
                self._actors[name] = _actor(one)
            self._renderer.AddActor(self._actors[name])
            _clip(self._actors[name].GetMapper(), clip)
        self.as_they_are()

    def as_they_are(self, with_veils: bool = True) -> None:
        """Draw them in colour and light; without *with_veils* only those that hide what is behind them."""
        for name, one in self._shown.items():
            actor = self._actors[name]
            actor.SetVisibility(with_veils or one["opacity"] >= 1)
            actor.GetProperty().SetLighting(1)
            actor.GetProperty().SetAmbient(AMBIENT)
            actor.GetProperty().SetDiffuse(DIFFUSE)
            actor.GetProperty().SetColor(*one["color"])

    def as_opacity(self, most: float) -> None:
        """Draw each in a grey that says how opaque it is, *most* at most: black is not there at all."""
        for name, one in self._shown.items():
            actor = self._actors[name]
            actor.SetVisibility(1)
            actor.GetProperty().SetLighting(0)
            actor.GetProperty().SetAmbient(0.0)  # both count without light too
            actor.GetProperty().SetDiffuse(1.0)
            actor.GetProperty().SetColor(*[min(one["opacity"], most)] * 3)

    @property
    def has_veils(self) -> bool:
        """Whether anything is to be seen through one of them."""
        return any(one["opacity"] < 1 for one in self._shown.values())

    @property
    def are_there(self) -> bool:
        """Whether any is to be seen."""
        return bool(self._shown)

    def forget(self, kept: Collection[str]) -> None:
        """Drop what the parent keeps no longer."""
        for name in set(self._actors) - set(kept):
            self._renderer.RemoveActor(self._actors.pop(name))
            self._shown.pop(name, None)


def _actor(description: dict[str, Any]) -> Any:
    from vtkmodules import vtkRenderingCore  # noqa: PLC0415  (only this process has VTK)

    mapper = vtkRenderingCore.vtkPolyDataMapper()
    mapper.SetInputData(_triangles(description))
    mapper.ScalarVisibilityOff()
    actor = vtkRenderingCore.vtkActor()
    actor.SetMapper(mapper)
    looks = actor.GetProperty()
    looks.SetSpecular(SPECULAR)
    looks.SetSpecularPower(SHINE)
    looks.SetInterpolationToPhong()
    return actor


def _triangles(description: dict[str, Any]) -> Any:
    """Corners and triangles, copied out of the parent's memory, with the normals that light needs."""
    from vtkmodules.util import numpy_support  # noqa: PLC0415  (only this process has VTK)
    from vtkmodules.vtkCommonCore import vtkPoints  # noqa: PLC0415  (only this process has VTK)
    from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkPolyData  # noqa: PLC0415  (only this process has VTK)
    from vtkmodules.vtkFiltersCore import vtkTriangleMeshPointNormals  # noqa: PLC0415  (only this process has VTK)

    corners, count = description["vertices"], description["triangles"]
    memory = SharedMemory(description["memory"])
    places = np.ndarray((corners, 3), np.float32, memory.buf).copy()
    numbers = np.ndarray(3 * count, np.int32, memory.buf, 12 * corners).copy()
    memory.close()
    points, cells = vtkPoints(), vtkCellArray()
    points.SetData(numpy_support.numpy_to_vtk(places, deep=True))  # type: ignore[no-untyped-call]
    cells.SetData(3, numpy_support.numpy_to_vtk(numbers, deep=True))  # type: ignore[no-untyped-call]
    found = vtkPolyData()
    found.SetPoints(points)
    found.SetPolys(cells)
    normals = vtkTriangleMeshPointNormals()
    normals.SetInputData(found)
    normals.Update()
    return normals.GetOutput()


def _clip(mapper: Any, box: list[list[float]] | None) -> None:
    mapper.RemoveAllClippingPlanes()
    for plane in planes(box):
        mapper.AddClippingPlane(plane)
