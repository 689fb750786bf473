"""What is drawn over two renderings in one viewport: divider, lens, and what each side is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from medviewer.core.against import SignedScale, Way
from medviewer.core.voi import VOI
from medviewer.imaging.colormaps import DIVERGING, color_map
from medviewer.imaging.legend import Scale
from medviewer.imaging.overlay import LINE, MARGIN
from medviewer.imaging.shapes import ACCENT, TEXT, Drawn, Stroke, Words, shortened, width_of
from medviewer.kit.frozen import frozen

GRIP = 11.0
"""Radius of the circle on a divider."""
GAP = 10.0
"""Between a divider and the words beside it."""
CORNER_LINES = 4.5
"""Lines below the upper edge at which the words stand: under those of the corners."""
HEADLINES = 3.0
"""Lines that a headline in two rows takes."""
Spot = tuple[float, float]
MINUS = "\N{MINUS SIGN}"


@frozen
class Marks:
    """What is to be said of a comparison; positions are shares of the viewport."""

    way: Way
    own: str
    other: str
    """what the two sides are called"""
    remark: str = ""
    at: float = 0.5
    vertical: bool = True
    spot: tuple[float, float] = (0.5, 0.5)
    radius: float = 0.2
    opacity: float = 0.5
    shows_other: bool = False
    enhanced: bool = False
    """whether any of both is"""
    bare: bool = False
    """whether the other side is to be seen without annotations too"""

    @property
    def words(self) -> str:
        """Both sides in one line, for a corner."""
        match self.way:
            case Way.WIPE:
                first, second = ("left", "right") if self.vertical else ("above", "below")
                said = f"Wipe: {first} {self.other} | {second} {self.own}"
            case Way.FLICKER:
                said = f"Flicker: {self.other} | {self.own}"
            case Way.LENS:
                said = f"Lens: inside {self.other} | around {self.own}"
            case Way.BLEND:
                said = f"Blend: {self.opacity * 100:.0f} % {self.other} | {self.own}"
            case _:
                said = f"Difference: {self.own} {MINUS} {self.other}"
        said += f" ({self.remark})" if self.remark else ""
        return f"{said} · display only" if self.enhanced else said


def mark_shapes(
    marks: Marks, size: tuple[int, int], density: float = 1.0, span: str = ""
) -> tuple[Drawn, ...]:
    """Divider or lens, and the name of each side beside it; *size* is (height, width) of the viewport.

    *span* is what is said of the colours of a difference where there is no room for a legend.
    """
    match marks.way:
        case Way.WIPE if marks.vertical:
            return _upright(marks, size, density)
        case Way.WIPE:
            return _level(marks, size, density)
        case Way.LENS:
            return _lens(marks, size, density)
        case Way.FLICKER:
            now = marks.other if marks.shows_other else marks.own
            return _headline((f"Now: {now}",), size, density, TEXT if marks.shows_other else ACCENT)
        case Way.BLEND:
            said = (f"{marks.opacity * 100:.0f} % {marks.other}", f"over {marks.own}")
            return _headline(said, size, density, TEXT)
        case _:
            return _headline((marks.own, f"{MINUS} {marks.other}"), size, density, TEXT, span)


def difference_scale(scale: SignedScale) -> Scale:
    """The legend of a difference."""
    colors = color_map(DIVERGING).hex()
    return Scale(colors, VOI.from_range(-scale.span, scale.span), scale.unit, title="Difference")


def has_room_for_legend(size: tuple[int, int], density: float = 1.0) -> bool:
    """Whether the legend of a difference begins below its headline."""
    return size[0] / 3 >= (MARGIN + (CORNER_LINES + HEADLINES) * LINE) * density


def span_words(scale: SignedScale) -> str:
    """The same in a line: "−0.2 to 0.2 HU"."""
    return f"{MINUS}{scale.span:.4g} to {scale.span:.4g} {scale.unit}"


def on_own_side(drawn: Sequence[Drawn], marks: Marks, size: tuple[int, int]) -> tuple[Drawn, ...]:
    """What of *drawn* lies on the own side of a divider or of a lens; lines are cut where they cross it."""
    if marks.way not in (Way.WIPE, Way.LENS):
        return tuple(drawn)
    kept: list[Drawn] = []
    for shape in drawn:
        if isinstance(shape, Stroke):
            kept += _cut(shape, marks, size)
        elif _own_shares((shape.x, shape.y), (shape.x, shape.y), marks, size):
            kept.append(shape)
    return tuple(kept)


def on_divider(marks: Marks, size: tuple[int, int], at: tuple[float, float], within: float) -> bool:
    """Whether the viewport position *at* (x, y) is on a divider, or no farther than *within* px from it."""
    if marks.way is not Way.WIPE:
        return False
    away = at[0] - marks.at * size[1] if marks.vertical else at[1] - marks.at * size[0]
    return abs(away) <= within


def on_grip(marks: Marks, size: tuple[int, int], at: tuple[float, float], density: float = 1.0) -> bool:
    """Whether the viewport position *at* (x, y) is on the circle of a divider."""
    if marks.way is not Way.WIPE:
        return False
    x, y = _grip(marks, size)
    return math.hypot(at[0] - x, at[1] - y) <= GRIP * density


def _grip(marks: Marks, size: tuple[int, int]) -> tuple[float, float]:
    height, width = size
    return (marks.at * width, height / 2) if marks.vertical else (width / 2, marks.at * height)


def _cut(stroke: Stroke, marks: Marks, size: tuple[int, int]) -> list[Stroke]:
    """The pieces of a line on the own side."""
    points = (*stroke.points, stroke.points[0]) if stroke.closed else stroke.points
    shares = [_own_shares(a, b, marks, size) for a, b in pairwise(points)]
    if all(one == ((0.0, 1.0),) for one in shares):
        return [stroke]
    runs: list[list[Spot]] = []
    for (a, b), own in zip(pairwise(points), shares, strict=True):
        for first, last in own:
            start, end = _between(a, b, first), _between(a, b, last)
            if runs and runs[-1][-1] == start:
                runs[-1].append(end)
            else:
                runs.append([start, end])
    return [replace(stroke, points=tuple(run), closed=False) for run in runs]


def _own_shares(a: Spot, b: Spot, marks: Marks, size: tuple[int, int]) -> tuple[tuple[float, float], ...]:
    """Which parts of the way from *a* to *b*, as shares of it, lie on the own side."""
    height, width = size
    if marks.way is Way.WIPE:
        at, axis = (marks.at * width, 0) if marks.vertical else (marks.at * height, 1)
        one, other = a[axis] - at, b[axis] - at
        if one >= 0 and other >= 0:
            return ((0.0, 1.0),)
        if one < 0 and other < 0:
            return ()
        crossing = one / (one - other)
        return ((crossing, 1.0),) if other > 0 else ((0.0, crossing),)
    x, y = a[0] - marks.spot[0] * width, a[1] - marks.spot[1] * height
    dx, dy = b[0] - a[0], b[1] - a[1]
    # |a + t (b - a)| is the radius
    square, half, rest = dx * dx + dy * dy, x * dx + y * dy, x * x + y * y - (marks.radius * min(size)) ** 2
    under = half * half - square * rest
    if not square or under <= 0:
        return ((0.0, 1.0),) if rest >= 0 else ()
    into, out = (-half - math.sqrt(under)) / square, (-half + math.sqrt(under)) / square
    parts = ((0.0, min(into, 1.0)), (max(out, 0.0), 1.0))
    if into >= 1 or out <= 0:
        return ((0.0, 1.0),)
    return tuple((first, last) for first, last in parts if last > first)


def _between(a: Spot, b: Spot, share: float) -> Spot:
    if share in (0.0, 1.0):
        return b if share else a
    return (a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1]))


def _upright(marks: Marks, size: tuple[int, int], density: float) -> tuple[Drawn, ...]:
    height, width = size
    x, y, line = marks.at * width, height / 2, LINE * density
    edge = GRIP * density
    drawn: list[Drawn] = [
        Stroke(((x, 0.0), (x, y - edge)), TEXT, density),
        Stroke(((x, y + edge), (x, float(height))), TEXT, density),
        *_handle(x, y, density, upright=True),
    ]
    top, gap, margin = _top(size, density), GAP * density, MARGIN * density
    sides = ((marks.other, x - gap, 1.0, x), (marks.own, x + gap, 0.0, width - x))
    for text, left, anchor, room in sides:
        if words := shortened(text, line, room - gap - margin):
            drawn.append(Words(left, top, words, TEXT, (anchor, 0.0), line))
    return tuple(drawn)


def _level(marks: Marks, size: tuple[int, int], density: float) -> tuple[Drawn, ...]:
    height, width = size
    x, y, line = width / 2, marks.at * height, LINE * density
    edge = GRIP * density
    drawn: list[Drawn] = [
        Stroke(((0.0, y), (x - edge, y)), TEXT, density),
        Stroke(((x + edge, y), (float(width), y)), TEXT, density),
        *_handle(x, y, density, upright=False),
    ]
    start, gap = x + 2 * edge, GAP / 2 * density
    for text, level, anchor, room in ((marks.other, y - gap, 1.0, y), (marks.own, y + gap, 0.0, height - y)):
        if room >= line and (words := shortened(text, line, width - start - MARGIN * density)):
            drawn.append(Words(start, level, words, TEXT, (0.0, anchor), line))
    return tuple(drawn)


def _handle(x: float, y: float, density: float, upright: bool) -> tuple[Drawn, ...]:
    """A circle with two arrow heads that point to where it can be dragged."""
    tip, back, half = 6.5 * density, 2.5 * density, 3.5 * density
    heads = []
    for way in (-1, 1):
        points = ((way * back, -half), (way * tip, 0.0), (way * back, half))
        heads.append(
            Stroke(tuple((x + a, y + b) if upright else (x + b, y + a) for a, b in points), TEXT, density)
        )
    return (_circle(x, y, GRIP * density, density), *heads)


def _lens(marks: Marks, size: tuple[int, int], density: float) -> tuple[Drawn, ...]:
    height, width = size
    x, y = marks.spot[0] * width, marks.spot[1] * height
    radius, line, gap = marks.radius * min(size), LINE * density, GAP / 2 * density
    drawn: list[Drawn] = [_circle(x, y, radius, density)]
    room = width - 2 * MARGIN * density
    for text, level, anchor in (
        (f"Inside: {marks.other}", y + radius + gap, 0.0),
        (f"Around: {marks.own}", y - radius - gap, 1.0),
    ):
        words = shortened(text, line, room)
        half = width_of(words, line) / 2
        middle = min(max(x, MARGIN * density + half), max(width - MARGIN * density - half, width / 2))
        low, high = (0.0, height - line) if anchor == 0.0 else (line, float(height))
        drawn.append(Words(middle, min(max(level, low), high), words, TEXT, (0.5, anchor), line))
    return tuple(drawn)


def _headline(
    parts: Sequence[str], size: tuple[int, int], density: float, color: str, below: str = ""
) -> tuple[Drawn, ...]:
    """The parts in one line, or one below the other where that has no room; *below* in a line of its own."""
    line, room = 1.15 * LINE * density, size[1] - 2 * MARGIN * density
    whole = " ".join(parts)
    rows = [whole] if width_of(whole, line) <= room else list(parts)
    words = [shortened(one, line, room) for one in (*rows, below)]
    top = _top(size, density)
    return tuple(
        Words(size[1] / 2, top + at * 1.2 * line, one, color, (0.5, 0.0), line)
        for at, one in enumerate(words)
        if one
    )


def _top(size: tuple[int, int], density: float) -> float:
    return min((MARGIN + CORNER_LINES * LINE) * density, size[0] / 3)


def _circle(x: float, y: float, radius: float, density: float) -> Stroke:
    count = 72
    turns = (2 * math.pi * number / count for number in range(count))
    points = tuple((x + radius * math.cos(turn), y + radius * math.sin(turn)) for turn in turns)
    return Stroke(points, TEXT, density, closed=True)
