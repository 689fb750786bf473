"""Marks that are found in a picture and drawn over it; image positions are (row, column), in pixels."""

from __future__ import annotations

import math

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
