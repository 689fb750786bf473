"""Lengths, angles, regions and notes, drawn in the patient and not on the screen.

Points are patient millimetres (see core.geometry.Plane for pictures without a place in the patient). What an
annotation measures is computed from them by imaging.measure and never stored.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from enum import Enum
from typing import Any

from medviewer.core.codes import Code
from medviewer.core.geometry import Plane
from medviewer.core.vectors import Point
from medviewer.kit.errors import BadValue
from medviewer.kit.frozen import frozen

MOST_POINTS = 20_000


class Shape(Enum):
    """The kinds of annotation; the value is a word, and the least and the largest number of points."""

    LENGTH = ("length", 2, 2)
    BIDIRECTIONAL = ("bidirectional", 4, 4)
    """both ends of the longest diameter, then both ends of the one across (RECIST 1.1)"""
    ANGLE = ("angle", 3, 3)
    """the second point is the apex"""
    COBB = ("cobb", 4, 4)
    """both ends of one line, then both ends of the other"""
    RECTANGLE = ("rectangle", 2, 2)
    """two opposite corners"""
    ELLIPSE = ("ellipse", 2, 2)
    """two opposite corners of the box around it"""
    POLYGON = ("polygon", 3, MOST_POINTS)
    """corners of a closed outline"""
    FREEHAND = ("freehand", 3, MOST_POINTS)
    """a closed outline as it was drawn"""
    POINT = ("point", 1, 1)
    PROFILE = ("profile", 2, 2)
    """a line along which values are plotted"""
    ARROW = ("arrow", 2, 2)
    """the first point is what it points at"""
    TEXT = ("text", 1, 1)

    @property
    def word(self) -> str:
        """The name in files and commands."""
        return self.value[0]

    @property
    def points(self) -> int:
        """How many points define it, at the least."""
        return self.value[1]

    @property
    def is_outline(self) -> bool:
        """Whether it has as many points as the reader likes."""
        return self.value[2] > self.value[1]

    @property
    def is_area(self) -> bool:
        """Whether it goes around pixels."""
        return self.is_outline or self in (Shape.RECTANGLE, Shape.ELLIPSE)

    @property
    def is_measured(self) -> bool:
        """Whether it says a number, and so has a name of its own."""
        return self not in (Shape.ARROW, Shape.TEXT)

    @classmethod
    def of(cls, word: str) -> Shape:
        """The shape called *word*. Raises BadValue."""
        for shape in cls:
            if shape.word == word:
                return shape
        raise BadValue(f"There is no annotation called {word!r:.40}.", "")


@frozen
class Annotation:
    """Something a reader drew."""

    shape: Shape
    points: tuple[Point, ...]
    frame_of_reference: str
    text: str = ""
    meaning: Code | None = None
    """what kind of finding it is about"""
    tracking: str = ""
    """UID under which other studies follow the same thing; "" is none yet"""
    source: str = ""
    """SOP Instance UID of the object that it was read from"""
    number: int = 0
    """which one of its kind in its series it is, from 1; 0 where that was never said"""
    id: str = field(default_factory=lambda: os.urandom(16).hex())

    def __post_init__(self) -> None:
        word, least, most = self.shape.value
        if not least <= len(self.points) <= most:
            wanted = f"{least} points" if least == most else f"{least} to {most:,} points"
            raise BadValue(f"A {word} has {wanted}, not {len(self.points)}.", "")
        if not all(math.isfinite(value) for point in self.points for value in point):
            raise BadValue(f"A point of this {self.shape.word} lies nowhere.", "")

    def moved(self, at: int, to: Point) -> Annotation:
        """With one point somewhere else."""
        return replace(self, points=(*self.points[:at], to, *self.points[at + 1 :]))

    def shifted(self, by: Point) -> Annotation:
        """With all points moved by the same step."""
        return replace(self, points=tuple((x + by[0], y + by[1], z + by[2]) for x, y, z in self.points))

    def lies_on(self, plane: Plane, within_mm: float) -> bool:
        """Whether this is to be seen on *plane*: all its points lie within *within_mm* of it."""
        if self.frame_of_reference != plane.frame_of_reference:
            return False
        return all(abs(plane.distance(point)) <= within_mm for point in self.points)

    def to_dict(self) -> dict[str, Any]:
        """This for a JSON file."""
        return {
            "shape": self.shape.word,
            "points_mm": [list(point) for point in self.points],
            "frame_of_reference": self.frame_of_reference,
            "text": self.text,
            "meaning": None if self.meaning is None else self.meaning.to_list(),
            "tracking": self.tracking,
            "source": self.source,
            "number": self.number,
            "id": self.id,
        }

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> Annotation:
        """The annotation that `to_dict` wrote. Raises BadValue when it is none."""
        try:
            points = tuple((float(x), float(y), float(z)) for x, y, z in found["points_mm"])
            shape, frame = Shape.of(str(found["shape"])), str(found["frame_of_reference"])
            text, meaning = str(found.get("text", "")), found.get("meaning")
            return cls(
                shape,
                points,
                frame,
                text,
                None if meaning is None else Code.of(meaning),
                str(found.get("tracking", "")),
                str(found.get("source", "")),
                int(found.get("number", 0)),
                str(found["id"]),
            )
        except (KeyError, TypeError, ValueError, OverflowError):
            raise BadValue("A saved annotation is damaged.", "") from None


def free_number(annotations: Iterable[Annotation], shape: Shape) -> int:
    """The number of the next annotation of a kind: one more than the largest there is."""
    return max((one.number for one in annotations if one.shape is shape), default=0) + 1


def names(annotations: Sequence[Annotation]) -> dict[str, str]:
    """What each of the annotations of a series is called, by id: its words, else its kind and number.

    One that has no number gets the first that is free, in the order in which they were drawn.
    """
    taken = {(one.shape, one.number) for one in annotations if one.number}
    found = {}
    for one in annotations:
        number = one.number
        if not number:
            number = next(at for at in range(1, len(annotations) + 2) if (one.shape, at) not in taken)
            taken.add((one.shape, number))
        found[one.id] = one.text or f"{one.shape.word.capitalize()} {number}"
    return found
