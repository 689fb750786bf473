"""Marks that are found in a picture and drawn over it; image positions are (row, column), in pixels."""

from __future__ import annotations

import math
from collections.abc import Iterable

from medviewer.kit.frozen import frozen

Position = tuple[float, float]
"""(row, column); (0, 0) is the centre of the first pixel"""


@frozen
class Segment:
    """A straight line from one place to another."""

    start: Position
    end: Position

    @property
    def length_px(self) -> float:
        """From end to end."""
        return math.dist(self.start, self.end)


@frozen
class Circle:
    """All places at one distance from its centre, counted in pixels of the picture."""

    center: Position
    radius_px: float


Mark = Segment | Circle


def moved(marks: Iterable[Mark], scale: Position, start: Position) -> tuple[Mark, ...]:
    """*marks* of a part of a picture, on the whole of it.

    *scale* says how many of its rows and columns one of the part's is, *start* at which (row, column) of its
    pixels the part begins. Where both differ a circle keeps its width.
    """

    def place(at: Position) -> Position:
        return ((at[0] + 0.5) * scale[0] - 0.5 + start[0], (at[1] + 0.5) * scale[1] - 0.5 + start[1])

    return tuple(
        Segment(place(mark.start), place(mark.end))
        if isinstance(mark, Segment)
        else Circle(place(mark.center), mark.radius_px * scale[1])
        for mark in marks
    )
