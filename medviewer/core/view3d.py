"""A stack looked at as a body: from where, with which preset, and what is cut away."""

from __future__ import annotations

import math
from dataclasses import replace
from enum import Enum

from medviewer.core.geometry import Vector
from medviewer.kit.errors import BadValue
from medviewer.kit.frozen import frozen

Shares = tuple[float, float]
"""(low, high) of what is kept along one axis: 0 is one end of the stack, 1 the other"""

AXES = ("right-left", "front-back", "feet-head")
"""The axes along which a stack is clipped, those of the patient: x, y and z (PS3.3 C.7.6.2.1.1)."""
WHOLE: tuple[Shares, Shares, Shares] = ((0.0, 1.0), (0.0, 1.0), (0.0, 1.0))
THINNEST = 0.01
"""The least that clipping leaves along an axis."""


class Quality(Enum):
    """How much work a picture is worth once nothing moves any more."""

    FAST = "fast"
    NORMAL = "normal"
    FINE = "fine"


_FACES: dict[str, tuple[Vector, Vector]] = {
    "anterior": ((1.0, 0.0, 0.0), (0.0, 0.0, -1.0)),
    "posterior": ((-1.0, 0.0, 0.0), (0.0, 0.0, -1.0)),
    "left": ((0.0, 1.0, 0.0), (0.0, 0.0, -1.0)),
    "right": ((0.0, -1.0, 0.0), (0.0, 0.0, -1.0)),
    "head": ((-1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
    "feet": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
}
FACES = tuple(_FACES)


@frozen
class View3D:
    """A stack as a body, seen in parallel projection. Zoom and place are those of the viewport."""

    preset: str
    """the name of a preset of resources/volume_presets.json"""
    along_row: Vector = _FACES["anterior"][0]
    """unit vector in the patient that points to the right of the picture"""
    along_column: Vector = _FACES["anterior"][1]
    """unit vector in the patient that points down on the picture, at right angles to the other"""
    clip: tuple[Shares, Shares, Shares] = WHOLE
    """what is kept along each of `AXES`"""
    quality: Quality = Quality.NORMAL
    table: bool = False
    """whether what lies beside the patient is to be seen too: the table, cushions, tubes"""

    @property
    def forward(self) -> Vector:
        """Unit vector in which the reader looks."""
        return _cross(self.along_row, self.along_column)

    def from_face(self, name: str) -> View3D:
        """Seen straight from one of `FACES`. Raises BadValue."""
        try:
            along_row, along_column = _FACES[name]
        except KeyError:
            raise BadValue(
                f"There is no side called {name!r:.40}.", f"There are: {', '.join(FACES)}."
            ) from None
        return replace(self, along_row=along_row, along_column=along_column)

    def turned(self, right: float, down: float, roll: float = 0.0) -> View3D:
        """With the body turned by degrees: its near side to the right, down, and all of it clockwise."""
        row, column = self.along_row, self.along_column
        row, forward = _rotated(row, _cross(row, column), -right)
        column, _ = _rotated(column, forward, -down)
        row, column = _rotated(row, column, -roll)
        row = _unit(row)
        # kept at right angles however often it is turned
        column = _unit(_minus(column, row, _dot(column, row)))
        return replace(self, along_row=row, along_column=column)

    def clipped(self, axis: str, low: float, high: float) -> View3D:
        """With another part kept along one of `AXES`. Raises BadValue."""
        if axis not in AXES:
            raise BadValue(f"There is no axis called {axis!r:.40}.", f"There are: {', '.join(AXES)}.")
        low = min(max(low, 0.0), 1.0 - THINNEST)
        high = min(max(high, low + THINNEST), 1.0)
        at = AXES.index(axis)
        first, second, third = ((low, high) if number == at else old for number, old in enumerate(self.clip))
        return replace(self, clip=(first, second, third))


def _rotated(one: Vector, other: Vector, degrees: float) -> tuple[Vector, Vector]:
    """Both vectors turned in their common plane; positive turns *one* towards *other*."""
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    a, b, c = (cosine * u + sine * v for u, v in zip(one, other, strict=True))
    d, e, f = (cosine * v - sine * u for u, v in zip(one, other, strict=True))
    return (a, b, c), (d, e, f)


def _cross(a: Vector, b: Vector) -> Vector:
    return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])


def _dot(a: Vector, b: Vector) -> float:
    return math.fsum(u * v for u, v in zip(a, b, strict=True))


def _minus(a: Vector, b: Vector, times: float) -> Vector:
    return (a[0] - times * b[0], a[1] - times * b[1], a[2] - times * b[2])


def _unit(a: Vector) -> Vector:
    length = math.hypot(*a)
    return (a[0] / length, a[1] / length, a[2] / length)
