"""One body as VTK draws it: voxels, colours, light, clipping and how finely rays are cast.

Runs in the process that `process.py` describes, and nowhere else.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from multiprocessing.shared_memory import SharedMemory
from typing import Any

import numpy as np
from numpy.typing import NDArray

QUICK_SECONDS = 0.06
"""What a picture may take while something moves."""
MOST_COARSE = 6.0
RAYS = {"fast": 0.4e6, "normal": 1.6e6, "fine": 8e6}
"""The most rays that a picture at rest is made of; between them it is interpolated."""
STEP = {"fast": 1.0, "normal": 0.6, "fine": 0.35}
"""Between samples on a ray, in shortest voxel sides."""
QUICK_STEP = 1.5


class Actor:
    """One body: its voxels, which stay in the memory that the parent has filled, and how it is drawn."""

    def __init__(self, description: dict[str, Any]) -> None:
        from vtkmodules import vtkRenderingCore  # noqa: PLC0415  (only this process has VTK)

        self._memory = SharedMemory(description["memory"])
        self._image = _image(description, self._memory)
        self._side = min(description["spacing"])
        self._mapper: Any = None
        self._blend = ""
        self._property = vtkRenderingCore.vtkVolumeProperty()
        self._property.SetInterpolationTypeToLinear()
        self._property.SetScalarOpacityUnitDistance(1.0)
        self._volume = vtkRenderingCore.vtkVolume()
        self._volume.SetProperty(self._property)
        self._volume.SetUserMatrix(_matrix(description))
        self._seconds_per_ray = 2e-7
        self._coarse = 1.0

    def enter(self, renderer: Any) -> None:
        """Be what the window shows."""
        if not renderer.HasViewProp(self._volume):
            renderer.AddVolume(self._volume)

    def show(self, visible: bool) -> None:
        """Be seen, or leave the picture to the surfaces."""
        self._volume.SetVisibility(visible)

    def leave(self, renderer: Any) -> None:
        """Be it no longer."""
        renderer.RemoveVolume(self._volume)

    def close(self, renderer: Any) -> None:
        """The voxels are needed no more: VTK lets go of the memory, then we do."""
        self.leave(renderer)
        del self._mapper, self._image, self._volume
        with contextlib.suppress(BufferError):
            self._memory.close()

    def dress(self, look: dict[str, Any]) -> None:
        """Colours, opacity and how values that lie behind one another are brought together."""
        from vtkmodules.vtkCommonDataModel import vtkPiecewiseFunction  # noqa: PLC0415  (only this process has VTK)
        from vtkmodules.vtkRenderingCore import vtkColorTransferFunction  # noqa: PLC0415  (only this process has VTK)

        colors, opacity = vtkColorTransferFunction(), vtkPiecewiseFunction()
        for value, (red, green, blue) in look["colors"]:
            colors.AddRGBPoint(value, red, green, blue)
        for value, share in look["opacity"] or self._gain(look):
            opacity.AddPoint(value, share)
        self._property.SetColor(colors)
        self._property.SetScalarOpacity(opacity)
        is_body = look["blend"] == "body"
        self._property.SetShade(is_body)
        self._property.SetAmbient(0.25)
        self._property.SetDiffuse(0.8)
        self._property.SetSpecular(0.15)
        self._property.SetSpecularPower(12.0)
        if look["blend"] != self._blend:
            self._blend, self._mapper = look["blend"], _mapper(look["blend"], self._image)
            self._volume.SetMapper(self._mapper)

    def _gain(self, look: dict[str, Any]) -> tuple[tuple[float, float], ...]:
        """The opacity of a projection: all of it; for a mean what makes the window's upper end just white.

        The mapper's mean knows no colours: it is the mean of opacity x value, from 0 to the highest value as
        black to white, see `_greys` in `process.py`.
        """
        high = look["colors"][-1][0]
        gain = self._image.GetScalarRange()[1] / max(high, 1.0) if look["blend"] == "average" else 1.0
        return ((0.0, gain), (65535.0, gain))

    def clip(self, box: list[list[float]] | None) -> None:
        """Keep what lies between (low, high) patient millimetres along x, y and z; None keeps all."""
        self._mapper.RemoveAllClippingPlanes()
        for plane in planes(box):
            self._mapper.AddClippingPlane(plane)

    def refine(self, quality: str, quick: bool, pixels: int) -> None:
        """As many rays and samples as there is time for."""
        coarse = max(1.0, math.sqrt(pixels / RAYS[quality]))
        step = STEP[quality]
        if quick:
            wanted = math.sqrt(pixels * self._seconds_per_ray * STEP["normal"] / QUICK_STEP / QUICK_SECONDS)
            coarse, step = min(max(coarse, wanted), MOST_COARSE), max(step, QUICK_STEP)
        self._coarse = coarse
        self._mapper.SetImageSampleDistance(coarse)
        self._mapper.SetSampleDistance(step * self._side)

    def took(self, seconds: float, pixels: int) -> None:
        """Learn from the picture that was just made."""
        self._seconds_per_ray = 0.5 * (self._seconds_per_ray + seconds * self._coarse**2 / pixels)


def planes(box: list[list[float]] | None) -> Iterator[Any]:
    """The planes that keep what lies between (low, high) patient millimetres along x, y and z; None: all."""
    from vtkmodules.vtkCommonDataModel import vtkPlane  # noqa: PLC0415  (only this process has VTK)

    for axis, ends in enumerate(box or ()):
        for place, way in zip(ends, (1.0, -1.0), strict=True):
            plane = vtkPlane()
            plane.SetOrigin(*(place if at == axis else 0.0 for at in range(3)))
            plane.SetNormal(*(way if at == axis else 0.0 for at in range(3)))
            yield plane


def _image(description: dict[str, Any], memory: SharedMemory) -> Any:
    from vtkmodules.util import numpy_support  # noqa: PLC0415  (only this process has VTK)
    from vtkmodules.vtkCommonDataModel import vtkImageData  # noqa: PLC0415  (only this process has VTK)

    slices, rows, columns = description["shape"]
    voxels: NDArray[np.uint16] = np.ndarray(slices * rows * columns, np.uint16, memory.buf)
    image = vtkImageData()
    image.SetDimensions(columns, rows, slices)
    image.SetSpacing(*description["spacing"][::-1])
    image.GetPointData().SetScalars(numpy_support.numpy_to_vtk(voxels))  # type: ignore[no-untyped-call]
    return image


def _matrix(description: dict[str, Any]) -> Any:
    """From millimetres along columns, rows and slices to the patient; a tilted stack is sheared by it."""
    from vtkmodules.vtkCommonMath import vtkMatrix4x4  # noqa: PLC0415  (only this process has VTK)

    matrix = vtkMatrix4x4()
    for at, direction in enumerate(description["directions"][::-1]):
        for row in range(3):
            matrix.SetElement(row, at, direction[row])
    for row in range(3):
        matrix.SetElement(row, 3, description["origin"][row])
    return matrix


def _mapper(blend: str, image: Any) -> Any:
    from vtkmodules.vtkRenderingVolume import (  # noqa: PLC0415  (only this process has VTK)
        vtkFixedPointVolumeRayCastMapper,
        vtkGPUVolumeRayCastMapper,
    )

    # the mapper of the processor knows no mean: OpenGL, which may be the processor too, makes that one
    mapper = vtkGPUVolumeRayCastMapper() if blend == "average" else vtkFixedPointVolumeRayCastMapper()
    mapper.SetInputData(image)
    mapper.SetAutoAdjustSampleDistances(0)
    {
        "body": mapper.SetBlendModeToComposite,
        "maximum": mapper.SetBlendModeToMaximumIntensity,
        "minimum": mapper.SetBlendModeToMinimumIntensity,
        "average": mapper.SetBlendModeToAverageIntensity,
    }[blend]()
    if blend == "average":
        mapper.SetAverageIPScalarRange(1, 65535)  # 0 is where nothing is
    return mapper
