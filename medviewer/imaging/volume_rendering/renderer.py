"""Pictures of bodies, made by a process of their own that starts with the first one."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import count
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from medviewer.core.volume import Volume, read_only
from medviewer.imaging.volume_rendering.around import Around
from medviewer.imaging.volume_rendering.available import RenderingTrouble, check
from medviewer.imaging.volume_rendering.body import MOST_BYTES, Body, prepare, reduction, shape_of
from medviewer.imaging.volume_rendering.camera import Camera
from medviewer.imaging.volume_rendering.label_surface import SurfaceModel
from medviewer.imaging.volume_rendering.look import Look
from medviewer.imaging.volume_rendering.presets import Colour
from medviewer.kit.child import Child, Ended, Late, forget
from medviewer.kit.frozen import frozen
from medviewer.kit.memory import free_bytes, shared_bytes
from medviewer.kit.task import TaskContext

if TYPE_CHECKING:
    from multiprocessing.shared_memory import SharedMemory

SECONDS = 30.0
SECONDS_PER_GIGABYTE = 60.0
"""The first picture of a body needs the light on each voxel; a busy machine is not an error."""
SECONDS_TO_START = 60.0
KINDS: tuple[str, ...] = ("EGL", "OSMesa", "") if sys.platform.startswith("linux") else ("",)
"""Kinds of OpenGL in the order in which they are tried: EGL and OSMesa need no screen, "" is the usual."""
TURN_SECONDS = 0.02
"""How often somebody who waits for a picture looks whether it is still wanted."""


@frozen
class Painted:
    """A surface in its colour."""

    surface: SurfaceModel
    color: Colour
    opacity: float = 1.0
    """below 1 the nearest surface is a veil over the body and over surfaces that hide what is behind them"""


@frozen
class Shot:
    """One picture of a body."""

    camera: Camera
    look: Look
    clip: tuple[tuple[float, float], ...] | None
    """(low, high) patient millimetres that are kept along x, y and z; None keeps all"""
    size: tuple[int, int]
    """(height, width)"""
    quality: str = "normal"
    quick: bool = False
    """something moves: soon is better than sharp"""
    surfaces: tuple[Painted, ...] = ()


@dataclass(eq=False, slots=True)
class Model:
    """A body in shared memory, until `end`."""

    body: Body
    memories: list[SharedMemory] = field(default_factory=list)

    @property
    def is_there(self) -> bool:
        """Whether it can still be rendered."""
        return bool(self.memories)

    @property
    def bytes(self) -> int:
        """The size of its voxels."""
        return self.body.bytes

    def end(self) -> None:
        """Give its memory back."""
        forget(self.memories)

    def described(self) -> dict[str, Any]:
        """What the process has to know of it."""
        steps = np.asarray(self.body.steps)
        spacing = np.linalg.norm(steps, axis=1)
        return {
            "memory": self.memories[0].name,
            "shape": self.body.shape,
            "origin": self.body.origin,
            "spacing": spacing.tolist(),
            "directions": (steps / spacing[:, None]).tolist(),
        }


Held = Model | SurfaceModel
"""What lies in shared memory for the renderer."""


def model(volume: Volume, context: TaskContext | None = None, around: Around = Around.KEPT) -> Model:
    """*volume* in shared memory, reduced when it is large. Slow. Raises SeriesTrouble, and Cancelled."""
    from multiprocessing.shared_memory import SharedMemory  # noqa: PLC0415  (a start without 3-D loads none)

    most = min(MOST_BYTES, free_bytes() // 4, shared_bytes() * 3 // 4)
    factors = reduction(volume.geometry, max(most, 1 << 20))
    shape = shape_of(volume.geometry, factors)
    memories = [SharedMemory(create=True, size=2 * int(np.prod(shape)))]
    try:
        out: NDArray[np.uint16] = np.ndarray(shape, np.uint16, memories[0].buf)
        body = prepare(volume, out, factors, context, around)
        del out
    except BaseException:
        forget(memories)
        raise
    return Model(body, memories)


class Renderer:
    """Renders one picture at a time; threads may share it.

    A process that dies or does not answer is told, and another one starts with the next picture.
    """

    def __init__(self) -> None:
        self._turn = Lock()
        self._child: Child | None = None
        self._numbers = count(1)
        self._is_ready = False
        self._kinds = KINDS
        self._closed = False

    @property
    def pid(self) -> int | None:
        """The process, while it runs."""
        child = self._child
        return child.pid if child is not None and child.is_alive else None

    def render(
        self, shown: Model | None, shot: Shot, keep: tuple[Held, ...] = (), context: TaskContext | None = None
    ) -> NDArray[np.uint8]:
        """The picture, (row, column, 3) RGB, read-only; without a body *shown* only the surfaces of *shot*.

        The process forgets bodies and surfaces that are neither shown nor in *keep*. Raises RenderingTrouble,
        and Cancelled: then the process gives the picture up with the next one.
        """
        context = context or TaskContext()
        with self._turn:
            context.check()
            try:
                return self._rendered(shown, shot, keep, context)
            except Ended as reason:
                self._end()
                late = isinstance(reason, Late)
                raise RenderingTrouble(
                    f"The 3-D renderer {'did not answer' if late else 'has ended unexpectedly'}.",
                    "It starts anew with the next picture: turn the body a little.",
                ) from None

    def close(self) -> None:
        """End the process."""
        self._closed = True
        self._end()

    def _rendered(
        self, shown: Model | None, shot: Shot, keep: tuple[Held, ...], context: TaskContext
    ) -> NDArray[np.uint8]:
        painted = [one.surface for one in shot.surfaces]
        seen: list[Held] = [*painted, *([] if shown is None else [shown])]
        if not all(one.is_there for one in seen):
            raise RenderingTrouble("The series of this body was closed.", "Open the study again.")
        child = self._started(context)
        height, width = shot.size
        memory = child.room(height * width * 3)
        number = next(self._numbers)
        child.send(
            {
                "number": number,
                "body": None if shown is None else shown.described(),
                "surfaces": [
                    {**one.surface.described(), "color": one.color, "opacity": one.opacity}
                    for one in shot.surfaces
                ],
                "keep": [memory.name for one in (*seen, *keep) for memory in one.memories[:1]],
                "camera": _plain(shot.camera),
                "look": _plain(shot.look),
                "clip": shot.clip,
                "size": shot.size,
                "quality": shot.quality,
                "quick": shot.quick,
                "picture": memory.name,
            }
        )
        size = sum(one.bytes for one in seen)
        self._wait(child, number, SECONDS + SECONDS_PER_GIGABYTE * size / 1e9, context)
        assert memory.buf is not None
        return read_only(np.ndarray((height, width, 3), np.uint8, memory.buf).copy())

    def _wait(self, child: Child, number: int, seconds: float, context: TaskContext) -> None:
        limit = time.monotonic() + seconds
        while True:
            while not child.has_answered(TURN_SECONDS):
                context.check()
                if time.monotonic() > limit:
                    raise Late
            answer = child.receive(0)
            if not isinstance(answer, dict):
                raise Ended
            if answer.get("number") != number:
                continue  # of a picture that nobody waited for any more
            if "refused" in answer:
                raise RenderingTrouble(f"The body cannot be rendered: {str(answer['refused'])[:200]}.", "")
            if "seconds" not in answer:
                raise Ended
            return

    def _started(self, context: TaskContext) -> Child:
        """The process, ready. A window that OpenGL cannot make may end it: then the next kind is tried."""
        if self._child is not None and self._child.is_alive and self._is_ready:
            return self._child
        check()
        from medviewer.imaging.volume_rendering.process import serve  # noqa: PLC0415  (only when needed)

        while self._kinds:
            if self._closed:
                raise RenderingTrouble("3-D has been closed.", "")
            if self._child is None or not self._child.is_alive:
                self._end()
                self._child, self._is_ready = Child("volume", partial(serve, self._kinds[0])), False
            if self._is_started(self._child, context):
                self._is_ready = True
                return self._child
            self._end()
            self._kinds = self._kinds[1:]
        self._kinds = KINDS
        raise RenderingTrouble(
            "3-D cannot be shown: this machine has no OpenGL that works.",
            "Install a driver with OpenGL; on Linux Mesa does (package libegl1).",
        )

    def _is_started(self, child: Child, context: TaskContext) -> bool:
        limit = time.monotonic() + SECONDS_TO_START
        try:
            while not child.has_answered(TURN_SECONDS):
                context.check()
                if time.monotonic() > limit:
                    raise Late
            answer = child.receive(0)
        except Late:
            raise
        except Ended:
            return False
        return isinstance(answer, dict) and "ready" in answer

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.end()


def _plain(value: Camera | Look) -> dict[str, Any]:
    found = asdict(value)
    if isinstance(value, Look):
        found["blend"] = value.blend.value
    return found
