"""The other side of the wall: a process that renders with VTK, and may die of it without harm.

The only module that imports VTK (BSD licence; wheels for Linux, macOS and Windows). Its Python wrappers hold
the interpreter's lock while they render, and a missing or broken OpenGL can end the process: both happen
here and not in the window. Rays are cast by the processor (vtkFixedPointVolumeRayCastMapper): pictures are
the same on every machine and no graphics card is needed. OpenGL only brings them together, off screen.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import signal
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from multiprocessing.shared_memory import SharedMemory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.kit.spawning import end_with_parent

QUICK_SECONDS = 0.06
"""What a picture may take while something moves."""
MOST_COARSE = 6.0
RAYS = {"fast": 0.4e6, "normal": 1.6e6, "fine": 8e6}
"""The most rays that a picture at rest is made of; between them it is interpolated."""
STEP = {"fast": 1.0, "normal": 0.6, "fine": 0.35}
"""Between samples on a ray, in shortest voxel sides."""
QUICK_STEP = 1.5
NICE = 5
"""The window goes first."""


def serve(kind: str, connection: Connection) -> None:
    """Answer requests until the parent hangs up or dies; *kind* is the OpenGL that makes the pictures."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    if hasattr(os, "nice"):
        os.nice(NICE)
    with contextlib.suppress(EOFError, OSError, BrokenPipeError):
        try:
            studio = Studio(connection, kind)
        except (ImportError, _NoOpenGL) as reason:
            connection.send_bytes(json.dumps({"unusable": str(reason)}).encode())
            return
        connection.send_bytes(json.dumps({"ready": studio.version}).encode())
        while True:
            request = json.loads(connection.recv_bytes())
            connection.send_bytes(json.dumps(_answer(studio, request)).encode())


class _NoOpenGL(Exception):
    """This machine has no OpenGL that works without a screen."""


def _answer(studio: Studio, request: dict[str, Any]) -> dict[str, Any]:
    began = time.monotonic()
    try:
        done = studio.render(request)
    except FileNotFoundError:  # the parent has given the memory back: it waits for this picture no more
        done = False
    except MemoryError:
        return {"number": request["number"], "refused": "it needs more memory than there is"}
    if not done:
        return {"number": request["number"], "given_up": True}
    return {"number": request["number"], "seconds": time.monotonic() - began}


class Studio:
    """One off-screen window, and the bodies that were shown in it."""

    def __init__(self, connection: Connection, kind: str) -> None:
        # the parent finds out whether VTK is there from the answer, so nothing is imported before
        from vtkmodules import vtkRenderingCore, vtkRenderingVolumeOpenGL2  # noqa: F401, PLC0415  (see above)
        from vtkmodules.vtkCommonCore import vtkLogger, vtkObject, vtkUnsignedCharArray, vtkVersion  # noqa: PLC0415

        vtkObject.GlobalWarningDisplayOff()
        vtkLogger.SetStderrVerbosity(vtkLogger.VERBOSITY_OFF)
        self.version = vtkVersion.GetVTKVersion()
        self._connection = connection
        self._window = _window(kind)
        self._window.AddObserver("AbortCheckEvent", lambda *_: self._look_up())
        self._renderer = vtkRenderingCore.vtkRenderer()
        self._window.AddRenderer(self._renderer)
        self._pixels: Any = vtkUnsignedCharArray()
        self._bodies: dict[str, _Shown] = {}
        self._gave_up = False

    def render(self, request: dict[str, Any]) -> bool:
        """Make the picture of *request* and put it into its memory; False when something newer came."""
        for name in set(self._bodies) - set(request["keep"]):
            self._bodies.pop(name).close(self._renderer)
        height, width = request["size"]
        self._gave_up = False
        shown = self._body(request["body"])
        self._look_at(request)
        shown.dress(request["look"])
        shown.clip(request["clip"])
        shown.refine(request["quality"], request["quick"], height * width)
        self._window.SetSize(width, height)
        began = time.monotonic()
        self._window.SetAbortRender(0)
        self._window.Render()
        if self._gave_up:
            return False
        shown.took(time.monotonic() - began, height * width)
        self._put(request, height, width)
        return True

    def _look_up(self) -> None:
        """Give up a picture when the parent has sent another request, or has hung up."""
        if self._connection.poll(0):
            self._gave_up = True
            self._window.SetAbortRender(1)

    def _body(self, description: dict[str, Any]) -> _Shown:
        name = description["memory"]
        if name not in self._bodies:
            self._bodies[name] = _Shown(description)
        shown = self._bodies[name]
        for other in self._bodies.values():
            if other is not shown:
                other.leave(self._renderer)
        shown.enter(self._renderer)
        return shown

    def _look_at(self, request: dict[str, Any]) -> None:
        view, radius = request["camera"], request["body"]["radius"]
        focus, forward = np.asarray(view["focus"]), np.asarray(view["forward"])
        # the picture's middle may have been pulled aside, the body's is what has to be within reach
        depth = float(np.dot(np.asarray(request["body"]["middle"]) - focus, forward))
        camera = self._renderer.GetActiveCamera()
        camera.ParallelProjectionOn()
        camera.SetFocalPoint(*focus)
        camera.SetPosition(*(focus + (depth - 2 * radius) * forward))
        camera.SetFocalPoint(*(focus + depth * forward))
        camera.SetViewUp(*view["up"])
        camera.SetParallelScale(request["size"][0] * view["millimetres"] / 2)
        camera.SetClippingRange(0.9 * radius, 3.1 * radius)
        self._renderer.SetBackground(*request["look"]["background"])

    def _put(self, request: dict[str, Any], height: int, width: int) -> None:
        self._window.GetPixelData(0, 0, width - 1, height - 1, 0, self._pixels, 0)
        picture = np.frombuffer(self._pixels, np.uint8).reshape(height, width, 3)[::-1]
        if request["look"]["blend"] == "average":
            picture = _greys(request["look"])[picture[..., 0]]
        if request["camera"]["mirrored"]:
            picture = picture[:, ::-1]
        memory = SharedMemory(request["picture"])
        out: NDArray[np.uint8] = np.ndarray((height, width, 3), np.uint8, memory.buf)
        out[...] = picture
        del out
        memory.close()


class _Shown:
    """One body: its voxels, which stay in the memory that the parent has filled, and how it is drawn."""

    def __init__(self, description: dict[str, Any]) -> None:
        from vtkmodules import vtkRenderingCore  # noqa: PLC0415  (see `Studio`)

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
        from vtkmodules.vtkCommonDataModel import vtkPiecewiseFunction  # noqa: PLC0415  (see `Studio`)
        from vtkmodules.vtkRenderingCore import vtkColorTransferFunction  # noqa: PLC0415  (see `Studio`)

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
        black to white, see `_greys`.
        """
        high = look["colors"][-1][0]
        gain = self._image.GetScalarRange()[1] / max(high, 1.0) if look["blend"] == "average" else 1.0
        return ((0.0, gain), (65535.0, gain))

    def clip(self, box: list[list[float]] | None) -> None:
        """Keep what lies between (low, high) patient millimetres along x, y and z; None keeps all."""
        from vtkmodules.vtkCommonDataModel import vtkPlane  # noqa: PLC0415  (see `Studio`)

        self._mapper.RemoveAllClippingPlanes()
        for axis, ends in enumerate(box or ()):
            for place, way in zip(ends, (1.0, -1.0), strict=True):
                plane = vtkPlane()
                plane.SetOrigin(*(place if at == axis else 0.0 for at in range(3)))
                plane.SetNormal(*(way if at == axis else 0.0 for at in range(3)))
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


def _window(kind: str) -> Any:
    """An off-screen window of one kind of OpenGL. Where that is not there, the process may end here."""
    from vtkmodules import vtkRenderingCore, vtkRenderingOpenGL2  # noqa: PLC0415  (see `Studio`)

    names = {"EGL": "vtkEGLRenderWindow", "OSMesa": "vtkOSOpenGLRenderWindow"}
    known = getattr(vtkRenderingOpenGL2, names[kind], None) if kind else vtkRenderingCore.vtkRenderWindow
    if known is None:
        raise _NoOpenGL(f"VTK was built without {kind}")
    window = known()
    window.SetOffScreenRendering(1)
    window.SetMultiSamples(0)
    window.SetSize(16, 16)
    with _silence():  # what drivers remark about themselves is of no use to a reader
        window.AddRenderer(vtkRenderingCore.vtkRenderer())
        window.Render()  # some kinds end the process only here
        if not window.SupportsOpenGL():
            raise _NoOpenGL("this machine has no OpenGL of this kind")
    window.RemoveRenderer(window.GetRenderers().GetFirstRenderer())
    return window


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Let nothing be written to standard error, not by libraries in C either."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _greys(look: dict[str, Any]) -> NDArray[np.uint8]:
    """(256, 3): what becomes of a mean whose 0 is black and whose 255 is the window's upper end."""
    (low, first), (high, last) = look["colors"][0], look["colors"][-1]
    share = np.clip((np.arange(256) / 255 * high - low) / (high - low), 0, 1)[:, None]
    greys = 255 * (np.asarray(first) * (1 - share) + np.asarray(last) * share)
    found: NDArray[np.uint8] = np.rint(greys).astype(np.uint8)
    found[0] = np.rint(255 * np.asarray(look["background"]))
    return found


def _image(description: dict[str, Any], memory: SharedMemory) -> Any:
    from vtkmodules.util import numpy_support  # noqa: PLC0415  (see `Studio`)
    from vtkmodules.vtkCommonDataModel import vtkImageData  # noqa: PLC0415  (see `Studio`)

    slices, rows, columns = description["shape"]
    voxels: NDArray[np.uint16] = np.ndarray(slices * rows * columns, np.uint16, memory.buf)
    image = vtkImageData()
    image.SetDimensions(columns, rows, slices)
    image.SetSpacing(*description["spacing"][::-1])
    image.GetPointData().SetScalars(numpy_support.numpy_to_vtk(voxels))  # type: ignore[no-untyped-call]
    return image


def _matrix(description: dict[str, Any]) -> Any:
    """From millimetres along columns, rows and slices to the patient; a tilted stack is sheared by it."""
    from vtkmodules.vtkCommonMath import vtkMatrix4x4  # noqa: PLC0415  (see `Studio`)

    matrix = vtkMatrix4x4()
    for at, direction in enumerate(description["directions"][::-1]):
        for row in range(3):
            matrix.SetElement(row, at, direction[row])
    for row in range(3):
        matrix.SetElement(row, 3, description["origin"][row])
    return matrix


def _mapper(blend: str, image: Any) -> Any:
    from vtkmodules.vtkRenderingVolume import (  # noqa: PLC0415  (see `Studio`)
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
