"""The other side of the wall: a process that renders with VTK, and may die of it without harm.

With `actor.py` the only place that imports VTK (BSD licence; wheels for Linux, macOS and Windows). Its Python
wrappers hold the interpreter's lock while they render, and a missing or broken OpenGL can end it: both
happen here and not in the window. Rays are cast by the processor (vtkFixedPointVolumeRayCastMapper): pictures
are the same on every machine and no graphics card is needed. OpenGL only brings them together, off screen.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection
from multiprocessing.shared_memory import SharedMemory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medviewer.imaging.volume_rendering.actor import Actor
from medviewer.imaging.volume_rendering.surfaces import Surfaces
from medviewer.kit.spawning import end_with_parent

NICE = 5
"""The window goes first."""
MOST_FOLDED = 4_000_000
"""Pixels of a picture; larger ones show the edges of surfaces as they are."""
OVER_PROJECTION = 0.6
"""How opaque surfaces are at most over a projection, in which nothing lies in front of anything."""


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


class _GivenUp(Exception):
    """Something newer is wanted, or nothing any more."""


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
        self._bodies: dict[str, Actor] = {}
        self._surfaces = Surfaces(self._renderer)
        self._gave_up = False

    def render(self, request: dict[str, Any]) -> bool:
        """Make the picture of *request* and put it into its memory; False when something newer came."""
        for name in set(self._bodies) - set(request["keep"]):
            self._bodies.pop(name).close(self._renderer)
        self._surfaces.forget(request["keep"])
        self._gave_up = False
        shown = self._body(request["body"])
        self._surfaces.show(request["surfaces"], request["clip"])
        self._look_at(request)
        if shown is not None:
            shown.dress(request["look"])
            shown.clip(request["clip"])
        try:
            picture = _folded(self._picture(request, shown), request["size"])
        except _GivenUp:
            return False
        _put(request, picture)
        return True

    def _picture(self, request: dict[str, Any], shown: Actor | None) -> NDArray[np.uint8]:
        """Body and surfaces in one picture; what lies in front is seen.

        The nearest surface that is not opaque is a veil over what is there without it. A projection has no
        depth: all surfaces are veils over it.
        """
        is_body = request["look"]["blend"] == "body"
        if is_body or not self._surfaces.are_there or shown is None:
            picture = self._shoot(request, shown)
            if not self._surfaces.has_veils:
                return picture
            self._surfaces.as_they_are(with_veils=False)
            behind = self._shoot(request, shown)
            self._surfaces.as_opacity(1.0)
        else:
            picture = self._shoot(request, None)
            self._surfaces.show([], None)
            behind = self._shoot(request, shown)
            self._surfaces.show(request["surfaces"], request["clip"])
            self._surfaces.as_opacity(OVER_PROJECTION)
        share = self._shares(request)
        return np.rint(share * picture + (1 - share) * behind).astype(np.uint8)

    def _shares(self, request: dict[str, Any]) -> NDArray[np.float32]:
        """(row, column, 1): the opacity of the surface that is seen at each pixel, 0 where none is."""
        self._renderer.SetBackground(0, 0, 0)
        found = self._shoot(request, None)[..., :1].astype(np.float32)
        found /= 255
        self._renderer.SetBackground(*request["look"]["background"])
        return found

    def _shoot(self, request: dict[str, Any], shown: Actor | None) -> NDArray[np.uint8]:
        """(row, column, 3): what the window shows, with the body *shown* or without any. Raises _GivenUp."""
        is_large = request["size"][0] * request["size"][1] > MOST_FOLDED
        fold = 1 if request["quick"] or is_large or not request["surfaces"] else 2
        height, width = (fold * one for one in request["size"])
        for body in self._bodies.values():
            body.show(body is shown)
        if shown is not None:
            shown.refine(request["quality"], request["quick"], height * width)
        self._window.SetSize(width, height)
        began = time.monotonic()
        self._window.SetAbortRender(0)
        self._window.Render()
        if self._gave_up:
            raise _GivenUp
        if shown is not None:
            shown.took(time.monotonic() - began, height * width)
        self._window.GetPixelData(0, 0, width - 1, height - 1, 0, self._pixels, 0)
        picture = np.frombuffer(self._pixels, np.uint8).reshape(height, width, 3)[::-1]
        if shown is not None and request["look"]["blend"] == "average":
            return _greys(request["look"])[picture[..., 0]]
        return picture.copy()

    def _look_up(self) -> None:
        """Give up a picture when the parent has sent another request, or has hung up."""
        if self._connection.poll(0):
            self._gave_up = True
            self._window.SetAbortRender(1)

    def _body(self, description: dict[str, Any] | None) -> Actor | None:
        name = "" if description is None else description["memory"]
        if description is not None and name not in self._bodies:
            self._bodies[name] = Actor(description)
        shown = self._bodies.get(name)
        for other in self._bodies.values():
            if other is not shown:
                other.leave(self._renderer)
        if shown is not None:
            shown.enter(self._renderer)
        return shown

    def _look_at(self, request: dict[str, Any]) -> None:
        view, radius = request["camera"], request["camera"]["radius"]
        focus, forward = np.asarray(view["focus"]), np.asarray(view["forward"])
        # the picture's middle may have been pulled aside, the body's is what has to be within reach
        depth = float(np.dot(np.asarray(view["middle"]) - focus, forward))
        camera = self._renderer.GetActiveCamera()
        camera.ParallelProjectionOn()
        camera.SetFocalPoint(*focus)
        camera.SetPosition(*(focus + (depth - 2 * radius) * forward))
        camera.SetFocalPoint(*(focus + depth * forward))
        camera.SetViewUp(*view["up"])
        camera.SetParallelScale(request["size"][0] * view["millimetres"] / 2)
        camera.SetClippingRange(0.9 * radius, 3.1 * radius)
        self._renderer.SetBackground(*request["look"]["background"])


def _folded(picture: NDArray[np.uint8], size: Sequence[int]) -> NDArray[np.uint8]:
    """*picture* in its final *size*; of a larger one two by two pixels become one: edges without stairs."""
    height, width = size
    if picture.shape[:2] == (height, width):
        return picture
    parts = picture.reshape(height, 2, width, 2, 3).astype(np.uint16)
    mixed: NDArray[np.uint8] = ((parts.sum(axis=(1, 3)) + 2) // 4).astype(np.uint8)
    return mixed


def _put(request: dict[str, Any], picture: NDArray[np.uint8]) -> None:
    """Into the memory that the parent reads."""
    if request["camera"]["mirrored"]:
        picture = picture[:, ::-1]
    memory = SharedMemory(request["picture"])
    out: NDArray[np.uint8] = np.ndarray(picture.shape, np.uint8, memory.buf)
    out[...] = picture
    del out
    memory.close()


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
