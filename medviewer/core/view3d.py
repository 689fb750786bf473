"""A stack looked at as a body: from where, with which preset, and what is cut away."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum

from medviewer.core.vectors import Vector, cross, rotated, squared
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


class Shows(Enum):
    """What of a stack is seen."""

    BODY = "body"
    BOTH = "both"
    """the body, and its visible labels as surfaces in it"""
    LABELS = "labels"


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
    shows: Shows = Shows.BOTH
    table: bool = False
    """whether what lies beside the patient is to be seen too: the table, cushions, tubes"""

    @property
    def forward(self) -> Vector:
        """Unit vector in which the reader looks."""
        return cross(self.along_row, self.along_column)

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
        row = rotated(self.along_row, self.along_column, right)
        column = rotated(self.along_column, row, -down)
        forward = cross(row, column)
        row, column = squared(rotated(row, forward, -roll), rotated(column, forward, -roll))
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
