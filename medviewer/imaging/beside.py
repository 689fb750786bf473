"""Where the words of something drawn stand: beside it, inside the viewport, and not on other words."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from medviewer.imaging.shapes import ColorBar, Drawn, Stroke, Words, width_of
from medviewer.kit.frozen import frozen

T = TypeVar("T")
NOTHING = 1e-6
"""A cost that is only rounding."""
UNREADABLE = 10.0
"""How much worse words on words are than words on a picture."""
CROSSED = 1.0
"""How much worse words over another drawing are: they would be taken for that one's."""


@frozen
class Box:
    """A rectangle of the viewport, in device pixels."""

    left: float
    top: float
    right: float
    bottom: float

    def overlap(self, other: Box) -> float:
        """The area that both cover."""
        wide = min(self.right, other.right) - max(self.left, other.left)
        high = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(wide, 0.0) * max(high, 0.0)

    def distance(self, other: Box) -> float:
        """How far apart the nearest sides are, 0 when they touch."""
        across = max(self.left - other.right, other.left - self.right, 0.0)
        down = max(self.top - other.bottom, other.top - self.bottom, 0.0)
        return math.hypot(across, down)

    def united(self, other: Box) -> Box:
        """The smallest rectangle around both."""
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    def moved_into(self, size: tuple[int, int], margin: float) -> Box:
        """The same, moved to where a viewport of *size* (height, width) shows all of it, or its start."""
        wide, high = self.right - self.left, self.bottom - self.top
        left = max(min(self.left, size[1] - wide - margin), margin)
        top = max(min(self.top, size[0] - high - margin), margin)
        return Box(left, top, left + wide, top + high)


def box_of(shape: Drawn) -> Box:
    """What words, a stroke or a bar of colours cover. Raises TypeError for other shapes."""
    if isinstance(shape, Words):
        wide = width_of(shape.text, shape.size)
        left, top = shape.x - shape.anchor[0] * wide, shape.y - shape.anchor[1] * shape.size
        return Box(left, top, left + wide, top + shape.size)
    if isinstance(shape, Stroke):
        return box_around(shape.points)
    if isinstance(shape, ColorBar):
        return Box(shape.x, shape.y, shape.x + shape.width, shape.y + shape.height)
    raise TypeError(shape)


def box_around(points: Sequence[tuple[float, float]]) -> Box:
    """The smallest rectangle around positions (x, y)."""
    xs, ys = zip(*points, strict=True)
    return Box(min(xs), min(ys), max(xs), max(ys))


def place(
    outline: Sequence[tuple[float, float]],
    lines: Sequence[str],
    height: float,
    gap: float,
    size: tuple[int, int],
    taken: Sequence[Box],
    drawn: Sequence[Box] = (),
) -> Box:
    """Where *lines* of text, each *height* high, stand beside an *outline* of (x, y) positions.

    To the right of it when there is room, else to the left, below or above; on none of the boxes that are
    *taken* if that can be, and rather a little over the outline than far from it.
    """
    wide, high = _extent(lines, height)
    own = box_around(outline)
    level = own.top if len(outline) > 4 else max(outline)[1]

    def cost(box: Box) -> float:
        """Area that hides something; what is far away counts as well."""
        hidden = UNREADABLE * sum(box.overlap(other) for other in taken) + box.overlap(own) / 2
        hidden += CROSSED * sum(box.overlap(other) for other in drawn)
        return hidden + height * max(box.distance(own) - gap, 0.0)

    corners = _corners(own, level, wide, high, gap, taken)
    boxes = (Box(left, top, left + wide, top + high).moved_into(size, gap) for left, top in corners)
    return least(boxes, cost)


def least(found: Iterable[T], cost: Callable[[T], float]) -> T:
    """What costs least, the first of several; nothing is looked at beyond what costs nothing.

    Raises ValueError where nothing is found.
    """
    costs = []
    for one in found:
        costs.append((cost(one), one))
        if costs[-1][0] < NOTHING:
            break
    return min(costs, key=lambda pair: pair[0])[1]


def at_point(
    point: tuple[float, float], lines: Sequence[str], height: float, gap: float, size: tuple[int, int]
) -> Box:
    """Where *lines* of text stand that the reader has put at a point: right of it, inside the viewport."""
    wide, high = _extent(lines, height)
    left, top = point[0] + gap, point[1]
    return Box(left, top, left + wide, top + high).moved_into(size, gap)


def _extent(lines: Sequence[str], height: float) -> tuple[float, float]:
    return max(width_of(text, height) for text in lines), len(lines) * height


def _corners(
    own: Box, level: float, wide: float, high: float, gap: float, taken: Sequence[Box]
) -> Iterator[tuple[float, float]]:
    """Upper left corners that may do, the best first."""
    right, left = own.right + gap, own.left - gap - wide
    yield right, level
    yield left, level
    yield own.left, own.bottom + gap
    yield own.left, own.top - gap - high
    for other in taken:
        for top in (other.bottom, other.top - high):
            yield right, top
            yield left, top
